"""Checks all day long: each in its time, none that holds up the others, one alert a change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from cockpit.app.health.findings import Findings, HealthChanged
from cockpit.app.health.probe import Probe
from cockpit.app.health.probes import checked_probes
from cockpit.app.health.watch import AGAIN_S, HealthWatch
from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import AlertState, Severity
from cockpit.domain.connection import Connection, Health
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import ConnectionChanged
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.health import Check, CheckState
from tests.support.waiting import eventually
from tests.toyserver import ToyServer
from tests.unit.adapters.feeds.alpaca.kit import running

OK, WARNING, FAILED, UNKNOWN = CheckState


class Part:
    """Something that can be asked, and says what it is told to."""

    def __init__(self, name: str = "account") -> None:
        self.name = name
        self.state, self.found, self.step = OK, "Fine.", ""
        self.asked = 0
        self.hangs = False
        self.error: Exception | None = None
        self.others: tuple[str, ...] = ()

    async def checks(self) -> Sequence[Check]:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        first = Check(
            name=self.name,
            state=self.state,
            found=self.found,
            next_step=self.step,
            required=True,
        )
        return [first, *(Check(name=n, state=OK, found="Fine.") for n in self.others)]

    def probe(self, **changes: object) -> Probe:
        given = {"group": "broker toy", "name": self.name, "ask": self.checks, "every_s": 10.0}
        return Probe(**(given | {"within_s": 0.05} | changes))  # type: ignore[arg-type]


class Room:
    """A watch on a clock of its own, and all that it told."""

    def __init__(self) -> None:
        self.clock, self.bus = VirtualClock(1_000 * SECOND), Bus()
        self.supervisor = Supervisor(self.clock)
        self.alerts = Alerts(self.bus, self.clock)
        self.findings = Findings()
        self.told: list[HealthChanged] = []
        self.bus.subscribe(HealthChanged, self.told.append)
        self.watch = HealthWatch(
            findings=self.findings,
            clock=self.clock,
            session_clock=self.clock,
            bus=self.bus,
            supervisor=self.supervisor,
            alerts=self.alerts,
        )

    def state(self, key: str = "broker toy/account") -> CheckState:
        found = self.findings.get(key)
        assert found is not None
        return found.check.state

    def pass_time(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now_ns() + round(seconds * SECOND))


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    yield room
    await room.supervisor.stop()


async def test_a_change_is_told_once_and_raises_one_alert(room: Room) -> None:
    part = Part()
    room.watch.ask_of([part.probe()])
    await room.watch.check_now()
    await room.watch.check_now()
    assert [f.check.state for change in room.told for f in change.findings] == [OK]
    assert room.alerts.all() == []

    part.state, part.found, part.step = FAILED, "Trading is blocked.", "Call the broker."
    await room.watch.check_now()
    await room.watch.check_now()
    [alert] = room.alerts.active()
    assert (alert.key, alert.severity, alert.count) == (
        "health.broker toy/account",
        Severity.CRITICAL,
        1,
    )
    assert "Trading is blocked. Call the broker." in alert.text

    part.state, part.found, part.step = OK, "Fine.", ""
    await room.watch.check_now()
    assert [a.state for a in room.alerts.all()] == [AlertState.CLEARED]
    assert [f.check.state for f in room.findings.changes()] == [OK, FAILED, OK]


async def test_a_session_that_flaps_is_seen_at_once_and_told_once(room: Room) -> None:
    part = Part("broker toy")
    room.watch.ask_of([part.probe(group="session", every_s=5.0)])
    room.watch.start()
    await eventually(lambda: part.asked == 1)
    for number in range(4):  # it breaks and comes back, between two looks
        for state, health in ((FAILED, Health.DOWN), (OK, Health.UP)):
            part.state = state
            lamp = Connection(name="toy", kind="broker", health=health)
            room.bus.publish(ConnectionChanged(connection=lamp, ts_event=0, ts_init=0))
            await eventually(lambda s=state: room.state("session/broker toy") is s)
        assert len(room.findings.changes()) == 3 + 2 * number
    assert room.alerts.all() == []
    part.state = FAILED
    room.pass_time(5.6)
    await eventually(room.alerts.active)
    assert [alert.count for alert in room.alerts.active()] == [1]
    part.state = OK
    room.pass_time(5.6)
    await eventually(lambda: not room.alerts.active())


async def test_one_lost_answer_is_no_change_two_are(room: Room) -> None:
    part = Part()
    room.watch.ask_of([part.probe()])
    await room.watch.check_now()
    part.hangs = True
    await room.watch.check_now()
    assert room.state() is OK
    await room.watch.check_now()
    assert room.state() is UNKNOWN
    assert room.findings.why_not(room.clock.now_ns()).startswith("broker toy, account: It could")
    part.hangs = False
    await room.watch.check_now()
    assert room.state() is OK
    assert room.alerts.active() == []


async def test_who_raises_is_a_finding_and_the_others_are_asked(room: Room) -> None:
    bad, good = Part("feed"), Part()
    bad.error = ZeroDivisionError("by zero")
    room.watch.ask_of([bad.probe(), good.probe()])
    await room.watch.check_now()
    assert (room.state("broker toy/feed"), room.state()) == (UNKNOWN, OK)
    bad.error = CockpitError("401", user_text="The broker refused the key.")
    await room.watch.check_now()
    found = room.findings.get("broker toy/feed")
    assert found is not None
    assert (found.check.state, found.check.found) == (FAILED, "The broker refused the key.")
    assert found.check.hinders


async def test_prices_that_the_data_plan_does_not_cover(room: Room) -> None:
    async with ToyServer() as toy:
        toy.market.faults.plans = ("iex",)
        async with running(toy, feed="sip") as feed:
            await feed.failed()
            room.watch.ask_of(checked_probes({"feed alpaca": feed.feed}))
            await room.watch.check_now()
    [refused] = room.findings.hindering(room.clock.now_ns())
    assert refused.name == "feed alpaca, market data stream"
    assert refused.check.state is FAILED
    assert "DATA_PLAN" in refused.check.found
    [alert] = room.alerts.active()
    assert alert.severity is Severity.CRITICAL


async def test_a_part_of_several_checks_that_falls_silent(room: Room) -> None:
    part = Part()
    part.others = ("stream", "budget")
    room.watch.ask_of([part.probe(name="broker toy")])
    await room.watch.check_now()
    part.hangs = True
    await room.watch.check_now()
    assert [f.check.name for f in room.findings.all()] == ["account", "stream", "budget"]
    await room.watch.check_now()
    assert room.state("broker toy/broker toy") is UNKNOWN
    assert room.state() is OK  # what it was; it is too old soon
    part.hangs, part.others = False, ("stream",)
    await room.watch.check_now()
    assert [f.check.name for f in room.findings.all()] == ["account", "stream"]
    assert room.told[-1].gone == ("broker toy/broker toy", "broker toy/budget")
    assert room.alerts.active() == []


async def test_each_is_asked_in_its_own_time_and_one_that_hangs_holds_nobody_up(
    room: Room,
) -> None:
    stuck, quick = Part("stuck"), Part("quick")
    stuck.hangs = True
    room.watch.ask_of([stuck.probe(within_s=30.0, every_s=2.0), quick.probe(every_s=10.0)])
    room.watch.start()
    await eventually(lambda: quick.asked == 1)
    room.pass_time(8.9)
    await eventually(lambda: stuck.asked == 1)
    assert quick.asked == 1
    room.pass_time(2.2)
    await eventually(lambda: quick.asked == 2)
    assert stuck.asked == 1


async def test_after_a_lost_answer_it_is_asked_again_soon(room: Room) -> None:
    part = Part()
    room.watch.ask_of([part.probe(every_s=600.0)])
    room.watch.start()
    await eventually(lambda: part.asked == 1)
    part.hangs = True
    room.pass_time(661)
    await eventually(lambda: room.watch._missed[0])
    part.hangs = False
    await eventually(lambda: room.clock.next_timer_ns() is not None)
    room.pass_time(AGAIN_S)
    await eventually(lambda: part.asked == 3)
    assert room.state() is OK


async def test_what_was_not_looked_at_for_long_proves_nothing(room: Room) -> None:
    part = Part()
    room.watch.ask_of([part.probe()])
    await room.watch.check_now()
    assert room.findings.why_not(room.clock.now_ns()) == ""
    room.pass_time(31)  # the machine slept
    assert "not checked for 31 s" in room.findings.why_not(room.clock.now_ns())


async def test_what_was_looked_at_in_the_future_proves_nothing(room: Room) -> None:
    part = Part()
    room.watch.ask_of([part.probe()])
    await room.watch.check_now()
    earlier = room.clock.now_ns() - 600 * SECOND  # the machine's clock was set back
    assert "not checked since the clock was set back" in room.findings.why_not(earlier)
    [finding] = room.findings.all()
    assert finding.too_old(earlier)


async def test_only_old_findings_are_asked_for_anew(room: Room) -> None:
    old, eager = Part("old"), Part("eager")
    room.watch.ask_of([old.probe(), eager.probe(eager=True)])
    await room.watch.check_now()
    await room.watch.check_now(newer_than_s=5.0)
    assert (old.asked, eager.asked) == (1, 2)
    room.pass_time(6)
    await room.watch.check_now(newer_than_s=5.0)
    assert (old.asked, eager.asked) == (2, 3)


def test_nothing_checked_is_not_green() -> None:
    assert Findings().why_not(0) == "Nothing has been checked yet."

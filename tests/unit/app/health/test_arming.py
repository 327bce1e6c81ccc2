"""Armed only by a person, only while all is green, and never for longer than that."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from cockpit.adapters.storage import open_store
from cockpit.app.arming import AGAIN_S, Arming, NotArmedError
from cockpit.app.launch import STORE_NAME
from cockpit.app.telling.alerts import Alerts
from cockpit.app.unattended.arm_at_start import arm_when_green
from cockpit.domain.account import Account, Mode
from cockpit.domain.approval import Autonomy
from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import (
    AccountChanged,
    ArmingChanged,
    ConnectionChanged,
    RecoveryChanged,
)
from cockpit.domain.limits import TradingState
from cockpit.domain.recovery import RecoveryPhase
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.store import Store, StoreError
from cockpit.trading.state import TradingSwitch
from tests.support.set_clock import SetClock
from tests.support.waiting import eventually

IDLE_S = 900.0


class Room:
    """Arming on real parts: bus, ledger, trading state; a clock set by hand."""

    def __init__(self, store: Store) -> None:
        self.clock, self.wall, self.bus = VirtualClock(0), SetClock(0), Bus()
        self.supervisor = Supervisor(self.clock)
        self.alerts = Alerts(self.bus, self.clock)
        self.switch = TradingSwitch(self.bus, self.clock)
        self.hindrance = ""
        self.looks = 0
        self.told: list[ArmingChanged] = []
        self.bus.subscribe(ArmingChanged, self.told.append)
        self.store = store
        self.arming = Arming(
            bus=self.bus,
            clock=self.clock,
            wall=self.wall,
            supervisor=self.supervisor,
            store=store,
            alerts=self.alerts,
            account_id="DEMO-1",
            idle_s=IDLE_S,
        )
        self.arming.guarded_by(self._look, lambda: self.hindrance)
        self.switch.on_latch(self.arming.latched)

    async def _look(self) -> None:
        self.looks += 1

    def lamp(self, health: Health) -> None:
        lamp = Connection(name="toy", kind="broker", health=health)
        self.bus.publish(ConnectionChanged(connection=lamp, ts_event=0, ts_init=0))

    def account(self, name: str) -> None:
        account = Account(
            account_id=name,
            mode=Mode.DEMO,
            cash=Decimal(1),
            equity=Decimal(1),
            buying_power=Decimal(1),
        )
        self.bus.publish(AccountChanged(account=account, ts_event=0, ts_init=0))

    def recovers(self) -> None:
        change = RecoveryChanged(
            phase=RecoveryPhase.RECOVERING, text="Compared.", ts_event=0, ts_init=0
        )
        self.bus.publish(change)

    def pass_time(self, seconds: float) -> None:
        self.wall.advance_to(self.wall.elapsed_ns() + round(seconds * SECOND))


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    store = await open_store(tmp_path / STORE_NAME)
    room = Room(store)
    yield room
    await room.arming.close()
    await room.clock.settled()
    await room.supervisor.stop()
    await store.close()


def rows(folder: Path) -> list[tuple[bool, str]]:
    with closing(sqlite3.connect(folder / STORE_NAME)) as db:
        found = db.execute("select payload from audit where kind = 'arming' order by seq")
        told = [json.loads(payload) for (payload,) in found]
    return [(row["armed"], row["reason"]) for row in told]


async def test_off_at_start_and_on_by_a_person_s_word(room: Room, tmp_path: Path) -> None:
    assert not room.arming.armed
    assert room.arming.autonomy_of(Autonomy.BOUNDED) is Autonomy.APPROVE
    await room.arming.arm("Armed by you")
    assert room.arming.armed
    assert room.looks == 1
    assert [(e.armed, e.reason) for e in room.told] == [(True, "Armed by you")]
    assert room.arming.autonomy_of(Autonomy.BOUNDED) is Autonomy.BOUNDED
    assert room.arming.autonomy_of(Autonomy.MANUAL) is Autonomy.MANUAL
    room.arming.disarm("Disarmed by you", told=False)
    assert not room.arming.armed
    assert room.alerts.all() == []
    await room.clock.settled()
    assert rows(tmp_path) == [(True, "Armed by you"), (False, "Disarmed by you")]


async def test_it_says_what_hinders_and_stays_off(room: Room, tmp_path: Path) -> None:
    room.hindrance = "ledger, disk: 0.0 GB free. Make room."
    with pytest.raises(NotArmedError) as refused:
        await room.arming.arm("Armed by you")
    assert "disk: 0.0 GB free. Make room." in refused.value.user_text
    assert not room.arming.armed
    assert rows(tmp_path) == []


@pytest.mark.parametrize("health", [Health.DOWN, Health.STALE, Health.AUTH_FAILED, Health.ENDED])
async def test_it_falls_with_a_session(room: Room, health: Health) -> None:
    await room.arming.arm("Armed by you")
    room.lamp(Health.UP)
    room.lamp(Health.PAUSED)
    assert room.arming.armed
    room.lamp(health)
    assert not room.arming.armed
    [alert] = room.alerts.active()
    assert alert.title == "Disarmed"
    assert "The broker toy is" in alert.text


@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
async def test_it_falls_in_the_instant_of_a_halt_and_a_resume_does_not_arm(
    room: Room, state: TradingState
) -> None:
    await room.arming.arm("Armed by you")
    seen: list[bool] = []
    room.switch.on_latch(lambda _state: seen.append(room.arming.armed))
    room.switch.tighten(state, "Enough.")
    assert seen == [False]
    await room.switch.resume("Resumed by you")
    assert not room.arming.armed


async def test_it_falls_with_another_account_and_with_its_books(room: Room) -> None:
    await room.arming.arm("Armed by you")
    room.account("DEMO-1")
    assert room.arming.armed
    room.account("LIVE-7")
    assert (room.arming.armed, room.arming.reason) == (False, "The account is LIVE-7 now.")

    await room.arming.arm("Armed by you")
    room.recovers()
    assert (room.arming.armed, room.arming.reason) == (
        False,
        "Ledger and broker are compared anew.",
    )


async def test_it_falls_when_nobody_is_there(room: Room) -> None:
    await room.arming.arm("Armed by you")
    room.pass_time(IDLE_S - 1)
    room.arming.touch()
    room.pass_time(IDLE_S - 1)
    assert room.arming.armed
    room.pass_time(2)
    assert not room.arming.armed
    assert room.arming.reason == "Nobody touched the cockpit for 15 minutes."
    await room.arming.arm("Armed by you")
    room.pass_time(IDLE_S + 1)
    assert not room.arming.armed


async def test_a_clock_that_is_set_back_holds_nobody_armed(room: Room) -> None:
    room.arming.touch()
    await room.arming.arm("Armed by you")
    room.wall.set_by_s = -3600
    room.pass_time(IDLE_S + 1)
    assert not room.arming.armed


async def test_a_machine_that_slept_counts_as_nobody_there(room: Room) -> None:
    await room.arming.arm("Armed by you")
    room.pass_time(1)
    room.wall.set_by_s = 8 * 3600  # time that passed asleep is only on the wall
    room.pass_time(IDLE_S - 1)
    assert not room.arming.armed


@pytest.mark.parametrize("how", ["a person", "a halt"])
async def test_the_word_given_with_the_start_ends_with_a_disarm(room: Room, how: str) -> None:
    room.hindrance = "Not checked yet: clock."

    async def arm(who: str) -> None:
        try:
            await room.arming.arm(who)
        finally:  # and then all is green
            room.hindrance = ""
            if how == "a person":
                room.arming.disarm("Disarmed by you", told=False)
            else:
                room.arming.latched(TradingState.HALTED)

    core = SimpleNamespace(commands=SimpleNamespace(arm=arm), alerts=room.alerts)
    await arm_when_green(core, room.arming)  # type: ignore[arg-type]
    assert not room.arming.armed
    assert [alert.title for alert in room.alerts.all()] == ["It could not be armed"]


async def test_a_fall_while_it_is_being_written_wins(room: Room) -> None:
    class Slow:
        async def record(self, *_given: object) -> None:
            room.lamp(Health.DOWN)

    room.arming._store = Slow()  # type: ignore[assignment]
    with pytest.raises(NotArmedError, match="meanwhile"):
        await room.arming.arm("Armed by you")
    assert not room.arming.armed


async def test_without_its_row_it_is_not_armed_and_it_falls_before_it_is_written(
    room: Room, tmp_path: Path
) -> None:
    class Refusing:
        async def record(self, *_given: object) -> None:
            raise StoreError("full", user_text="The disk is full.")

    kept, room.arming._store = room.arming._store, Refusing()  # type: ignore[assignment]
    with pytest.raises(StoreError):
        await room.arming.arm("Armed by you")
    assert not room.arming.armed
    room.arming._store = kept
    await room.arming.arm("Armed by you")
    room.arming._store = Refusing()  # type: ignore[assignment]
    room.lamp(Health.DOWN)
    assert not room.arming.armed
    await room.clock.settled()
    room.arming._store = kept
    assert rows(tmp_path)[-1] == (True, "Armed by you")
    room.clock.advance_to(round(AGAIN_S * SECOND))
    await eventually(lambda: rows(tmp_path)[-1] == (False, "The broker toy is down."))


async def test_what_the_ledger_refused_is_written_before_it_is_armed_again(
    room: Room, tmp_path: Path
) -> None:
    class Refusing:
        async def record(self, *_given: object) -> None:
            raise StoreError("full", user_text="The disk is full.")

    await room.arming.arm("Armed by you")
    kept, room.arming._store = room.arming._store, Refusing()  # type: ignore[assignment]
    room.lamp(Health.DOWN)
    await room.clock.settled()
    room.arming._store = kept
    await room.arming.arm("Armed by you")
    assert [armed for armed, _ in rows(tmp_path)] == [True, False, True]

"""An alert's life: raised, counted, seen, gone, and back."""

from __future__ import annotations

import pytest

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Alert, AlertState, Severity
from cockpit.domain.events import AlertChanged
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock


class Room:
    """Alerts on a clock of their own, and all that was published."""

    def __init__(self) -> None:
        self.clock, bus = VirtualClock(0), Bus()
        self.alerts = Alerts(bus, self.clock)
        self.heard: list[Alert] = []
        bus.subscribe(AlertChanged, lambda event: self.heard.append(event.alert))

    def raise_(self, key: str, severity: Severity = Severity.WARNING) -> Alert:
        self.clock.advance_to(self.clock.now_ns() + SECOND)
        return self.alerts.raise_(key, severity, f"About {key}", "What to do.", "test")


@pytest.fixture
def room() -> Room:
    return Room()


def test_newest_first_and_everybody_hears(room: Room) -> None:
    first, second = room.raise_("feed"), room.raise_("disk")
    assert room.alerts.all() == room.alerts.active() == [second, first]
    assert room.heard == [first, second]
    assert (first.raised_ns, second.raised_ns) == (SECOND, 2 * SECOND)


def test_the_same_key_counts_up_and_takes_the_latest_words(room: Room) -> None:
    room.raise_("feed")
    again = room.raise_("feed", Severity.CRITICAL)
    assert room.alerts.all() == [again]
    assert (again.count, again.severity) == (2, Severity.CRITICAL)


def test_seen_is_no_longer_active_but_still_known(room: Room) -> None:
    room.raise_("feed")
    room.alerts.acknowledge("feed")
    assert room.alerts.active() == []
    [known] = room.alerts.all()
    assert known.state is AlertState.ACKNOWLEDGED
    assert room.heard[-1] == known


def test_it_is_active_again_when_it_happens_again(room: Room) -> None:
    room.raise_("feed")
    room.alerts.acknowledge("feed")
    room.alerts.clear("feed")
    again = room.raise_("feed")
    assert room.alerts.active() == [again]
    assert again.count == 2


def test_nothing_is_said_twice_nor_of_nobody(room: Room) -> None:
    room.raise_("feed")
    for _ in range(2):
        room.alerts.clear("feed")
        room.alerts.acknowledge("nobody")
    assert [alert.state for alert in room.heard] == [AlertState.ACTIVE, AlertState.CLEARED]


async def test_a_snoozed_one_comes_back_by_itself(room: Room) -> None:
    room.raise_("feed")
    room.alerts.snooze("feed", 300)
    assert room.alerts.active() == []
    assert room.heard[-1].state is AlertState.SNOOZED
    await room.clock.run_until(room.clock.now_ns() + 299 * SECOND)
    assert room.alerts.active() == []
    await room.clock.run_until(room.clock.now_ns() + 2 * SECOND)
    (back,) = room.alerts.active()
    assert (back.key, back.count, back.until_ns) == ("feed", 1, 0)


def test_the_same_again_does_not_wake_it_but_something_worse_does(room: Room) -> None:
    room.raise_("feed")
    room.alerts.snooze("feed", 300)
    room.raise_("feed")
    assert room.alerts.active() == []
    assert room.heard[-1].count == 2
    room.raise_("feed", Severity.CRITICAL)
    assert [alert.key for alert in room.alerts.active()] == ["feed"]


async def test_an_acknowledged_one_does_not_wake(room: Room) -> None:
    room.raise_("feed")
    room.alerts.snooze("feed", 300)
    room.alerts.acknowledge("feed")
    await room.clock.run_until(room.clock.now_ns() + 400 * SECOND)
    assert room.alerts.active() == []


def test_a_critical_one_can_not_be_put_off(room: Room) -> None:
    room.raise_("feed", Severity.CRITICAL)
    room.alerts.snooze("feed", 300)
    room.alerts.snooze("unknown", 300)
    assert [alert.key for alert in room.alerts.active()] == ["feed"]

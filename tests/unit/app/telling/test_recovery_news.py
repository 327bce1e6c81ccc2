"""What is said when ledger and broker agree again."""

from __future__ import annotations

import pytest

from cockpit.app.telling.alerts import Alerts
from cockpit.app.telling.recovery_news import BLOCKED, KEY, RecoveryNews
from cockpit.domain.alert import Alert, AlertState, Severity
from cockpit.domain.events import RecoveryChanged
from cockpit.domain.recovery import Compared, RecoveryPhase
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock

AT_NS = 1_514_907_065 * SECOND  # 10:31:05 New York


class Room:
    def __init__(self) -> None:
        self.bus = Bus()
        self.alerts = Alerts(self.bus, VirtualClock(AT_NS))
        RecoveryNews(self.bus, self.alerts)

    def ready(self, repairs: int = 0, fills: int = 0) -> None:
        compared = Compared(AT_NS, repairs, fills)
        self.bus.publish(
            RecoveryChanged(
                phase=RecoveryPhase.READY, text="", ts_event=0, ts_init=0, compared=compared
            )
        )

    def told(self) -> Alert | None:
        return next((alert for alert in self.alerts.all() if alert.key == KEY), None)


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_start_that_found_nothing_is_no_news(room: Room) -> None:
    room.ready()
    assert room.told() is None


def test_a_reconnect_that_missed_nothing_is_one_line_that_is_not_counted(room: Room) -> None:
    room.ready()
    room.ready()
    told = room.told()
    assert told is not None
    assert (told.title, told.text) == ("Compared with the broker at 10:31:05", "Nothing missed.")
    assert (told.severity, told.state) == (Severity.INFO, AlertState.ACKNOWLEDGED)
    assert room.alerts.active() == []


def test_fills_that_were_missed_are_an_alert_even_at_the_start(room: Room) -> None:
    room.ready(repairs=3, fills=2)
    told = room.told()
    assert told is not None
    assert told.text == "2 fills were booked that had not been heard of."
    assert room.alerts.active() == [told]


def test_the_alert_of_being_blocked_is_gone_once_ready(room: Room) -> None:
    room.alerts.raise_(BLOCKED, Severity.CRITICAL, "Not ready to trade", "ABC differs.", "trading")
    room.ready()
    assert room.alerts.active() == []

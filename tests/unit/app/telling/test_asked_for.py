"""A session that waits for a person says so until it waits no more."""

from __future__ import annotations

from cockpit.app.telling.alerts import Alerts
from cockpit.app.telling.asked_for import AskedFor
from cockpit.domain.alert import Alert, AlertState, Severity
from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock

AT_NS = 1_514_907_065 * SECOND  # 10:31:05 New York


def test_the_alert_says_until_when_and_clears_by_itself() -> None:
    bus = Bus()
    alerts = Alerts(bus, VirtualClock(AT_NS))
    AskedFor(bus, alerts)

    def lamp(health: Health, detail: str = "", act_by_ns: int = 0) -> list[Alert]:
        told = Connection(
            name="robinhood", kind="broker", health=health, detail=detail, act_by_ns=act_by_ns
        )
        bus.publish(ConnectionChanged(connection=told, ts_event=AT_NS, ts_init=AT_NS))
        return alerts.all()

    assert lamp(Health.CONNECTING) == []
    [alert] = lamp(Health.CONNECTING, "Approve it in the app.", AT_NS + 115 * SECOND)
    assert (alert.severity, alert.state) == (Severity.CRITICAL, AlertState.ACTIVE)
    assert alert.title == "The broker robinhood waits for you"
    assert alert.text == "Approve it in the app. It waits until 10:33:00 New York."
    [alert] = lamp(Health.UP)
    assert alert.state is AlertState.CLEARED


def test_the_time_left_counts_down_in_minutes_and_seconds() -> None:
    lamp = Connection(name="x", kind="broker", health=Health.CONNECTING, act_by_ns=102 * SECOND)
    left = [lamp.time_left(round(at * SECOND)) for at in (0, 0.5, 1, 42, 101.999, 102, 500)]
    assert left == ["1:42", "1:42", "1:41", "1:00", "0:01", "0:00", "0:00"]
    assert Connection(name="x", kind="broker", health=Health.UP).time_left(0) == ""

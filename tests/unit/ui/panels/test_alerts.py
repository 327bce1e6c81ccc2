from __future__ import annotations

import pytest
from PySide6.QtWidgets import QToolButton

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import AlertState, Severity
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.ui.bridge import Bridge
from cockpit.ui.panels.alerts import AT_ONCE, ROWS_AT_ONCE, AlertsPanel
from cockpit.ui.theme import Theme


class Desk:
    """The alerts with the two commands that the panel gives."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.alerts = Alerts(self.bus, VirtualClock(0))
        self.bridge = Bridge(self.bus)

    def acknowledge(self, key: str) -> None:
        self.alerts.acknowledge(key)

    def snooze(self, key: str, minutes: float) -> None:
        self.alerts.snooze(key, minutes * 60)


@pytest.fixture
def desk(qapp):
    made = Desk()
    yield made
    made.bridge.close()


@pytest.fixture
def panel(desk, qtbot) -> AlertsPanel:
    made = AlertsPanel(desk.alerts, desk, desk.bridge, Theme())
    qtbot.addWidget(made)
    made.show()
    return made


def raised(desk: Desk, *keys: str, severity: Severity = Severity.WARNING) -> None:
    for key in keys:
        desk.alerts.raise_(key, severity, f"About {key}", "What to do.", "test")
    desk.bridge.flush()


def all_shown(desk: Desk) -> None:
    """So many come a few in each frame."""
    for _ in desk.alerts.all():
        desk.bridge.flush(heartbeat=True)


def names(row) -> list[str]:
    return [button.accessibleName() for button in row.findChildren(QToolButton)]


def test_one_is_put_off_in_its_row_and_stands_below_the_active_ones(desk, panel):
    raised(desk, "feed", "disk")
    all_shown(desk)
    (feed,) = [row for row in panel.rows if row.alert.key == "feed"]
    feed.later.actions()[0].trigger()
    all_shown(desk)
    assert [row.alert.key for row in panel.rows] == ["disk", "feed"]
    assert panel.count.text() == "1 active"


def test_a_critical_one_has_no_snooze(desk, panel):
    raised(desk, "ledger", severity=Severity.CRITICAL)
    assert names(panel.rows[0]) == ["Acknowledge: About ledger"]


def test_history_is_found_by_its_state(desk, panel):
    raised(desk, "feed", "disk")
    desk.alerts.clear("feed")
    desk.bridge.flush()
    panel.search.setText("cleared")
    assert [row.alert.key for row in panel.rows] == ["feed"]


def test_rows_that_did_not_change_are_not_made_anew(desk, panel):
    raised(desk, *(f"bare.{n}" for n in range(20)))
    all_shown(desk)
    before = {row.alert.key: row for row in panel.rows}
    raised(desk, "bare.7", "feed")
    all_shown(desk)
    after = {row.alert.key: row for row in panel.rows}
    assert {key for key, row in after.items() if before.get(key) is not row} == {"bare.7", "feed"}
    shown = [panel._list.itemAt(place).widget() for place in range(len(panel.rows))]
    assert shown == panel.rows
    assert [row.alert.key for row in shown] == [alert.key for alert in desk.alerts.all()]


def test_a_storm_of_alerts_is_shown_four_times_a_second(desk, panel):
    for number in range(AT_ONCE + 5):
        raised(desk, f"bare.{number}")
    before = len(panel.rows)
    assert before <= AT_ONCE * ROWS_AT_ONCE
    desk.bridge.flush(heartbeat=True)
    assert len(panel.rows) == before + ROWS_AT_ONCE
    all_shown(desk)
    assert len(panel.rows) == AT_ONCE + 5


def test_rows_that_wait_for_their_change_stay_until_then(desk, panel):
    raised(desk, "feed", "disk", "clock")
    all_shown(desk)
    for key in ("feed", "disk", "clock"):
        desk.alerts.acknowledge(key)
    desk.bridge.flush()
    assert {row.alert.key for row in panel.rows} == {"feed", "disk", "clock"}
    assert panel.count.text() == "0 active"
    all_shown(desk)
    assert {row.alert.state for row in panel.rows} == {AlertState.ACKNOWLEDGED}


def test_what_came_while_nobody_looked_is_there_when_somebody_does(desk, panel):
    panel.hide()
    raised(desk, "feed", "disk")
    assert panel.rows == []
    panel.show()
    assert {row.alert.key for row in panel.rows} == {"feed", "disk"}


def test_no_frame_has_to_make_all_rows_of_a_storm(desk, panel):
    desk.bridge.flush(heartbeat=True)
    keys = [f"bare.{number}" for number in range(3 * ROWS_AT_ONCE)]
    raised(desk, *keys)
    assert len(panel.rows) == ROWS_AT_ONCE
    assert panel.count.text() == f"{len(keys)} active"
    first = list(panel.rows)
    all_shown(desk)
    assert [row.alert for row in panel.rows] == desk.alerts.all()
    assert set(first) <= set(panel.rows)
    assert not panel._outdated


def test_what_nobody_has_seen_stands_by_severity_then_newest_first(desk, panel):
    for key, severity in (
        ("loss", Severity.CRITICAL), ("seen", Severity.CRITICAL), ("old", Severity.WARNING),
        ("new", Severity.WARNING), ("news", Severity.NOTICE),
    ):  # fmt: skip
        raised(desk, key, severity=severity)
    desk.alerts.acknowledge("seen")
    all_shown(desk)
    order = [row.alert.key for row in panel.rows]
    assert order[0] == "loss"
    assert set(order[1:3]) == {"old", "new"}
    assert order[3:] == ["news", "seen"]

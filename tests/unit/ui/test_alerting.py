"""How alerts reach a person: over the window, on the desktop, by sound."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Alert, Severity
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.ui.alerting import BURST, AlertTeller
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.toast import Toasts


class Place:
    """A window that is not in front, with everything that tells of an alert."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        bus = Bus()
        self.alerts = Alerts(bus, VirtualClock(0))
        self.toasts = Toasts(theme, window)
        self.beeps = 0
        self.desktop: list[Alert] = []
        self.teller = AlertTeller(
            self.alerts, bus, self.toasts, window, self._notify, beep=self._beep
        )

    def _beep(self) -> None:
        self.beeps += 1

    def _notify(self, alert: Alert) -> bool:
        self.desktop.append(alert)
        return True

    def raise_(self, key: str, severity: Severity = Severity.WARNING) -> None:
        self.alerts.raise_(key, severity, f"About {key}", "What to do.", "test")


@pytest.fixture
def place(qtbot, qapp) -> Place:
    theme, window = Theme(), QWidget()
    theme.dress(qapp)
    qtbot.addWidget(window)
    window.resize(800, 600)
    return Place(theme, window)


def test_a_critical_one_sounds_until_it_is_acknowledged(place, qtbot, monkeypatch):
    place.teller._bell.setInterval(5)
    place.raise_("ledger", Severity.CRITICAL)
    assert place.beeps == 1
    qtbot.waitUntil(lambda: place.beeps >= 3, timeout=2000)
    place.alerts.acknowledge("ledger")
    assert not place.teller.ringing


@pytest.mark.parametrize("severity", [Severity.NOTICE, Severity.WARNING])
def test_nothing_less_sounds(place, severity):
    place.raise_("feed", severity)
    assert place.beeps == 0


def test_a_silenced_cockpit_shows_it_all_the_same(place):
    place.teller.sound = False
    place.raise_("ledger", Severity.CRITICAL)
    assert place.beeps == 0
    assert len(place.toasts.shown()) == 1


def test_the_desktop_is_told_while_the_window_is_not_in_front_and_of_warnings_only(place):
    place.raise_("news", Severity.NOTICE)
    place.raise_("feed")
    assert [alert.key for alert in place.desktop] == ["feed"]


def test_a_message_leaves_with_its_cause(place):
    place.raise_("feed")
    place.raise_("ledger", Severity.CRITICAL)
    place.alerts.clear("feed")
    assert [told.partition(".")[0] for told in place.toasts.shown()] == ["About ledger"]
    place.alerts.acknowledge("ledger")
    assert place.toasts.shown() == []


def test_the_same_key_is_told_once_in_a_while(place):
    for _ in range(4):
        place.raise_("feed")
    assert len(place.toasts.shown()) == 1


def test_a_burst_is_counted_not_shown_one_by_one(place):
    for number in range(BURST + 7):
        place.raise_(f"feed-{number}")
    assert len(place.desktop) == BURST
    assert place.teller._summary.isActive()
    place.teller._summary.timeout.emit()
    assert any(text.startswith("7 more alerts") for text in place.toasts.shown())


def test_a_burst_does_not_hide_a_critical_one(place):
    for number in range(BURST + 7):
        place.raise_(f"feed-{number}")
    place.raise_("ledger", Severity.CRITICAL)
    assert any("About ledger" in text for text in place.toasts.shown())


def test_a_snoozed_one_is_silent_until_it_wakes(place):
    place.raise_("feed")
    place.alerts.snooze("feed", 60)
    place.raise_("feed")
    assert len(place.desktop) == 1

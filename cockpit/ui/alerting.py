"""How an alert reaches a person: a message over the window, the desktop's own, and a sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from cockpit.domain.alert import Alert, AlertState, Severity
from cockpit.domain.events import AlertChanged
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.toast import Toasts

if TYPE_CHECKING:
    from cockpit.app.telling.alerts import Alerts
    from cockpit.kernel.bus import Bus

QUIET_MS = 5_000
"""The same alert is shown over the window again only after so long."""
BURST = 5
BURST_MS = 10_000
"""So many alerts below critical in so long are shown one by one; then they are counted."""
BEEP_MS = 3_000

Notify = Callable[[Alert], bool]
"""Gives an alert to the desktop; False when that can't show any."""


class Desktop:
    """The desktop's own notifications, by way of the tray; it is made when first needed."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        self._theme, self._window = theme, window
        self._tray: QSystemTrayIcon | None = None

    def __call__(self, alert: Alert) -> bool:
        """Show it; False where there is no tray, and the message over the window has to do."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._theme.icon("alert", "accent"), self._window)
            self._tray.setToolTip("Cockpit")
            self._tray.messageClicked.connect(self._window.activateWindow)
        kinds = QSystemTrayIcon.MessageIcon
        kind = kinds.Critical if alert.severity is Severity.CRITICAL else kinds.Warning
        self._tray.show()
        self._tray.showMessage(alert.title, alert.text, kind)
        return True

    def close(self) -> None:
        """Leave the tray."""
        if self._tray is not None:
            self._tray.hide()


class AlertTeller(QObject):
    """Follows the alerts; a critical one sounds until somebody has acknowledged it."""

    def __init__(
        self,
        alerts: Alerts,
        bus: Bus,
        toasts: Toasts,
        window: QWidget,
        notify: Notify,
        *,
        beep: Callable[[], None] = QApplication.beep,
        sound: bool = True,
    ) -> None:
        super().__init__(window)
        self._alerts, self._toasts, self._window = alerts, toasts, window
        self._notify, self._beep = notify, beep
        self.sound = sound
        self._told: dict[str, QElapsedTimer] = {}
        self._burst: list[QElapsedTimer] = []
        self._held_back = 0
        self._bell = QTimer(self)
        self._bell.setInterval(BEEP_MS)
        self._bell.timeout.connect(self._ring)
        self._summary = QTimer(self)
        self._summary.setSingleShot(True)
        self._summary.timeout.connect(self._tell_rest)
        self.close = bus.subscribe(AlertChanged, self._on_alert)

    @property
    def ringing(self) -> bool:
        """True while a critical alert waits to be acknowledged."""
        return self._bell.isActive()

    def _on_alert(self, event: AlertChanged) -> None:
        alert = event.alert
        if alert.state is AlertState.ACTIVE and alert.severity >= Severity.NOTICE:
            self._tell(alert)
        elif alert.state is not AlertState.ACTIVE:
            self._toasts.withdraw(alert.key)
        self._follow_bell()

    def _tell(self, alert: Alert) -> None:
        since = self._told.setdefault(alert.key, QElapsedTimer())
        if since.isValid() and since.elapsed() <= QUIET_MS:
            return
        since.restart()
        if alert.severity < Severity.CRITICAL and not self._room():
            self._held_back += 1
            self._summary.start(BURST_MS)
            return
        self._toasts.tell(alert.severity, alert.title, alert.text, alert.key)
        if alert.severity >= Severity.WARNING and not self._window.isActiveWindow():
            self._notify(alert)

    def _room(self) -> bool:
        """Whether one more may be shown now; it is counted if so."""
        self._burst = [shown for shown in self._burst if shown.elapsed() < BURST_MS]
        if len(self._burst) >= BURST:
            return False
        now = QElapsedTimer()
        now.start()
        self._burst.append(now)
        return True

    def _tell_rest(self) -> None:
        count, self._held_back = self._held_back, 0
        text = "They were too many to show one by one. All of them stand in Alerts."
        self._toasts.tell(Severity.WARNING, f"{count} more alert{'s' * (count != 1)}", text)

    def _follow_bell(self) -> None:
        wanted = self.sound and self._critical()
        if wanted and not self._bell.isActive():
            self._beep()
            self._bell.start()
        elif not wanted:
            self._bell.stop()

    def _critical(self) -> bool:
        return any(alert.severity is Severity.CRITICAL for alert in self._alerts.active())

    def _ring(self) -> None:
        self._follow_bell()
        if self._bell.isActive():
            self._beep()

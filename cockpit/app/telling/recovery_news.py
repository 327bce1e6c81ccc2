"""Says when ledger and broker agree again, and what that brought to light."""

from __future__ import annotations

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Severity
from cockpit.domain.events import RecoveryChanged
from cockpit.domain.recovery import Compared, RecoveryPhase
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.bus import Bus

BLOCKED = "incident.recovery"
KEY = "recovery.compared"


class RecoveryNews:
    """One quiet line after a reconnect or waking; an alert when something was missed.

    The first comparing of a session is told only when it found something: starting is no news.
    """

    def __init__(self, bus: Bus, alerts: Alerts) -> None:
        self._alerts = alerts
        self._started = False
        bus.subscribe(RecoveryChanged, self._on_changed, name="recovery-news")

    def _on_changed(self, event: RecoveryChanged) -> None:
        if event.phase is not RecoveryPhase.READY or event.compared is None:
            return
        self._alerts.clear(BLOCKED)
        first, self._started = not self._started, True
        title, text = compared_words(event.compared)
        if event.compared.repairs:
            self._alerts.raise_(KEY, Severity.NOTICE, title, text, "trading")
        elif not first:
            self._alerts.note(KEY, title, text, "trading")


def compared_words(compared: Compared) -> tuple[str, str]:
    """When it was compared, and what was missed."""
    title = f"Compared with the broker at {utc(compared.at_ns).astimezone(NEW_YORK):%H:%M:%S}"
    if not compared.repairs:
        return title, "Nothing missed."
    if not compared.fills:
        return title, "Changes of orders were taken in that were not heard of."
    are = "fill was" if compared.fills == 1 else "fills were"
    return title, f"{compared.fills} {are} booked that had not been heard of."

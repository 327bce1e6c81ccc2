"""Says when a session waits for a person, as for a word in the broker's own app."""

from __future__ import annotations

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Severity
from cockpit.domain.connection import Connection
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.bus import Bus


class AskedFor:
    """One alert a session while it waits; it clears when it waits no more."""

    def __init__(self, bus: Bus, alerts: Alerts) -> None:
        self._alerts = alerts
        self._waiting: set[str] = set()
        bus.subscribe(ConnectionChanged, self._on_connection, name="asked-for")

    def _on_connection(self, event: ConnectionChanged) -> None:
        lamp = event.connection
        key = f"asked.{lamp.kind}.{lamp.name}"
        if lamp.act_by_ns:
            self._waiting.add(key)
            self._raise(key, lamp)
        elif key in self._waiting:
            self._waiting.discard(key)
            self._alerts.clear(key)

    def _raise(self, key: str, lamp: Connection) -> None:
        until = f"{utc(lamp.act_by_ns).astimezone(NEW_YORK):%H:%M:%S}"
        self._alerts.raise_(
            key,
            Severity.CRITICAL,
            f"The {lamp.kind} {lamp.name} waits for you",
            f"{lamp.detail} It waits until {until} New York.",
            lamp.kind,
        )

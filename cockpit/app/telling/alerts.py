"""The alerts of the session: raised, counted, put off, acknowledged, cleared."""

from __future__ import annotations

import msgspec

from cockpit.domain.alert import Alert, AlertState, Severity
from cockpit.domain.events import AlertChanged
from cockpit.kernel.bus import Bus, HandlerFailed
from cockpit.kernel.clock import Timer
from cockpit.ports.clock import Clock

_SECOND = 1_000_000_000


class Alerts:
    """One alert a key; the same key again counts it up and makes it active again."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._alerts: dict[str, Alert] = {}
        self._alarms: dict[str, Timer] = {}

    def all(self) -> list[Alert]:
        """Every alert of the session, newest first."""
        return sorted(self._alerts.values(), key=lambda a: a.raised_ns, reverse=True)

    def active(self) -> list[Alert]:
        """What nobody has acknowledged yet, newest first."""
        return [alert for alert in self.all() if alert.state is AlertState.ACTIVE]

    def stands(self, key: str) -> bool:
        """Whether the alert of that key was raised and not cleared since."""
        known = self._alerts.get(key)
        return known is not None and known.state is not AlertState.CLEARED

    def raise_(self, key: str, severity: Severity, title: str, text: str, source: str) -> Alert:
        """Raise, or count up, the alert of that key.

        One that is put off stays so, unless it has become more severe.
        """
        known = self._alerts.get(key)
        asleep = known is not None and known.state is AlertState.SNOOZED
        stays = asleep and known is not None and severity <= known.severity
        return self._put(
            Alert(
                key=key,
                severity=severity,
                title=title,
                text=text,
                source=source,
                raised_ns=self._clock.now_ns(),
                state=AlertState.SNOOZED if stays else AlertState.ACTIVE,
                count=known.count + 1 if known else 1,
                until_ns=known.until_ns if stays and known is not None else 0,
            )
        )

    def snooze(self, key: str, seconds: float) -> None:
        """Put an active one off: after `seconds` of the session it is active again.

        Harmless for an unknown key. A critical alert can't be put off, only acknowledged.
        """
        known = self._alerts.get(key)
        if (
            known is None
            or known.state is not AlertState.ACTIVE
            or known.severity is Severity.CRITICAL
        ):
            return
        until = self._clock.now_ns() + round(seconds * _SECOND)
        self._put(msgspec.structs.replace(known, state=AlertState.SNOOZED, until_ns=until))
        self._alarms[key] = self._clock.call_at(until, lambda: self._wake(key, until))

    def _wake(self, key: str, until_ns: int) -> None:
        known = self._alerts.get(key)
        if known is not None and known.state is AlertState.SNOOZED and known.until_ns == until_ns:
            self._put(msgspec.structs.replace(known, state=AlertState.ACTIVE, until_ns=0))

    def incident(self, key: str, title: str, text: str) -> None:
        """Raise what trading can't put right by itself."""
        self.raise_(f"incident.{key}", Severity.CRITICAL, title, text, "trading")

    def note(self, key: str, title: str, text: str, source: str) -> Alert:
        """Write down what needs nobody: it stands among the seen ones and is not counted."""
        return self._put(
            Alert(
                key=key,
                severity=Severity.INFO,
                title=title,
                text=text,
                source=source,
                raised_ns=self._clock.now_ns(),
                state=AlertState.ACKNOWLEDGED,
            )
        )

    def acknowledge(self, key: str) -> None:
        """Somebody has seen it; harmless for an unknown key."""
        self._move(key, AlertState.ACKNOWLEDGED)

    def clear(self, key: str) -> None:
        """Its cause is gone; harmless for an unknown key."""
        self._move(key, AlertState.CLEARED)

    def _move(self, key: str, state: AlertState) -> None:
        known = self._alerts.get(key)
        alarm = self._alarms.pop(key, None)
        if alarm is not None:
            alarm.cancel()
        if known is not None and known.state is not state:
            self._put(msgspec.structs.replace(known, state=state, until_ns=0))

    def _put(self, alert: Alert) -> Alert:
        self._alerts[alert.key] = alert
        now = self._clock.now_ns()
        self._bus.publish(AlertChanged(alert=alert, ts_event=alert.raised_ns, ts_init=now))
        return alert


def tell_of_failure(alerts: Alerts, failed: HandlerFailed) -> None:
    """Say which part could not take something in; the others went on."""
    alerts.raise_(
        f"handler.{failed.handler}",
        Severity.WARNING,
        "A part of the cockpit failed",
        f"{failed.handler} could not take in a {failed.topic}: {failed.error}. The others went on; "
        "the ledger is safe, the log has the details.",
        "kernel",
    )

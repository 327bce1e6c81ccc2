"""Alerts: four severities and a life from active to cleared."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.values import not_empty


class Severity(IntEnum):
    """How much it matters; only CRITICAL may make a sound until acknowledged."""

    INFO = 0
    NOTICE = 1
    WARNING = 2
    CRITICAL = 3


class AlertState(StrEnum):
    """Where an alert is in its life."""

    ACTIVE = "active"
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something a trader should know. The same `key` again only raises `count`.

    `until_ns` is when one that is snoozed wakes; 0 of all others.
    """

    key: str
    severity: Severity
    title: str
    text: str
    source: str
    raised_ns: int
    state: AlertState = AlertState.ACTIVE
    count: int = 1
    until_ns: int = 0

    def __post_init__(self) -> None:
        """Refuse an alert that says nothing."""
        not_empty(self.key, "alert key")
        not_empty(self.title, "alert title")
        if not self.count >= 1:
            raise DomainError(f"alert {self.key} was raised {self.count} times")

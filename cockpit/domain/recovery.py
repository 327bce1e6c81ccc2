"""How far a start, a reconnect or a waking has come on the way to trading."""

from __future__ import annotations

from enum import StrEnum


class RecoveryPhase(StrEnum):
    """Only READY lets orders out. BLOCKED waits for the broker or for a person."""

    STARTING = "starting"
    RECOVERING = "recovering"
    BLOCKED = "blocked"
    READY = "ready"

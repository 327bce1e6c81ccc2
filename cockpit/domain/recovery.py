"""How far a start, a reconnect or a waking has come on the way to trading."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Protocol

import msgspec


class RecoveryPhase(StrEnum):
    """Only READY lets orders out. BLOCKED waits for the broker or for a person."""

    STARTING = "starting"
    RECOVERING = "recovering"
    BLOCKED = "blocked"
    READY = "ready"


class Difference(msgspec.Struct, frozen=True):
    """What is held of `symbol`, signed: in the ledger here, and as the broker says."""

    symbol: str
    here: Decimal
    at_broker: Decimal

    @property
    def by(self) -> Decimal:
        """What the broker has more than the ledger; negative when it has less."""
        return self.at_broker - self.here


class Compared(msgspec.Struct, frozen=True):
    """A comparing that ended well: `repairs` were taken in, `fills` of them booked."""

    at_ns: int
    repairs: int
    fills: int


class Recovering(Protocol):
    """What a screen reads of the way to trading: phase, reason, what differs, the last success."""

    @property
    def phase(self) -> RecoveryPhase:
        """Where it stands."""
        ...

    @property
    def text(self) -> str:
        """Why nothing may be sent, in words; empty once READY."""
        ...

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What the last look found to differ, by symbol; empty once READY."""
        ...

    @property
    def compared(self) -> Compared | None:
        """The last comparing that led to READY."""
        ...

"""Accounts and the mode in which the cockpit touches them."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from cockpit.domain.values import finite, not_empty


class Mode(StrEnum):
    """How real the money is. DEMO and REPLAY are simulated markets on the paper broker."""

    DEMO = "demo"
    REPLAY = "replay"
    PAPER = "paper"
    LIVE = "live"

    @property
    def simulated(self) -> bool:
        """True when the market itself is not today's."""
        return self in (Mode.DEMO, Mode.REPLAY)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Money of one account as the broker tells it: cash, and equity when last asked.

    `key_fingerprint` names what the session's key opens, environment and account number,
    and is the same for a renewed key; empty when the broker doesn't tell. `margin` is False
    for a cash account, `day_trades` the broker's own count; None when it doesn't tell. `number`
    is the broker's own account number, hidden but for its end.
    """

    account_id: str
    mode: Mode
    cash: Decimal
    equity: Decimal
    buying_power: Decimal
    currency: str = "USD"
    ts_event: int = 0
    key_fingerprint: str = ""
    margin: bool | None = None
    day_trades: int | None = None
    number: str = ""

    def __post_init__(self) -> None:
        """Refuse money that isn't a number."""
        not_empty(self.account_id, "account id")
        for what in ("cash", "equity", "buying_power"):
            finite(getattr(self, what), what)


def masked(number: str, shown: int = 4) -> str:
    """An account number of which only the end can be read."""
    return f"...{number[-shown:]}" if len(number) > shown else "..." if number else ""

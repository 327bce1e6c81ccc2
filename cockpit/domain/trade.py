"""A trade: one round trip from flat to flat, made of matched lots."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from cockpit.domain.currency import USD
from cockpit.domain.values import finite, not_negative, positive


class Direction(StrEnum):
    """Long bought first, short sold first."""

    LONG = "long"
    SHORT = "short"


class LotMatch(msgspec.Struct, frozen=True, kw_only=True):
    """Part of an opening fill closed by part of a closing fill. `gross` before fees.

    `exit_price` is zero for what expired worthless. `opened_timed` and `closed_timed` are False
    where only the day is known.
    """

    open_execution_id: str
    close_execution_id: str
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    opened_ns: int
    closed_ns: int
    gross: Decimal
    opened_timed: bool = True
    closed_timed: bool = True

    def __post_init__(self) -> None:
        """Refuse a match without size, price or result."""
        for what in ("quantity", "entry_price"):
            positive(getattr(self, what), what)
        not_negative(self.exit_price, "exit price")
        finite(self.gross, "gross")


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A closed round trip of one symbol in one currency.

    `quantity` is the total opened, entry and exit prices are averages weighted by
    quantity, `net` = gross - fees. `initial_risk` is money lost if the first stop had
    been hit, frozen at entry; None without a stop, and then `r_multiple` is None too.
    `opened_timed` and `closed_timed` are False where a statement knows the day only: then there is
    no hour, and no time that it was held.
    """

    trade_id: str
    account_id: str
    symbol: str
    direction: Direction
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    gross: Decimal
    fees: Decimal
    opened_ns: int
    closed_ns: int
    matches: tuple[LotMatch, ...]
    execution_ids: tuple[str, ...]
    strategy: str = "manual"
    initial_risk: Decimal | None = None
    planned_target: Decimal | None = None
    opened_timed: bool = True
    closed_timed: bool = True
    currency: str = USD

    def __post_init__(self) -> None:
        """Refuse a trade of nothing, and money that isn't a number."""
        for what in ("quantity", "entry_price"):
            positive(getattr(self, what), what)
        not_negative(self.exit_price, "exit price")
        for what in ("gross", "fees"):
            finite(getattr(self, what), what)
        for what in ("initial_risk", "planned_target"):
            if getattr(self, what) is not None:
                positive(getattr(self, what), what)

    @property
    def net(self) -> Decimal:
        """Money after fees."""
        return self.gross - self.fees

    @property
    def held_ns(self) -> int | None:
        """From its first fill to its last; None where one has no time of day."""
        told = self.opened_timed and self.closed_timed
        return self.closed_ns - self.opened_ns if told else None

    @property
    def r_multiple(self) -> Decimal | None:
        """Net / initial risk; None without a stop."""
        return self.net / self.initial_risk if self.initial_risk else None

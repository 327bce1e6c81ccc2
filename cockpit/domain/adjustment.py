"""Adjustments: what a position becomes by other means than a trade."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from cockpit.domain.values import finite, not_empty, positive


class AdjustmentKind(StrEnum):
    """Why a position is not what its fills add up to."""

    OPENING = "opening"
    """Held before the cockpit first saw the account."""
    ACCEPTED = "accepted"
    """A person took the broker's word for it."""
    SPLIT = "split"
    TRANSFER = "transfer"
    """Units came or went without a trade: those that came are a lot of their own."""
    EXPIRED = "expired"
    """Contracts ended at a price of zero: what they had cost is realised."""


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """Sets a position to `quantity` (signed) at `average_cost` a unit; an entry, never an edit.

    `average_cost` is zero when nothing is held any more. What was realised before stays.
    `adjustment_id` is unique within the account: booking it twice changes nothing.
    """

    adjustment_id: str
    account_id: str
    symbol: str
    quantity: Decimal
    average_cost: Decimal
    kind: AdjustmentKind
    reason: str
    ts_event: int
    ts_init: int

    def __post_init__(self) -> None:
        """Refuse an adjustment without identity, or to what can't be held."""
        for what in ("adjustment_id", "account_id", "symbol"):
            not_empty(getattr(self, what), what)
        finite(self.quantity, "quantity")
        if self.quantity != 0:
            positive(self.average_cost, "average cost")

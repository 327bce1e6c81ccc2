"""Adjustments: what a position becomes by other means than a trade."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from cockpit.domain.currency import USD
from cockpit.domain.values import ZERO, finite, not_empty, positive


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
    CHARGE = "charge"
    """A fee, dividend or interest without a trade: `fee` is what it cost."""


_PAID_WITHIN = Decimal("0.005")
_SPLIT_FROM = Decimal("0.02")


def split_ratio(
    before: Decimal, cost_before: Decimal, after: Decimal, cost_after: Decimal
) -> Decimal | None:
    """New units for one old one; None when the position did not become another by a split.

    Quantities are signed, costs are averages a unit. A split changes how many are held and
    leaves what was paid for them, but for a remainder that was paid out; a trade that nobody
    heard of changes both.
    """
    if not before * after > 0:
        return None
    ratio, paid = after / before, abs(before * cost_before)
    same_paid = abs(abs(after * cost_after) - paid) <= paid * _PAID_WITHIN
    return ratio if same_paid and abs(ratio - 1) >= _SPLIT_FROM else None


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """Sets a position to `quantity` (signed) at `average_cost` a unit; an entry, never an edit.

    `average_cost` is zero when nothing is held any more. What was realised before stays.
    `fee` is what it cost, as an assignment may.
    `adjustment_id` is unique within the account: booking it twice changes nothing. `timed` is False
    where only the day is known, as in a `Fill`. What a symbol is held at in another currency is
    another position.
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
    fee: Decimal = ZERO
    timed: bool = True
    currency: str = USD

    def __post_init__(self) -> None:
        """Refuse an adjustment without identity, or to what can't be held."""
        for what in ("adjustment_id", "account_id", "symbol"):
            not_empty(getattr(self, what), what)
        finite(self.quantity, "quantity")
        finite(self.fee, "fee")
        if self.quantity != 0:
            positive(self.average_cost, "average cost")

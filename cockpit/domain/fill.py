"""Fills: immutable, and the only truth about what was traded."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.currency import USD
from cockpit.domain.order import Side
from cockpit.domain.values import finite, not_empty, positive


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One execution as the broker reported it.

    `fee` is money paid (negative for a rebate). `execution_id` is the broker's and
    unique within the account; booking it twice changes nothing. `cumulative` is what its
    order had filled with this one, None where that is not known. `timed` is False for one from a
    statement that knows the day only: then `ts_event` is a place in an order and no time of day.
    `price` and `fee` are in `currency`.
    """

    execution_id: str
    account_id: str
    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    ts_event: int
    ts_init: int
    strategy: str = "manual"
    venue_order_id: str | None = None
    cumulative: Decimal | None = None
    planned_stop: Decimal | None = None
    planned_target: Decimal | None = None
    timed: bool = True
    currency: str = USD

    def __post_init__(self) -> None:
        """Refuse a fill without identity, size or price."""
        for what in ("execution_id", "account_id", "client_order_id", "symbol"):
            not_empty(getattr(self, what), what)
        positive(self.quantity, "quantity")
        positive(self.price, "price")
        finite(self.fee, "fee")
        for price, what in ((self.planned_stop, "stop"), (self.planned_target, "target")):
            if price is not None:
                positive(price, f"planned {what}")

    @property
    def signed_quantity(self) -> Decimal:
        """Positive for a buy, negative for a sell."""
        return self.quantity * self.side.sign

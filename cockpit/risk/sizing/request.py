"""What is to be sized."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.instrument import Instrument
from cockpit.domain.order import Side
from cockpit.risk.errors import RiskError
from cockpit.risk.sizing.methods import Method
from cockpit.risk.sizing.numbers import positive
from cockpit.risk.sizing.stops import StopRule


class SizingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An opening on one side of one instrument.

    `entry` is the price furthest against us at which it may trade, and the stop's distance
    is reckoned from it: the limit, else the stop or the touch beyond it, else the far touch.
    `worst_price` is what the gate reckons a unit's worth with (`RiskView.worth`) and
    differs for a sale: its limit is only a floor, and sold at the touch it is worth more.
    None means the entry. Raises RiskError unless both are positive and the worst price is
    not below the entry.
    """

    instrument: Instrument
    side: Side
    entry: Decimal
    stop: StopRule
    method: Method
    worst_price: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse prices that aren't, and a worth that would be reckoned too small."""
        positive(self.entry, "entry")
        if self.worst_price is None:
            return
        positive(self.worst_price, "worst price")
        if not self.worst_price >= self.entry:
            raise RiskError(
                f"worst price {self.worst_price} below entry {self.entry}",
                user_text="An order can't be worth less than at its entry.",
            )

    @property
    def unit_value(self) -> Decimal:
        """What the gate reckons one unit of quantity to be worth: worst price x multiplier."""
        return (self.worst_price or self.entry) * self.instrument.multiplier

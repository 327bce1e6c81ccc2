"""A position at average cost, folded from fills."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.errors import DomainError
from cockpit.domain.fill import Fill
from cockpit.domain.values import ZERO, finite, not_empty, not_negative, positive


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """What is held of one symbol.

    `quantity` is signed: positive long, negative short. `average_cost` is per unit and
    without fees; zero when flat. `realised` is gross of fees, `fees` what was paid.
    """

    account_id: str
    symbol: str
    quantity: Decimal = ZERO
    average_cost: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    multiplier: Decimal = Decimal(1)
    updated_ns: int = 0

    def __post_init__(self) -> None:
        """Refuse quantities and money that aren't numbers."""
        not_empty(self.symbol, "symbol")
        not_negative(self.average_cost, "average cost")
        positive(self.multiplier, "multiplier")
        for what in ("quantity", "realised", "fees"):
            finite(getattr(self, what), what)

    @property
    def flat(self) -> bool:
        """True when nothing is held."""
        return self.quantity == 0

    @property
    def cost(self) -> Decimal:
        """Signed money at average cost: quantity x average cost x multiplier."""
        return self.quantity * self.average_cost * self.multiplier

    def unrealised(self, mark: float) -> float:
        """Open profit at `mark`, gross: (mark - average cost) x quantity x multiplier."""
        return (mark - float(self.average_cost)) * float(self.quantity * self.multiplier)

    def with_fill(self, fill: Fill) -> Position:
        """The position after `fill`; closing realises, a sign change opens at its price.

        Raises DomainError for a fill of another symbol or account.
        """
        if (fill.account_id, fill.symbol) != (self.account_id, self.symbol):
            raise DomainError(f"fill {fill.execution_id} is not of {self.symbol}")
        after = self.quantity + fill.signed_quantity
        return msgspec.structs.replace(
            self,
            quantity=after,
            average_cost=self._cost_after(fill, after),
            realised=self.realised + self._realised_by(fill),
            fees=self.fees + fill.fee,
            updated_ns=fill.ts_event,
        )

    def with_entry(self, entry: Fill | Adjustment) -> Position:
        """Fold in whichever it is."""
        return self.with_fill(entry) if isinstance(entry, Fill) else self.adjusted(entry)

    def adjusted(self, to: Adjustment) -> Position:
        """The position as `to` sets it; what was realised and paid stays, a charge is added.

        Raises DomainError for an adjustment of another symbol or account.
        """
        if (to.account_id, to.symbol) != (self.account_id, self.symbol):
            raise DomainError(f"adjustment {to.adjustment_id} is not of {self.symbol}")
        return msgspec.structs.replace(
            self,
            quantity=to.quantity,
            average_cost=to.average_cost if to.quantity else ZERO,
            fees=self.fees + (to.fee if to.kind is AdjustmentKind.CHARGE else ZERO),
            updated_ns=to.ts_event,
        )

    def _realised_by(self, fill: Fill) -> Decimal:
        if self.quantity * fill.signed_quantity >= 0:
            return ZERO
        closed = min(abs(self.quantity), fill.quantity)
        direction = 1 if self.quantity > 0 else -1
        return (fill.price - self.average_cost) * closed * direction * self.multiplier

    def _cost_after(self, fill: Fill, after: Decimal) -> Decimal:
        if after == 0:
            return ZERO
        if self.quantity * fill.signed_quantity >= 0:  # opened or grown
            paid = abs(self.quantity) * self.average_cost + fill.quantity * fill.price
            return paid / abs(after)
        if self.quantity * after > 0:  # only made smaller
            return self.average_cost
        return fill.price  # flipped

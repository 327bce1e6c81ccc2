"""The size itself: the smallest of all that the budget and the limits have room for."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.limits import Limits
from cockpit.domain.order import Side
from cockpit.risk.sizing.caps import Cap, caps_of
from cockpit.risk.sizing.numbers import exactly, plain
from cockpit.risk.sizing.request import SizingRequest
from cockpit.risk.sizing.standing import Standing
from cockpit.risk.sizing.stops import stop_price


class Sizing(msgspec.Struct, frozen=True, kw_only=True):
    """A size and what it means; `quantity` is zero when nothing fits, and `reason` says why.

    `risk_per_unit` is R of one unit: |entry - stop| x multiplier. `money_at_risk` is
    quantity x risk_per_unit: what is lost when the stop fills at its price, without fees;
    a gap loses more. `notional` is quantity x worst price x multiplier. `budget` is what the
    method allows to lose. `caps` holds every limit in the gate's order, the budget first.
    """

    symbol: str
    side: Side
    quantity: Decimal
    entry: Decimal
    stop_price: Decimal
    risk_per_unit: Decimal
    money_at_risk: Decimal
    notional: Decimal
    budget: Decimal
    caps: tuple[Cap, ...]
    reason: str

    @property
    def binding(self) -> tuple[Cap, ...]:
        """The caps that hold the size where it is, in the gate's order."""
        return tuple(cap for cap in self.caps if cap.allowed == self.quantity)


def size(request: SizingRequest, standing: Standing, limits: Limits) -> Sizing:
    """The largest quantity in whole lots that the budget and every armed limit allow.

    An order of it at `request.entry` passes the gate's controls on size as long as nothing
    moves. Raises RiskError when there is no price for the stop, when the stop's level is
    on the wrong side, and for numbers too far apart to be money.
    """
    instrument = request.instrument
    with exactly():
        stop = stop_price(
            request.stop, entry=request.entry, side=request.side, tick=instrument.tick
        )
        caps = caps_of(request, stop, standing, limits)
        quantity = min(cap.allowed for cap in caps if cap.allowed is not None)
        unit_risk = abs(request.entry - stop) * instrument.multiplier
        return Sizing(
            symbol=instrument.symbol,
            side=request.side,
            quantity=quantity,
            entry=request.entry,
            stop_price=stop,
            risk_per_unit=unit_risk,
            money_at_risk=quantity * unit_risk,
            notional=quantity * request.unit_value,
            budget=request.method.budget(standing.equity),
            caps=caps,
            reason=_reason(quantity, instrument.lot, caps),
        )


def _reason(quantity: Decimal, lot: Decimal, caps: tuple[Cap, ...]) -> str:
    """Which limit decided, the first in the gate's order, in words."""
    first = next(cap for cap in caps if cap.allowed == quantity)
    if quantity > 0:
        return f"Held at {plain(quantity)} by {first.name}: {first.reason}"
    return f"Nothing fits, not even {plain(lot)}, by {first.name}: {first.reason}"

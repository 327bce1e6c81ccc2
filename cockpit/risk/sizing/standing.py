"""The account as sizing sees it: what there is and what is used already."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.values import ZERO
from cockpit.risk.errors import RiskError
from cockpit.risk.sizing.numbers import finite, not_negative, positive
from cockpit.risk.view import RiskView


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Money is in the account's currency; None means nobody knows, and then nothing fits.

    `position` is the signed quantity held of the symbol. `open_notional` is what all open
    orders may still add to positions at their worst price, `open_on_side` the part of it
    on the symbol and side to be sized. `day_pnl` is realised + unrealised - fees.
    `open_risk` is what open positions would lose from now to their stops, and open orders
    from their entries to theirs; it counts against the day's loss limit. Raises RiskError
    for an equity that isn't positive and for anything that isn't a number.
    """

    equity: Decimal
    start_equity: Decimal | None
    buying_power: Decimal | None
    day_pnl: Decimal | None
    position: Decimal = ZERO
    gross_exposure: Decimal = ZERO
    open_notional: Decimal = ZERO
    open_on_side: Decimal = ZERO
    open_risk: Decimal = ZERO

    def __post_init__(self) -> None:
        """Refuse money that isn't a number."""
        positive(self.equity, "equity")
        finite(self.position, "position")
        for what in ("gross_exposure", "open_notional", "open_on_side", "open_risk"):
            not_negative(getattr(self, what), what.replace("_", " "))
        if self.start_equity is not None:
            positive(self.start_equity, "start equity")
        if self.buying_power is not None:
            finite(self.buying_power, "buying power")
        if self.day_pnl is not None:
            finite(self.day_pnl, "day's profit")


def standing_of(view: RiskView, *, open_risk: Decimal = ZERO) -> Standing:
    """The standing in which the gate would see `view.order`, for its symbol and side.

    `open_risk` is not in a view and comes from whoever knows the stops. Raises RiskError
    when the equity is not known.
    """
    if view.equity is None:
        raise RiskError("no equity", user_text="The equity is not known, so nothing can be sized.")
    return Standing(
        equity=view.equity,
        start_equity=view.start_equity,
        buying_power=view.buying_power,
        day_pnl=view.day_pnl,
        position=view.position,
        gross_exposure=view.gross_exposure,
        open_notional=view.commitments.total,
        open_on_side=view.worth.beside,
        open_risk=open_risk,
    )

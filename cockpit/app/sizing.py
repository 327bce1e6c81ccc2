"""The size that a risk budget and every limit leave room for, for an order with a stop."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from cockpit.app.errors import AppError
from cockpit.domain.order import Order, OrderIntent
from cockpit.domain.protection import Protection
from cockpit.domain.values import ZERO, to_decimal
from cockpit.risk.sizing import (
    FixedFractional,
    Sizing,
    SizingRequest,
    StructureStop,
    size,
    standing_of,
)
from cockpit.risk.view import ApprovalView
from cockpit.trading.gate.situation import Situation
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.protection.cover import Cover

_UNASKED = ApprovalView(needed=False, releasing=False, given_for=None, expires_ns=None)


def size_by_risk(
    intent: OrderIntent,
    fraction: Decimal,
    *,
    situation: Situation,
    portfolio: Portfolio,
    covers: Iterable[Cover],
) -> Sizing:
    """The largest quantity of `intent` that loses at most `fraction` of equity at its stop.

    Raises AppError without a protection or a price, and RiskError where `risk.sizing` does.
    """
    view = situation.view(Order(client_order_id="sizing", intent=intent), _UNASKED)
    plan, entry, instrument = _exits_of(intent), view.worth.bound, view.instrument
    if plan is None or entry is None or instrument is None:
        raise AppError(
            f"nothing to size {intent.symbol} by",
            user_text="A size from risk needs a stop and a price. Give the stop, or wait for a "
            "quote; nothing was changed.",
            code="SIZING_NO_STOP",
        )
    stop = plan.first_stop(intent.side, entry, instrument.tick)
    request = SizingRequest(
        instrument=instrument,
        side=intent.side,
        entry=entry,
        stop=StructureStop(level=stop, buffer_ticks=0),
        method=FixedFractional(risk_fraction=fraction),
        worst_price=view.worth.worst,
    )
    standing = standing_of(view, open_risk=_open_risk(portfolio, covers))
    return size(request, standing, view.limits)


def _exits_of(intent: OrderIntent) -> Protection | None:
    """Held by the core, or the stop that the venue holds after the entry."""
    venue = intent.venue
    if intent.protection is not None or venue is None:
        return intent.protection
    follows = venue.exits_follow and venue.stop_loss is not None
    return Protection(stop=venue.stop_loss) if follows else None


def _open_risk(portfolio: Portfolio, covers: Iterable[Cover]) -> Decimal:
    """What is lost from now when every stop that is held fills at its price."""
    total = ZERO
    for cover in covers:
        mark, position = portfolio.mark_of(cover.symbol), portfolio.position(cover.symbol)
        if mark is not None:
            fall = (to_decimal(mark) - cover.stop) * cover.side.sign
            total += max(ZERO, fall) * cover.quantity * position.multiplier
    return total

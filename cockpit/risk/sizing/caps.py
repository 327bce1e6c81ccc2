"""What each armed limit has room for, reckoned as the gate's controls reckon it."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.limits import Limits
from cockpit.domain.values import ZERO
from cockpit.risk.sizing.numbers import ONE, plain, whole_lots
from cockpit.risk.sizing.request import SizingRequest
from cockpit.risk.sizing.standing import Standing


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """One limit: the largest quantity it would have allowed, in whole lots, and why.

    `allowed` is None when the limit is not armed, because what it measures is not known
    and the gate does not ask for it either.
    """

    name: str
    allowed: Decimal | None
    reason: str


def caps_of(
    request: SizingRequest, stop: Decimal, standing: Standing, limits: Limits
) -> tuple[Cap, ...]:
    """The risk budget and every limit on size, in the order of the gate."""
    unit_value = request.unit_value
    unit_risk = abs(request.entry - stop) * request.instrument.multiplier
    return (
        _risk_budget(request, stop, standing),
        _order_quantity(request, limits),
        _share_of_volume(request, limits),
        *_order_values(request, standing, limits, unit_value),
        _buying_power(request, standing, unit_value),
        _position(request, standing, limits, unit_value),
        _gross_exposure(request, standing, limits, unit_value),
        _day_loss(request, standing, limits, unit_risk),
    )


def _room(request: SizingRequest, room: Decimal, per_unit: Decimal) -> Decimal:
    return whole_lots(room, per_unit, request.instrument.lot)


def _money(request: SizingRequest, value: Decimal) -> str:
    return f"{plain(value)} {request.instrument.currency}"


def _exposed(  # noqa: PLR0917 -- one row of a table: who, what, how much, used, a unit
    request: SizingRequest, name: str, what: str, limit: Decimal, used: Decimal, per_unit: Decimal
) -> Cap:
    """A limit on money that some exposure uses already and each unit adds to."""
    reason = (
        f"{what} may reach {_money(request, limit)}, {_money(request, used)} is there already, "
        f"each unit adds {_money(request, per_unit)}."
    )
    return Cap(name=name, allowed=_room(request, limit - used, per_unit), reason=reason)


def _unknown(name: str, what: str) -> Cap:
    return Cap(name=name, allowed=ZERO, reason=f"{what} is not known, so nothing fits.")


def _risk_budget(request: SizingRequest, stop: Decimal, standing: Standing) -> Cap:
    method = request.method
    budget = method.budget(standing.equity)
    per_unit = method.distance(abs(request.entry - stop)) * request.instrument.multiplier
    reason = (
        f"{method.words} may be lost, {_money(request, budget)}; "
        f"each unit risks {_money(request, per_unit)}."
    )
    return Cap(name="risk budget", allowed=_room(request, budget, per_unit), reason=reason)


def _order_quantity(request: SizingRequest, limits: Limits) -> Cap:
    limit = limits.max_order_quantity
    reason = f"One order may be {plain(limit)} units at most."
    return Cap(name="order quantity", allowed=_room(request, limit, ONE), reason=reason)


def _share_of_volume(request: SizingRequest, limits: Limits) -> Cap:
    volume, fraction = request.instrument.average_daily_volume, limits.max_order_adv_fraction
    name = "share of daily volume"
    if volume is None:
        reason = "The average daily volume is not known, so this limit is not armed."
        return Cap(name=name, allowed=None, reason=reason)
    limit = volume * fraction
    reason = (
        f"One order may be {plain(fraction * 100)} % of the average daily volume "
        f"of {plain(volume)}, {plain(limit)} units."
    )
    return Cap(name=name, allowed=_room(request, limit, ONE), reason=reason)


def _order_values(
    request: SizingRequest, standing: Standing, limits: Limits, unit_value: Decimal
) -> tuple[Cap, Cap]:
    of_equity = limits.max_order_equity_fraction * standing.equity
    worth = f"each unit is worth {_money(request, unit_value)}."
    fixed = f"One order may be worth {_money(request, limits.max_order_value)}, {worth}"
    percent = plain(limits.max_order_equity_fraction * 100)
    part = f"One order may be worth {percent} % of equity, {_money(request, of_equity)}, {worth}"
    return (
        Cap(
            name="order value",
            allowed=_room(request, limits.max_order_value, unit_value),
            reason=fixed,
        ),
        Cap(
            name="order value of equity",
            allowed=_room(request, of_equity, unit_value),
            reason=part,
        ),
    )


def _buying_power(request: SizingRequest, standing: Standing, unit_value: Decimal) -> Cap:
    if standing.buying_power is None:
        return _unknown("buying power", "Buying power")
    used = standing.open_notional
    return _exposed(request, "buying power", "Open orders", standing.buying_power, used, unit_value)


def _position(
    request: SizingRequest, standing: Standing, limits: Limits, unit_value: Decimal
) -> Cap:
    held = max(ZERO, standing.position * request.side.sign) * unit_value
    limit = limits.max_position_fraction * standing.equity
    what = f"The position in {request.instrument.symbol}"
    used = held + standing.open_on_side
    return _exposed(request, "position", what, limit, used, unit_value)


def _gross_exposure(
    request: SizingRequest, standing: Standing, limits: Limits, unit_value: Decimal
) -> Cap:
    used = standing.gross_exposure + standing.open_notional
    limit = limits.max_gross_fraction * standing.equity
    return _exposed(request, "gross exposure", "Gross exposure", limit, used, unit_value)


def _day_loss(
    request: SizingRequest, standing: Standing, limits: Limits, unit_risk: Decimal
) -> Cap:
    if standing.day_pnl is None or standing.start_equity is None:
        return _unknown("day loss", "The day's loss")
    limit = limits.day_loss_reducing_fraction * standing.start_equity
    used = max(ZERO, -standing.day_pnl) + standing.open_risk
    reason = (
        f"The day may lose {_money(request, limit)}, {_money(request, used)} is lost or "
        f"at risk already, each unit risks {_money(request, unit_risk)}."
    )
    return Cap(name="day loss", allowed=_room(request, limit - used, unit_risk), reason=reason)

"""What protects a position, in a few words for a cell."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from cockpit.domain.order import Order
from cockpit.domain.position import Position
from cockpit.domain.protection import Protection
from cockpit.domain.values import ZERO
from cockpit.trading.orders import OrderBook
from cockpit.ui.theme.format import number, percent, quantity

if TYPE_CHECKING:
    from cockpit.app.core import Core

NO_STOP = "No stop"


def exits_of(position: Position, orders: OrderBook, plans: Sequence[Protection] = ()) -> str:
    """The stop at the venue / the target that is watched; empty when nothing is held.

    `plans` are those of protections that came with no order; those of orders are found.
    """
    if position.flat:
        return ""
    closing = [o for o in orders.open(position.symbol) if _closes(o, position)]
    stops = [order for order in closing if order.intent.stop_price is not None]
    profit = [o for o in closing if o.intent.protects and o.intent.stop_price is None]
    if not stops:
        return "At target" if profit else NO_STOP
    found = (_plan(order, orders) for order in stops)
    plans = [*plans, *(plan for plan in found if plan is not None)]
    return " / ".join((_stops(stops, position, plans), *_targets(plans)))


def exits_in(core: Core, position: Position) -> str:
    """As `exits_of`, with all that a running cockpit knows; a viewer is not told of plans."""
    covers = () if core.viewing is not None else core.protector.covers(position.symbol)
    return exits_of(position, core.orders, [cover.plan for cover in covers])


def words_of(plan: Protection) -> str:
    """A protection as a person would say it."""
    parts = [f"stop {number(plan.stop)}"] if plan.stop is not None else []
    if plan.trail is not None:
        parts.append(f"trails by {number(plan.trail)}")
    if plan.trail_fraction is not None:
        parts.append(f"trails by {percent(plan.trail_fraction)}")
    if plan.limit_offset is not None:
        parts.append(f"its limit {number(plan.limit_offset)} beyond")
    if plan.target is not None:
        parts.append(f"target {number(plan.target)}")
    return ", ".join(parts)


def _closes(order: Order, position: Position) -> bool:
    return order.intent.side.sign * position.quantity < 0


def _plan(order: Order, orders: OrderBook) -> Protection | None:
    """The plan that came with the entry of an exit."""
    entry = orders.get(order.intent.protects) if order.intent.protects else None
    return None if entry is None else entry.intent.protection


def _stops(stops: Sequence[Order], position: Position, plans: Sequence[Protection]) -> str:
    prices = sorted({p for order in stops if (p := order.intent.stop_price) is not None})
    shown = ", ".join(number(price) for price in prices)
    covered = sum((order.remaining for order in stops), ZERO)
    part = ""
    if covered < abs(position.quantity):
        part = f" for {quantity(covered)} of {quantity(abs(position.quantity))}"
    word = "trail " if any(plan.trails for plan in plans) else ""
    return f"{word}{shown}{part}"


def _targets(plans: Sequence[Protection]) -> list[str]:
    targets: set[Decimal] = {plan.target for plan in plans if plan.target is not None}
    return [", ".join(map(number, sorted(targets)))] if targets else []

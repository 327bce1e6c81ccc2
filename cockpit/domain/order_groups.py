"""Orders that hang together at the venue: what a group of them may trade at the most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

import msgspec

from cockpit.domain.order import Order
from cockpit.domain.values import ZERO
from cockpit.domain.venue_terms import OrderClass


class Line(msgspec.Struct, frozen=True):
    """An order and all that have taken its place since: one, as far as its exits go.

    `first` is the client order id of the first of them, `traded` what they have traded in all;
    None when none of them is open any more.
    """

    first: str
    traded: Decimal | None


def group_of(order: Order) -> str:
    """The group at the venue of which only one order trades its quantity; empty for none."""
    terms = order.intent.venue
    if terms is None:
        return ""
    return terms.group or (order.client_order_id if terms.order_class is OrderClass.OCO else "")


def belongs(order: Order) -> bool:
    """True for an order that hangs together with others at the venue."""
    return bool(group_of(order) or (order.intent.venue is not None and order.intent.venue.parent))


def kin_of(order: Order) -> frozenset[str]:
    """The ids under which others know the order's group and entry; most orders have none."""
    if order.intent.venue is None:
        return frozenset()
    return frozenset({_group(order), order.intent.venue.parent} - {""})


def claimed(orders: Iterable[Order], line: Callable[[str], Line | None]) -> Decimal:
    """What orders of one symbol and side may trade in all, at the most.

    Of a group the largest counts; what takes the place of one in it is of the same group. What
    waits for its entry can trade no more than the entry has, as long as that is open. `line`
    tells of an order of `kin_of`, by its client order id.
    """
    total, groups = ZERO, dict[str, Decimal]()
    for order in orders:
        left, group = _left(order, line), _group(order)
        if group:
            known = line(group)
            first = group if known is None else known.first
            groups[first] = max(groups.get(first, ZERO), left)
        else:
            total += left
    return sum(groups.values(), total)


def _group(order: Order) -> str:
    """The group, by the order that this one takes the place of, if it does."""
    group = group_of(order)
    return order.replaces or group if group == order.client_order_id else group


def _left(order: Order, line: Callable[[str], Line | None]) -> Decimal:
    terms = order.intent.venue
    entry = line(terms.parent) if terms is not None and terms.parent else None
    if entry is None or entry.traded is None:
        return order.remaining
    return min(order.remaining, max(ZERO, entry.traded - order.filled))

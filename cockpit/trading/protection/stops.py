"""Where a cover's stop was, told by the exits that were asked for."""

from __future__ import annotations

from collections.abc import Iterable

from cockpit.domain.order import Order, OrderState
from cockpit.trading.protection.cover import Cover

_REFUSED = (OrderState.DENIED, OrderState.REJECTED)
CLOCKS_DIFFER_NS = 600_000_000_000
"""How far this machine's clock may have gone back since a cover began."""


def tightened(cover: Cover, orders: Iterable[Order]) -> None:
    """Never looser than any stop that was ever asked for: trailing goes on where it was."""
    for order in orders:
        stop, mine = order.intent.stop_price, order.intent.protects == cover.cover_id
        if order.state in _REFUSED and not order.intent.intent_id.startswith(cover.cover_id):
            continue  # what a person asked for and did not get
        if mine and stop is not None and of_this_life(cover, order):
            cover.tighten(stop)


def of_this_life(cover: Cover, order: Order) -> bool:
    """False, by time, for an exit of an `anew` cover's earlier life: its price means nothing."""
    return order.created_ns >= cover.since_ns - (0 if cover.anew else CLOCKS_DIFFER_NS)

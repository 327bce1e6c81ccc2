"""The covers made anew from what the ledger holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from cockpit.domain.fill import Fill
from cockpit.domain.order import Order
from cockpit.domain.values import ZERO
from cockpit.trading.protection.cover import Cover, CoverBook
from cockpit.trading.protection.record import Kept


def unfold(book: CoverBook, kept: Kept, orders: Mapping[str, Order], fills: Sequence[Fill]) -> None:
    """Fold fills and protections given later into `book`, in the order they came here."""
    book.clear()
    book.end(kept.ended)
    net: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    given = sorted(kept.held, key=lambda held: held.since_ns)
    for fill in sorted(fills, key=lambda fill: fill.ts_init):
        while given and given[0].since_ns < fill.ts_init:
            book.hold(given.pop(0))
        net[fill.symbol] += fill.signed_quantity
        order = orders.get(fill.client_order_id)
        if order is not None:
            book.book(fill, order.intent, net[fill.symbol])
        else:
            book.clamp(fill.symbol, net[fill.symbol])
    for held in given:
        book.hold(held)


def tightened(cover: Cover, orders: Iterable[Order], before: Cover | None) -> None:
    """Never looser than any stop that was ever asked for: trailing goes on where it was."""
    for order in orders:
        stop, mine = order.intent.stop_price, order.intent.protects == cover.cover_id
        if mine and stop is not None and order.created_ns >= cover.since_ns:
            cover.tighten(stop)
    if before is not None:
        cover.tighten(before.stop)
        cover.best = before.best

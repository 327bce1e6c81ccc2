"""The covers made anew from what the ledger holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from cockpit.domain.adjustment import Adjustment
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order
from cockpit.domain.values import ZERO
from cockpit.trading.protection.cover import Cover, CoverBook
from cockpit.trading.protection.record import Kept


def unfold(
    book: CoverBook, kept: Kept, orders: Mapping[str, Order], ledger: Sequence[Fill | Adjustment]
) -> None:
    """Fold what was booked and the protections given later into `book`, in their order."""
    book.clear()
    book.end(kept.ended)
    net: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    given = sorted(kept.held, key=lambda held: held.since_ns)
    for entry in ledger:
        while given and given[0].since_ns < entry.ts_init:
            book.hold(given.pop(0))
        if isinstance(entry, Adjustment):
            net[entry.symbol] = entry.quantity
            book.clamp(entry.symbol, entry.quantity)
            continue
        net[entry.symbol] += entry.signed_quantity
        order = orders.get(entry.client_order_id)
        if order is not None:
            book.book(entry, order.intent, net[entry.symbol])
        else:
            book.clamp(entry.symbol, net[entry.symbol])
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

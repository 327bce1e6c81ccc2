"""The covers made anew from what the ledger holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal

from cockpit.domain.adjustment import Adjustment
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderState
from cockpit.domain.values import ZERO
from cockpit.trading.protection.cover import Cover, CoverBook, Held
from cockpit.trading.protection.record import Kept

_REFUSED = (OrderState.DENIED, OrderState.REJECTED)


def unfold(
    book: CoverBook, kept: Kept, orders: Mapping[str, Order], ledger: Sequence[Fill | Adjustment]
) -> None:
    """Fold what was booked and the protections given later into `book`, in their order."""
    book.clear()
    net: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    given = list(kept.held)
    booked = {entry.execution_id for entry in ledger if isinstance(entry, Fill)}
    passed: set[str] = set()
    for entry in ledger:
        while given and _comes_before(given[0], entry, passed, booked):
            book.hold(given.pop(0))
        if isinstance(entry, Fill):
            passed.add(entry.execution_id)
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
    # Last: until it was called off a protection had its share of what was closed.
    book.end(kept.ended)


def _comes_before(
    held: Held, entry: Fill | Adjustment, passed: AbstractSet[str], booked: AbstractSet[str]
) -> bool:
    """Whether `held` was given before `entry` was booked; by time where its fill is gone."""
    if held.after in booked:
        return held.after in passed
    return held.since_ns < entry.ts_init


def tightened(cover: Cover, orders: Iterable[Order], before: Cover | None) -> None:
    """Never looser than any stop that was ever asked for: trailing goes on where it was."""
    for order in orders:
        stop, mine = order.intent.stop_price, order.intent.protects == cover.cover_id
        if order.state in _REFUSED and not order.intent.intent_id.startswith(cover.cover_id):
            continue  # what a person asked for and did not get
        if mine and stop is not None and order.created_ns >= cover.since_ns:
            cover.tighten(stop)
    if before is not None:
        cover.tighten(before.stop)
        cover.best = before.best

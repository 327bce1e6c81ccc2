"""What the command palette finds: symbols, panels, actions, and orders for the ticket."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from cockpit.domain.order import OrderType, Side
from cockpit.ui.dialogs.ticket import Draft

_ORDER = re.compile(
    r"\s*(buy|sell)\s+(\d+(?:\.\d+)?)\s+([A-Za-z][\w.\-]*)(?:\s+(?:@|at)?\s*(\d+(?:\.\d+)?))?\s*",
    re.IGNORECASE,
)
MOST = 60


class Entry(NamedTuple):
    """One line: what it is, what it says, its key if it has one, and what Enter does."""

    kind: str
    text: str
    hint: str
    run: Callable[[], object]


class TypedOrder(NamedTuple):
    """An order as it was typed, for the ticket."""

    draft: Draft
    quantity: Decimal


def matching(entries: Iterable[Entry], words: str) -> list[Entry]:
    """Those in which every word stands; those that begin with them first, then in their order."""
    wanted = words.casefold().split()
    found = [e for e in entries if all(w in f"{e.text} {e.kind}".casefold() for w in wanted)]
    start = words.casefold().strip()
    found.sort(
        key=lambda entry: (not entry.text.casefold().startswith(start), entry.kind != "Symbol")
    )
    return found[:MOST]


def typed_order(words: str, symbols: Sequence[str]) -> TypedOrder | None:
    """`buy 100 ABC` or `sell 50 ABC 45.20`; None for anything else, or a symbol nobody knows."""
    found = _ORDER.fullmatch(words)
    if found is None or found[3].upper() not in symbols:
        return None
    price = Decimal(found[4]) if found[4] else None
    kind = OrderType.MARKET if price is None else OrderType.LIMIT
    side = Side(found[1].lower())
    quantity = Decimal(found[2])
    if not quantity > 0 or (price is not None and not price > 0):
        return None
    return TypedOrder(Draft(symbol=found[3].upper(), side=side, type=kind, price=price), quantity)

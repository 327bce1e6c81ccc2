"""Whose every quote counts, also when several came at once: symbols with something at stake."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cockpit.trading.orders import OrderBook
from cockpit.trading.protection.cover import Cover


class AtStake:
    """A container of symbols: those with an open order, or with a protection."""

    def __init__(self, orders: OrderBook, covers: Callable[[str], Sequence[Cover]]) -> None:
        self._orders = orders
        self._covers = covers
        self._version = -1
        self._ordered: frozenset[str] = frozenset()

    def __contains__(self, symbol: object) -> bool:
        if self._version != self._orders.version:
            self._version = self._orders.version
            self._ordered = frozenset(order.symbol for order in self._orders.open())
        return symbol in self._ordered or (isinstance(symbol, str) and bool(self._covers(symbol)))

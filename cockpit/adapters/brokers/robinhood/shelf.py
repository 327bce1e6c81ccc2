"""The orders as they were last seen, brought up to date by what changed since."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from cockpit.adapters.brokers.bodies import ns_of
from cockpit.adapters.brokers.robinhood import reading
from cockpit.adapters.brokers.robinhood.lines import Lines
from cockpit.adapters.brokers.robinhood.wire import WireOrder
from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock

_DAY_NS = 86_400 * SECOND
_LONGEST_OPEN_NS = 100 * _DAY_NS
"""Robinhood ends a standing order after 90 days: what is open has changed since then."""

_OVERLAP_NS = 60 * SECOND
_ALL_AGAIN_NS = 600 * SECOND


class Shelf:
    """Asking for all orders of three months each time would be too much; now and then it is done.

    A question that fails leaves everything as it was and raises.
    """

    def __init__(self, lines: Lines, clock: Clock, account: str) -> None:
        self._lines = lines
        self._clock = clock
        self._account = account
        self._lock = asyncio.Lock()
        self._orders: dict[str, WireOrder] = {}
        self._whole_ns = self._newest_ns = 0

    async def refresh(self) -> bool:
        """Take in what changed; True when something did."""
        async with self._lock:
            return await self._refreshed()

    async def _refreshed(self) -> bool:
        now = self._clock.now_ns()
        whole = not self._newest_ns or now - self._whole_ns > _ALL_AGAIN_NS
        since = now - _LONGEST_OPEN_NS if whole else self._newest_ns - _OVERLAP_NS
        news = await self._lines.orders(self._account, since)
        newest = max((ns_of(order.updated_at) for order in news), default=0)
        before = self._orders
        self._orders = ({} if whole else before) | {order.id: order for order in news}
        self._newest_ns = max(newest, self._newest_ns)  # Robinhood's clock, never ours
        if whole:
            self._whole_ns = now
        return self._orders != before

    async def open(self) -> Sequence[WireOrder]:
        """What is open now, oldest first."""
        await self.refresh()
        still = [order for order in self._orders.values() if reading.is_open(order)]
        return sorted(still, key=lambda order: (ns_of(order.created_at), order.id))

    async def changed_since(self, since_ns: int) -> Sequence[WireOrder]:
        """All orders that something happened to since then."""
        return await self._lines.orders(self._account, since_ns - SECOND)

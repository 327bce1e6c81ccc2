"""Moves orders: stored first, then cached, then published."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from cockpit.domain.events import OrderChanged
from cockpit.domain.limits import Verdict
from cockpit.domain.order import Order, OrderState
from cockpit.kernel.bus import Bus
from cockpit.ports.clock import Clock
from cockpit.ports.store import AuditPayload, Store
from cockpit.trading.errors import NoSuchOrderError
from cockpit.trading.orders import OrderBook


class OrderLog:
    """The only writer of orders. `lock` keeps two movers of one order apart."""

    def __init__(self, bus: Bus, clock: Clock, store: Store, orders: OrderBook) -> None:
        self._bus = bus
        self._clock = clock
        self._store = store
        self.orders = orders
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def lock(self, client_order_id: str) -> asyncio.Lock:
        """Hold this while deciding and writing the order's next state."""
        return self._locks[client_order_id]

    def get(self, client_order_id: str) -> Order:
        """The order as it stands. Raises NoSuchOrderError."""
        order = self.orders.get(client_order_id)
        if order is None:
            raise NoSuchOrderError(client_order_id)
        return order

    async def record(self, order: Order, previous: OrderState | None) -> Order:
        """Store this version, then let everybody see it. Raises StoreError."""
        await self._store.save_order(order)
        self.publish(order, previous)
        return order

    async def move(self, order: Order, state: OrderState, code: str = "", text: str = "") -> Order:
        """Store and publish the order's next state.

        Raises StoreError, and IllegalTransitionError for a road that isn't there.
        """
        moved = order.moved_to(state, self._clock.now_ns(), code=code, text=text)
        return await self.record(moved, order.state)

    async def judged(self, order: Order, verdict: Verdict, *, releasing: bool = False) -> None:
        """Write the gate's verdict to the audit log; `releasing` for the one before the send.

        Raises StoreError.
        """
        told = judgement(order, verdict, releasing=releasing)
        await self._store.record("gate", order.intent.account_id, verdict.ts_ns, told)

    def publish(self, order: Order, previous: OrderState | None) -> None:
        """Cache and publish a version that is already stored."""
        self.orders.put(order)
        now = self._clock.now_ns()
        self._bus.publish(
            OrderChanged(order=order, previous=previous, ts_event=order.updated_ns, ts_init=now)
        )


def judgement(order: Order, verdict: Verdict, *, releasing: bool) -> AuditPayload:
    """What the audit log says of a verdict of the gate."""
    return {
        "client_order_id": order.client_order_id,
        "fingerprint": order.fingerprint,
        "passed": verdict.passed,
        "releasing": releasing,
        "results": verdict.results,
    }

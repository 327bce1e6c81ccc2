"""Orders that may still trade, by symbol, and calls at a due time that can be moved."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal

from cockpit.domain.order import Order, OrderState, Side
from cockpit.domain.values import ZERO
from cockpit.kernel.clock import Timer
from cockpit.ports.clock import Clock

_LIVE = frozenset(
    {
        OrderState.ACKED,
        OrderState.WORKING,
        OrderState.HELD,
        OrderState.PARTIALLY_FILLED,
        OrderState.PENDING_REPLACE,
    }
)
"""Where the venue has said that it keeps the order: no SENDING, UNKNOWN or PENDING_CANCEL."""


class RestingOrders:
    """The orders at the venue, kept from their changes."""

    def __init__(self) -> None:
        self._by_symbol: dict[str, dict[str, Order]] = {}

    def take(self, order: Order) -> None:
        """Keep the latest of an order while it may trade."""
        known = self._by_symbol.setdefault(order.symbol, {})
        if order.state.at_venue:
            known[order.client_order_id] = order
        else:
            known.pop(order.client_order_id, None)

    def symbols(self) -> set[str]:
        """Where there ever was one."""
        return set(self._by_symbol)

    def on(self, symbol: str) -> Collection[Order]:
        """The orders of one symbol."""
        return self._by_symbol.get(symbol, {}).values()

    def protects(self, symbol: str, quantity: Decimal) -> bool:
        """True when live stops would close all of a signed `quantity`."""
        closing = Side.SELL if quantity > 0 else Side.BUY
        stopped = (
            self._in_force(order)
            for order in self.on(symbol)
            if order.intent.side is closing
            and order.intent.type.needs_stop
            and order.state in _LIVE
        )
        return sum(stopped, ZERO) >= abs(quantity)

    def _in_force(self, stop: Order) -> Decimal:
        """What it would close: one that waits for its entry no more than that has traded."""
        parent = "" if stop.intent.venue is None else stop.intent.venue.parent
        for entry in self.on(stop.symbol) if parent else ():
            if parent in (entry.client_order_id, entry.replaces):
                return min(stop.remaining, max(ZERO, entry.filled - stop.filled))
        return stop.remaining


class Deadlines:
    """One timer a key, at the time it was first given."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timers: dict[str, Timer] = {}

    def start(self, key: str, due_ns: int, then: Callable[[], None]) -> None:
        """Call `then` at `due_ns`, unless the key already has its time."""
        if key not in self._timers:
            self._timers[key] = self._clock.call_at(due_ns, then)

    def drop(self, key: str) -> None:
        """Call it off; harmless when there is none. The key may start anew."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Call all of them off."""
        for key in list(self._timers):
            self.drop(key)

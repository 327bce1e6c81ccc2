"""What went out lately: for the rate, duplicate and repetition controls."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import msgspec

from cockpit.domain.order import Order
from cockpit.domain.values import session_date

SECOND_NS = 1_000_000_000


class _Sent(msgspec.Struct, frozen=True):
    ts_ns: int
    order: Order
    entry: bool
    day: date


class Traffic:
    """A window over the orders that passed the gate; what is older than a day is dropped."""

    KEPT_NS = 25 * 3600 * SECOND_NS  # the day on which the clocks go back

    def __init__(self) -> None:
        self._sent: deque[_Sent] = deque()
        self._messages: deque[int] = deque()

    def order_released(self, order: Order, now_ns: int, *, entry: bool) -> None:
        """Count an order that goes out; `entry` when it does not just reduce."""
        self._sent.append(_Sent(now_ns, order, entry, session_date(now_ns)))
        self.message_sent(now_ns)
        while self._sent and now_ns - self._sent[0].ts_ns > self.KEPT_NS:
            self._sent.popleft()

    def message_sent(self, now_ns: int) -> None:
        """Count any message to the broker."""
        self._messages.append(now_ns)
        while self._messages and now_ns - self._messages[0] > 60 * SECOND_NS:
            self._messages.popleft()

    def messages_within(self, seconds: int, now_ns: int) -> int:
        """Messages of the last `seconds`."""
        return sum(1 for ts in self._messages if now_ns - ts < seconds * SECOND_NS)

    def orders_on(self, now_ns: int) -> int:
        """Orders that went out on the New York day of `now_ns`."""
        if not self._sent:
            return 0
        today = session_date(now_ns)
        return sum(1 for sent in self._sent if sent.day == today)

    def same_as(self, order: Order, now_ns: int, window_s: Decimal) -> int:
        """Orders of the same symbol, side, size and prices within the window."""
        key = _key(order)
        return self._count(
            now_ns,
            window_s,
            lambda s: _key(s.order) == key and s.order.client_order_id != order.client_order_id,
        )

    def entries_of(self, order: Order, now_ns: int, window_s: Decimal) -> int:
        """Entries by the order's strategy in its symbol within the window."""
        strategy, symbol = order.intent.strategy, order.intent.symbol
        return self._count(
            now_ns,
            window_s,
            lambda s: (
                s.entry and s.order.intent.symbol == symbol and s.order.intent.strategy == strategy
            ),
        )

    def _count(self, now_ns: int, window_s: Decimal, match: Callable[[_Sent], bool]) -> int:
        since = now_ns - int(window_s * SECOND_NS)
        return sum(1 for sent in self._sent if sent.ts_ns > since and match(sent))


def _key(order: Order) -> tuple[object, ...]:
    i = order.intent
    return (i.symbol, i.side, i.type, i.quantity, i.limit_price, i.stop_price)

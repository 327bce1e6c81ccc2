"""What went out lately: for the rate, duplicate and repetition controls."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from cockpit.domain.order import Order
from cockpit.domain.values import day_end_ns, session_date

K = TypeVar("K")
SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS


class _Sent(NamedTuple):
    ts_ns: int
    client_order_id: str
    terms: tuple[object, ...]
    entry_by: tuple[str, str] | None
    day: date


class Traffic:
    """A window over the orders that passed the gate; what is older than a day is dropped.

    Kept by terms, by strategy and symbol, and by day, so that a question looks at what it
    asks about only. Times need not rise: a clock may be set back.
    """

    KEPT_NS = 25 * 3600 * SECOND_NS  # the day on which the clocks go back

    def __init__(self) -> None:
        self._sent: deque[_Sent] = deque()
        self._by_terms: defaultdict[tuple[object, ...], deque[_Sent]] = defaultdict(deque)
        self._entries: defaultdict[tuple[str, str], deque[_Sent]] = defaultdict(deque)
        self._by_day: Counter[date] = Counter()
        self._messages: deque[int] = deque()
        self._today = _Day()

    def order_released(self, order: Order, now_ns: int, *, entry: bool) -> None:
        """Count an order that goes out; `entry` when it does not just reduce."""
        entry_by = _entry_by(order) if entry else None
        day = self._today.of(now_ns)
        sent = _Sent(now_ns, order.client_order_id, _terms(order), entry_by, day)
        self._sent.append(sent)
        self._by_terms[sent.terms].append(sent)
        if entry_by is not None:
            self._entries[entry_by].append(sent)
        self._by_day[day] += 1
        self.message_sent(now_ns)
        while now_ns - self._sent[0].ts_ns > self.KEPT_NS:
            self._forget(self._sent.popleft())

    def message_sent(self, now_ns: int) -> None:
        """Count any message to the broker."""
        self._messages.append(now_ns)
        while self._messages and now_ns - self._messages[0] > MINUTE_NS:
            self._messages.popleft()

    def messages_within(self, seconds: int, now_ns: int) -> int:
        """Messages of the last `seconds`."""
        since = now_ns - seconds * SECOND_NS
        return len([ts for ts in self._messages if ts > since])

    def orders_on(self, now_ns: int) -> int:
        """Orders that went out on the New York day of `now_ns`."""
        return self._by_day[self._today.of(now_ns)]

    def same_as(self, order: Order, now_ns: int, window_s: Decimal) -> int:
        """Orders of the same symbol, side, size and prices within the window."""
        since, own = now_ns - int(window_s * SECOND_NS), order.client_order_id
        same = self._by_terms.get(_terms(order), ())
        return len([s for s in same if s.ts_ns > since and s.client_order_id != own])

    def entries_of(self, order: Order, now_ns: int, window_s: Decimal) -> int:
        """Entries by the order's strategy in its symbol within the window."""
        since = now_ns - int(window_s * SECOND_NS)
        return len([s for s in self._entries.get(_entry_by(order), ()) if s.ts_ns > since])

    def _forget(self, sent: _Sent) -> None:
        """Everything is kept in the order in which it came: the oldest is the first everywhere."""
        _drop_first(self._by_terms, sent.terms)
        if sent.entry_by is not None:
            _drop_first(self._entries, sent.entry_by)
        self._by_day[sent.day] -= 1
        if not self._by_day[sent.day]:
            del self._by_day[sent.day]


class _Day:
    """The New York day of a time; the calendar is only asked when another day is meant."""

    def __init__(self) -> None:
        self._from_ns = self._to_ns = 0
        self._day = date.min

    def of(self, now_ns: int) -> date:
        if not (self._from_ns <= now_ns < self._to_ns):
            self._day = session_date(now_ns)
            self._from_ns, self._to_ns = now_ns, day_end_ns(now_ns)
        return self._day


def _drop_first(by_key: dict[K, deque[_Sent]], key: K) -> None:
    by_key[key].popleft()
    if not by_key[key]:
        del by_key[key]


def _terms(order: Order) -> tuple[object, ...]:
    i = order.intent
    return (i.symbol, i.side, i.type, i.quantity, i.limit_price, i.stop_price)


def _entry_by(order: Order) -> tuple[str, str]:
    return order.intent.strategy, order.intent.symbol

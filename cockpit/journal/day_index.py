"""Fills and trades by New York day: what a day's screen, entry and recap ask for.

A ledger grows by years, a day does not: nothing here walks over all of it to tell of one day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

from cockpit.domain.currency import each_once
from cockpit.domain.fill import Fill
from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO
from cockpit.journal.days import day_of
from cockpit.journal.ledger import order_key, trade_key


class DaySum(NamedTuple):
    """What the trades closed on one day made, together; no net of several currencies."""

    net: Decimal | None
    trades: int
    wins: int
    losses: int
    currencies: tuple[str, ...]


class DayIndex:
    """Each day's lists are kept in order; most of what comes is the newest and is appended."""

    def __init__(self) -> None:
        self._fills: defaultdict[str, list[Fill]] = defaultdict(list)
        self._trades: defaultdict[str, list[Trade]] = defaultdict(list)
        self._exits: defaultdict[str, list[Trade]] = defaultdict(list)
        self._sums: dict[str, DaySum] = {}

    def add_fill(self, fill: Fill) -> None:
        """Take in a fill that is not known yet."""
        fills = self._fills[day_of(fill.ts_event)]
        if not fills or fill.ts_event > fills[-1].ts_event:
            fills.append(fill)
        else:
            fills.insert(bisect_right(fills, order_key(fill), key=order_key), fill)

    def drop_fill(self, fill: Fill) -> None:
        """Forget one that was taken back."""
        day = day_of(fill.ts_event)
        self._fills[day].remove(fill)
        if not self._fills[day]:
            del self._fills[day]

    def add_trade(self, trade: Trade) -> None:
        """Take in a trade that closed."""
        day = day_of(trade.closed_ns)
        trades = self._trades[day]
        if not trades or trade.closed_ns > trades[-1].closed_ns:
            trades.append(trade)
        else:
            trades.insert(bisect_right(trades, trade_key(trade), key=trade_key), trade)
        self._sums.pop(day, None)
        for exit_day in _exit_days(trade):
            self._exits[exit_day].append(trade)

    def drop_trade(self, trade: Trade) -> None:
        """Forget a trade that a correction changed or opened again."""
        day = day_of(trade.closed_ns)
        trades = self._trades[day]
        trades.pop(bisect_left(trades, trade_key(trade), key=trade_key))
        if not trades:
            del self._trades[day]
        self._sums.pop(day, None)
        for exit_day in _exit_days(trade):
            self._exits[exit_day].remove(trade)

    def fills(self, day: str | None) -> list[Fill]:
        """Fills by time, of one day or of all."""
        return _of(self._fills, day)

    def trades(self, day: str | None) -> list[Trade]:
        """Closed trades by their end, of one day or of all."""
        return _of(self._trades, day)

    def with_exits(self, day: str) -> Sequence[Trade]:
        """Closed trades that realised something on a day, whenever they ended."""
        return self._exits.get(day, ())

    def days(self) -> Iterable[str]:
        """Days with a fill."""
        return self._fills.keys()

    def last_day(self) -> str:
        """The newest day with a fill; empty without one."""
        return max(self._fills, default="")

    def closing_days(self) -> list[str]:
        """Days on which a trade closed, oldest first."""
        return sorted(self._trades)

    def closed(self, day: str) -> DaySum:
        """What the trades closed on a day made."""
        if day not in self._sums:
            trades = self._trades.get(day, ())
            nets = [trade.net for trade in trades]
            money = each_once(trade.currency for trade in trades)
            self._sums[day] = DaySum(
                net=sum(nets, ZERO) if len(money) == 1 else None,
                trades=len(nets),
                wins=sum(n > 0 for n in nets),
                losses=sum(n < 0 for n in nets),
                currencies=money,
            )
        return self._sums[day]


T = TypeVar("T")


def _of(by_day: dict[str, list[T]], day: str | None) -> list[T]:
    if day is not None:
        return list(by_day.get(day, ()))
    return [each for one in sorted(by_day) for each in by_day[one]]


def _exit_days(trade: Trade) -> set[str]:
    first, last = day_of(trade.matches[0].closed_ns), day_of(trade.closed_ns)
    return {first} if first == last else {day_of(match.closed_ns) for match in trade.matches}

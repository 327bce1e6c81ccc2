"""Rows in numbers: many quotes as columns, for those who look at all of them at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple, overload

import numpy as np
import numpy.typing as npt

from cockpit.ports.feed import RawQuote, RawRow

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint16]
Places = npt.NDArray[np.intp]
Numbers = tuple[Floats, Floats, Floats, Floats]

MOST_SYMBOLS = 1 << 16
_symbol_of, _time_of = attrgetter("symbol"), attrgetter("ts_event")
_NUMBERS = tuple(map(attrgetter, ("bid", "ask", "bid_size", "ask_size")))


class Groups(NamedTuple):
    """Quotes by symbol, each symbol's in their order.

    `order` are the quotes' places, symbol after symbol; of group n, `first[n]` and `last[n]` are
    the places in `order`, `length[n]` how many there are, `symbols[n]` whose they are.
    """

    order: Places
    first: Places
    last: Places
    length: Places
    symbols: list[str]


class Columns(Sequence[RawRow]):
    """A batch of rows in the order they came, of which the quotes are columns.

    A sequence of rows as any other for those who look at them one by one. `names` numbers
    symbols; it may be shared and only ever grows. `keys` are the symbols' numbers and `ts` the
    times in ns UTC of all rows; `bid`, `ask`, `bid_size` and `ask_size` are of the quotes alone.
    `others` are all rows that are none, `at` their places.
    """

    def __init__(
        self,
        names: list[str],
        keys: Keys,
        ts: Ints,
        numbers: Numbers,
        *,
        at: Sequence[int] = (),
        others: Sequence[RawRow] = (),
    ) -> None:
        self.names, self.keys, self.ts = names, keys, ts
        self.numbers = numbers
        self.bid, self.ask, self.bid_size, self.ask_size = numbers
        self.at, self.others = at, others

    @staticmethod
    def of(rows: Sequence[RawRow], names: list[str], number_of: dict[str, int]) -> Columns | None:
        """Rows as columns; None for what no column can hold.

        `names` and `number_of` are added to. Raises TypeError for a number that is none.
        """
        symbols = list(map(_symbol_of, rows))
        for symbol in set(symbols) - number_of.keys():
            number_of[symbol] = len(names)
            names.append(symbol)
        if len(names) > MOST_SYMBOLS:
            return None
        count = len(rows)
        keys = np.fromiter(map(number_of.__getitem__, symbols), np.uint16, count)
        ts = np.fromiter(map(_time_of, rows), np.int64, count)
        at, others, quotes = (), (), rows
        if not all(issubclass(kind, RawQuote) for kind in set(map(type, rows))):
            at = [n for n, row in enumerate(rows) if not isinstance(row, RawQuote)]
            others = [rows[n] for n in at]
            quotes = [row for row in rows if isinstance(row, RawQuote)]
        bid, ask, bid_size, ask_size = (
            np.fromiter(map(number, quotes), np.float64, len(quotes)) for number in _NUMBERS
        )
        return Columns(names, keys, ts, (bid, ask, bid_size, ask_size), at=at, others=others)

    @staticmethod
    def joined(parts: Sequence[Columns]) -> Columns:
        """Batches with the same `names` as one."""
        if len(parts) == 1:
            return parts[0]
        at: list[int] = []
        before = 0
        for part in parts:
            at += [before + place for place in part.at]
            before += len(part)
        bid, ask, bid_size, ask_size = (
            np.concatenate(column) for column in zip(*(p.numbers for p in parts), strict=True)
        )
        return Columns(
            parts[0].names,
            np.concatenate([part.keys for part in parts]),
            np.concatenate([part.ts for part in parts]),
            (bid, ask, bid_size, ask_size),
            at=at,
            others=[row for part in parts for row in part.others],
        )

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, at: int) -> RawRow: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[RawRow]: ...
    def __getitem__(self, at: int | slice) -> RawRow | Sequence[RawRow]:
        """One row, or some; they are made for each call."""
        if isinstance(at, slice):
            return list(self)[at]
        at = range(len(self))[at]
        if at in self._other_at:
            return self._other_at[at]
        return self.quote(int(np.searchsorted(self.places, at)))

    def __iter__(self) -> Iterator[RawRow]:
        names = self.names
        keys, ts = self.keys[self.places].tolist(), self.ts[self.places].tolist()
        numbers = [column.tolist() for column in self.numbers]
        quotes = map(RawQuote, map(names.__getitem__, keys), *numbers, ts)
        if not self.others:
            return iter(quotes)
        return (self._other_at.get(n) or next(quotes) for n in range(len(self)))

    @property
    def newest_ns(self) -> int:
        """Time of the last row."""
        return int(self.ts[-1])

    @cached_property
    def places(self) -> Places:
        """The quotes' places among all rows."""
        every = np.arange(len(self))
        return np.delete(every, self.at) if self.others else every

    @cached_property
    def _other_at(self) -> dict[int, RawRow]:
        return dict(zip(self.at, self.others, strict=True))

    @cached_property
    def groups(self) -> Groups:
        """The quotes by symbol."""
        keys = self.keys[self.places] if self.others else self.keys
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        new = np.ones(len(keys), dtype=bool)
        new[1:] = ordered[1:] != ordered[:-1]
        first = np.flatnonzero(new)
        length = np.diff(first, append=len(keys))
        symbols = list(map(self.names.__getitem__, ordered[first].tolist()))
        return Groups(order, first, first + length - 1, length, symbols)

    @cached_property
    def newest(self) -> list[RawQuote]:
        """The newest quote of each group."""
        groups = self.groups
        at = groups.order[groups.last]
        numbers = [column[at].tolist() for column in self.numbers]
        return list(map(RawQuote, groups.symbols, *numbers, self.ts[self.places[at]].tolist()))

    def quote(self, number: int) -> RawQuote:
        """Quote `number`, counted among the quotes."""
        at = self.places[number]
        bid, ask, bid_size, ask_size = (float(column[number]) for column in self.numbers)
        name = self.names[int(self.keys[at])]
        return RawQuote(name, bid, ask, bid_size, ask_size, int(self.ts[at]))

    def part(self, begin: int, end: int) -> Columns:
        """The rows from `begin` on, before `end`; nothing is copied."""
        first, last = bisect_left(self.at, begin), bisect_left(self.at, end)
        quotes = slice(begin - first, end - last)
        bid, ask, bid_size, ask_size = (column[quotes] for column in self.numbers)
        return Columns(
            self.names,
            self.keys[begin:end],
            self.ts[begin:end],
            (bid, ask, bid_size, ask_size),
            at=[place - begin for place in self.at[first:last]],
            others=self.others[first:last],
        )

    def only_newest(self) -> Columns:
        """Without the quotes that a later one of their symbol has overtaken."""
        groups = self.groups
        kept = np.sort(groups.order[groups.last])
        stays = np.zeros(len(self), dtype=bool)
        stays[self.places[kept]] = True
        stays[list(self.at)] = True
        place = np.cumsum(stays) - 1
        bid, ask, bid_size, ask_size = (column[kept] for column in self.numbers)
        return Columns(
            self.names,
            self.keys[stays],
            self.ts[stays],
            (bid, ask, bid_size, ask_size),
            at=place[list(self.at)].tolist(),
            others=self.others,
        )


def newest_ns(rows: Sequence[RawRow]) -> int:
    """Time of the last of `rows`, in ns UTC."""
    return rows.newest_ns if isinstance(rows, Columns) else rows[-1].ts_event


def others_in(rows: Sequence[RawRow]) -> Sequence[RawRow]:
    """Where all rows are that are no quotes; quotes may be among them."""
    return rows.others if isinstance(rows, Columns) else rows

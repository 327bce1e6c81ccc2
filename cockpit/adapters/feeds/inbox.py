"""From a stream into the loop: one hand-over for all that came meanwhile."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby
from threading import Lock
from typing import Protocol, cast

from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawQuote, RawRow

AT_ONCE = 4_000
"""Rows that the loop takes before it lets others have their turn: a few milliseconds' work."""

IN_COLUMNS = 8
"""So many quotes in columns take no longer than one row of a list."""

REST = 2.0
"""How long, in times of what it has just taken, the loop is left to others before it takes more.
So rows come in larger batches the busier it is, and a batch costs less than its rows one by one."""

SHORTEST_REST_S, LONGEST_REST_S = 0.002, 0.005

MOST = 50_000
"""Rows that may wait. A loop that is held up longer gets only the latest quote of each symbol
from before; prints and halts are never left out."""


class Source(Protocol):
    """Somebody in the loop who brings rows when he is asked for what has come meanwhile."""

    def bring(self) -> None:
        """Put what has come into the inbox; raises nothing."""
        ...

    def rest(self) -> None:
        """The inbox is empty and asks no more: it must be told (`Inbox.look`) when more comes."""
        ...


class Inbox:
    """Rows wait here for the loop, in the order they came, as lists or as columns.

    `conflated` counts the quotes that were left out because a later one of their symbol waited.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        deliver: Callable[[Sequence[RawRow]], None],
        *,
        most: int = MOST,
        at_once: int = AT_ONCE,
    ) -> None:
        self._loop = loop
        self._deliver = deliver
        self._waiting = Waiting(most)
        self._at_once = at_once
        self._lock = Lock()
        self._called = self._taking = False
        self._source: Source | None = None
        self._left_out = 0

    @property
    def conflated(self) -> int:
        """Quotes that a later one of their symbol has overtaken before they were delivered."""
        return self._waiting.conflated + self._left_out

    def put(self, rows: Sequence[RawRow]) -> None:
        """Hand rows over, from any thread."""
        with self._lock:
            self._waiting.add(rows)
        self.look()

    def look(self) -> None:
        """There is something to take, or to be brought; from any thread."""
        with self._lock:
            called, self._called = self._called, True
        if not called:
            self.call(self._take_turn)

    def draw_from(self, source: Source | None) -> None:
        """Ask `source` before each turn; None ends that."""
        self._source = source

    def leave_out(self, quotes: int) -> None:
        """So many were overtaken before they came here."""
        self._left_out += quotes

    def call(self, action: Callable[[], object]) -> None:
        """Have `action` called in the loop, from any thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(action)

    def catch_up(self) -> None:
        """Take what waits now, as far as one turn goes; in the loop, but not from a delivery."""
        with self._lock:
            idle = not self._called
        if not (idle or self._taking):
            self._take()

    def _take_turn(self) -> None:
        began = self._loop.time()
        took = False
        try:
            took = self._take()
        finally:
            with self._lock:
                self._called = again = took or bool(self._waiting)
            if again:
                rest_s = REST * (self._loop.time() - began)
                self._loop.call_later(
                    min(max(rest_s, SHORTEST_REST_S), LONGEST_REST_S), self._take_turn
                )
            elif self._source is not None:
                self._source.rest()

    def _take(self) -> bool:
        """Deliver what a turn has room for; False when there was nothing."""
        source, self._taking = self._source, True
        try:
            with self._lock:
                behind = self._waiting.cost >= self._at_once
            if source is not None and not behind:  # else it stays where it is thinned
                source.bring()
            with self._lock:
                batches = self._waiting.next(self._at_once)
            for rows in batches:
                self._deliver(rows)
            return bool(batches)
        finally:
            self._taking = False


class Waiting:
    """Rows in their order; when there are too many, of each symbol the latest quote only.

    `conflated` are the quotes that this cost. Prints and halts are never left out.
    """

    def __init__(self, most: int) -> None:
        self._most = self._limit = most
        self._batches: list[Sequence[RawRow]] = []
        self._rows = 0
        self.conflated = 0

    def __len__(self) -> int:
        return self._rows

    @property
    def cost(self) -> int:
        """As of `cost`, of all of them."""
        return sum(map(cost, self._batches))

    def add(self, rows: Sequence[RawRow]) -> None:
        """Behind what waits."""
        self._batches.append(rows)
        self._rows += len(rows)
        if self._rows > self._limit:
            self._conflate()

    def next(self, room: int) -> list[Sequence[RawRow]]:
        """Take out those whose turn it is, in few batches; what is too long is cut."""
        taken: list[Sequence[RawRow]] = []
        at = 0
        while at < len(self._batches) and room > 0:
            batch = self._batches[at]
            if cost(batch) > room:
                first, self._batches[at] = cut(batch, room)
                taken.append(first)
                break
            taken.append(batch)
            room -= cost(batch)
            at += 1
        del self._batches[:at]
        self._rows -= sum(map(len, taken))
        if self._rows <= self._most:
            self._limit = self._most
        return joined(taken)

    def _conflate(self) -> None:
        """What is left is looked at again only when there is twice as much."""
        kept = [only_newest(batch) for batch in joined(self._batches)]
        left = sum(map(len, kept))
        self.conflated += self._rows - left
        self._batches, self._rows = kept, left
        self._limit = max(self._most, 2 * left)


def cost(rows: Sequence[RawRow]) -> int:
    """What a batch costs the loop, in rows of a list."""
    if isinstance(rows, Columns):
        return len(rows.others) + len(rows) // IN_COLUMNS
    return len(rows)


def cut(rows: Sequence[RawRow], room: int) -> tuple[Sequence[RawRow], Sequence[RawRow]]:
    """The first of them, at least one, that cost no more than `room`; and the rest."""
    if not isinstance(rows, Columns):
        return rows[:room], rows[room:]
    at = rows.at
    over = bisect_right(
        range(len(rows)), room, key=lambda end: bisect_left(at, end) + end // IN_COLUMNS
    )
    end = max(1, over - 1)
    return rows.part(0, end), rows.part(end, len(rows))


def joined(batches: Sequence[Sequence[RawRow]]) -> list[Sequence[RawRow]]:
    """The same in fewer batches, where neighbours are of one kind."""
    found: list[Sequence[RawRow]] = []
    for names, group in groupby(batches, lambda rows: getattr(rows, "names", None)):
        some = list(group)
        if names is None:
            found.append([row for rows in some for row in rows])
        else:
            found.append(Columns.joined(cast("list[Columns]", some)))
    return found


def only_newest(rows: Sequence[RawRow]) -> Sequence[RawRow]:
    """Without the quotes that a later one of their symbol has overtaken."""
    if isinstance(rows, Columns):
        return rows.only_newest()
    latest = {row.symbol: row for row in rows if isinstance(row, RawQuote)}
    return [row for row in rows if not isinstance(row, RawQuote) or latest[row.symbol] is row]

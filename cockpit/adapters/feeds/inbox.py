"""From a stream into the loop: one hand-over for all that came meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby
from threading import Lock
from typing import cast

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
        self._most = most
        self._at_once = at_once
        self._lock = Lock()
        self._waiting: list[Sequence[RawRow]] = []
        self._rows = 0
        self._called = False
        self.conflated = 0

    def put(self, rows: Sequence[RawRow]) -> None:
        """Hand rows over, from any thread."""
        with self._lock:
            self._waiting.append(rows)
            self._rows += len(rows)
            if self._rows > self._most:
                self._conflate()
            called, self._called = self._called, True
        if not called:
            self.call(self._take)

    def call(self, action: Callable[[], object]) -> None:
        """Have `action` called in the loop, from any thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(action)

    def _take(self) -> None:
        with self._lock:
            batches = self._next()
            self._called = bool(batches)
        if batches:
            began = self._loop.time()
            try:
                for rows in joined(batches):
                    self._deliver(rows)
            finally:
                took_s = self._loop.time() - began
                self._loop.call_later(
                    min(max(REST * took_s, SHORTEST_REST_S), LONGEST_REST_S), self._take
                )

    def _next(self) -> list[Sequence[RawRow]]:
        """The batches whose turn it is; one that is too long for a turn is cut."""
        room, count = self._at_once, 0
        while count < len(self._waiting) and room > 0:
            batch = self._waiting[count]
            if len(batch) > room and not isinstance(batch, Columns):
                self._waiting[count : count + 1] = [batch[:room], batch[room:]]
            room -= cost(self._waiting[count])
            count += 1
        batches, self._waiting = self._waiting[:count], self._waiting[count:]
        self._rows -= sum(map(len, batches))
        return batches

    def _conflate(self) -> None:
        kept = [only_newest(batch) for batch in joined(self._waiting)]
        left = sum(map(len, kept))
        self.conflated += self._rows - left
        self._waiting, self._rows = kept, left


def cost(rows: Sequence[RawRow]) -> int:
    """What a batch costs the loop, in rows of a list."""
    if isinstance(rows, Columns):
        return len(rows.others) + len(rows) // IN_COLUMNS
    return len(rows)


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

"""From a stream's thread into the loop: one hand-over for all that came meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from cockpit.ports.feed import RawQuote, RawRow

AT_ONCE = 4_000
"""Rows that the loop takes before it lets others have their turn: a few milliseconds' work."""

REST = 2.0
"""How long, in times of what it has just taken, the loop is left to others before it takes more.
So rows come in larger batches the busier it is, and a batch costs less than its rows one by one."""

SHORTEST_REST_S, LONGEST_REST_S = 0.002, 0.005

MOST = 50_000
"""Rows that may wait. A loop that is held up longer gets only the latest quote of each symbol
from before; prints and halts are never left out."""


class Inbox:
    """Rows wait here for the loop, in the order they came.

    `conflated` counts the quotes that were left out because a later one of their symbol waited.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        deliver: Callable[[list[RawRow]], None],
        *,
        most: int = MOST,
        at_once: int = AT_ONCE,
    ) -> None:
        self._loop = loop
        self._deliver = deliver
        self._most = most
        self._at_once = at_once
        self._lock = Lock()
        self._waiting: list[RawRow] = []
        self._called = False
        self.conflated = 0

    def put(self, rows: list[RawRow]) -> None:
        """Hand rows over, from any thread."""
        with self._lock:
            self._waiting += rows
            if len(self._waiting) > self._most:
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
            rows, self._waiting = self._waiting[: self._at_once], self._waiting[self._at_once :]
            self._called = bool(rows)
        if rows:
            began = self._loop.time()
            try:
                self._deliver(rows)
            finally:
                took_s = self._loop.time() - began
                self._loop.call_later(
                    min(max(REST * took_s, SHORTEST_REST_S), LONGEST_REST_S), self._take
                )

    def _conflate(self) -> None:
        latest = {row.symbol: row for row in self._waiting if isinstance(row, RawQuote)}
        kept = [
            row
            for row in self._waiting
            if not isinstance(row, RawQuote) or latest[row.symbol] is row
        ]
        self.conflated += len(self._waiting) - len(kept)
        self._waiting = kept

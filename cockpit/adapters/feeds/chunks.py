"""Rows made in a thread, handed to the loop in chunks: no disk call on the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Sequence
from typing import Protocol

import msgspec

from cockpit.ports.feed import RawBar, RawRow


class Unreadable(msgspec.Struct, gc=False):
    """A row that could not be read: reason code, the place in words, time of the row before."""

    reason: str
    detail: str
    ts_event: int


class Told(msgspec.Struct, gc=False):
    """Bars that the source made itself, and when they came in, in ns."""

    ts_event: int
    bars: Sequence[RawBar]


Item = RawRow | Unreadable
Rows = Generator[Item, None, None]
Batch = tuple[int, Sequence[RawRow]] | Unreadable | Told
"""When rows come in, in ns, with all of that instant; one that could not be read; or bars."""


class Source(Protocol):
    """Batches in order of time, made off the loop."""

    async def next(self) -> list[Batch]:
        """The next batches; an empty list at the end. Raises FeedError when it fails."""
        ...

    def close(self) -> None:
        """Let go of what it reads from."""
        ...


class Chunks:
    """Takes `rows` in steps of CHUNK_ROWS, each in a worker thread, grouped by instant.

    Memory is bounded by one chunk. Errors of the source surface in `next`.
    """

    CHUNK_ROWS = 1024

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._lock = threading.Lock()
        self._closed = False

    async def next(self) -> list[Batch]:
        """The next batches in order; an empty list at the end."""
        return await asyncio.to_thread(self._take)

    def close(self) -> None:
        """Close the source; waits for a step under way (some milliseconds)."""
        with self._lock:
            self._closed = True
            self._rows.close()

    def _take(self) -> list[Batch]:
        with self._lock:
            return [] if self._closed else self._group()

    def _group(self) -> list[Batch]:
        batches: list[Batch] = []
        current: list[RawRow] = []
        last_ts, left = -1, self.CHUNK_ROWS
        for item in self._rows:
            if isinstance(item, Unreadable):
                batches.append(item)
                last_ts = -1
            elif item.ts_event == last_ts:
                current.append(item)
            else:
                current = [item]
                last_ts = item.ts_event
                batches.append((last_ts, current))
            left -= 1
            if not left:
                break
        return batches

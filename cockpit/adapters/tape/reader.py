"""Reads a tape: whole, cut off, or still being recorded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from cockpit.adapters.feeds.chunks import Batch, Unreadable
from cockpit.adapters.tape import codec
from cockpit.adapters.tape.blocks import rows_in, tail_batches, time_of
from cockpit.adapters.tape.frames import DONE, HEAD, MAGIC, ROWS, TAIL, Frame, Totals, frames
from cockpit.adapters.tape.writer import PART, TAIL_OF
from cockpit.ports.feed import FeedError
from cockpit.ports.tape import Origin

TORN = "torn"


class TapeFile(msgspec.Struct, kw_only=True):
    """What one pass over a tape's frames found; every checksum was looked at.

    `good_bytes` is where whole frames end, `torn_bytes` what lies behind. `left` are rows
    of a tail that are on no full block yet. `totals` is None when it was never finished.
    """

    path: Path
    origin: Origin
    rows: int
    blocks: int
    start_ns: int
    end_ns: int
    good_bytes: int
    torn_bytes: int
    left: list[Batch]
    totals: Totals | None

    @property
    def whole(self) -> bool:
        """True when everything that came in is on it."""
        return self.totals is not None and self.totals.whole and not self.torn_bytes

    @property
    def defect(self) -> str:
        """What is wrong with it, in words; empty for a whole one."""
        if self.torn_bytes:
            return f"its end is torn: {self.torn_bytes:,} bytes can't be read"
        if self.totals is None:
            return "it was not finished: still being recorded, or cut off by a crash"
        return "" if self.totals.whole else "its recording was cut off"


def is_tape(path: Path) -> bool:
    """True for a file that begins as a tape does."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC
    return False


def open_tape(path: Path) -> TapeFile:
    """Look at every frame once. Raises FeedError for what is no tape or holds no row."""
    try:
        with path.open("rb") as file:
            return _looked_at(path, file, path.stat().st_size)
    except OSError as error:
        raise _refusal(path, f"it can't be read ({error.strerror or error})") from error


def blocks(tape: TapeFile) -> Iterator[list[Batch]]:
    """Its batches, a block at a time. Raises FeedError when a block is none of ours."""
    with tape.path.open("rb") as file:
        file.seek(len(MAGIC))
        for each in frames(file):
            if each.kind == ROWS:
                try:
                    yield codec.decode(each.payload)
                except ValueError as error:
                    raise _refusal(tape.path, f"a block can't be decoded ({error})") from error
            if each.end >= tape.good_bytes:
                break
    if tape.left:
        yield tape.left


class TapeSource:
    """Implements `chunks.Source` over tapes, one after the other; torn ends are told as rows."""

    def __init__(self, tapes: list[TapeFile]) -> None:
        self._blocks = _all_blocks(tapes)
        self._lock = threading.Lock()

    async def next(self) -> list[Batch]:
        """As in `Source`."""
        return await asyncio.to_thread(self._take)

    def close(self) -> None:
        """As in `Source`; waits for a block that is being read."""
        with self._lock:
            self._blocks.close()

    def _take(self) -> list[Batch]:
        with self._lock:
            return next(self._blocks, list[Batch]())


def _all_blocks(tapes: list[TapeFile]) -> Generator[list[Batch]]:
    for tape in tapes:
        yield from blocks(tape)
        if tape.torn_bytes:
            yield [Unreadable(TORN, f"{tape.path.name}: {tape.defect}", tape.end_ns)]


def _looked_at(path: Path, file: BinaryIO, size: int) -> TapeFile:
    if file.read(len(MAGIC)) != MAGIC:
        raise _refusal(path, "this is not a tape, or one of a later version")
    source = frames(file)
    origin = _origin(path, next(source, None))
    rows = count = start = end = 0
    good, totals = file.tell(), None
    for each in source:
        good = each.end
        if each.kind == DONE:
            totals = msgspec.msgpack.decode(each.payload, type=Totals)
            break
        rows, count = rows + each.rows, count + 1
        start, end = start or each.first_ns, max(end, each.last_ns)
    left = [] if totals is not None else _left(path, rows)
    if left:
        rows += sum(map(rows_in, left))
        start, end = start or time_of(left[0]), max(end, time_of(left[-1]))
    return TapeFile(
        path=path,
        origin=origin,
        rows=rows,
        blocks=count,
        start_ns=start,
        end_ns=end,
        good_bytes=good,
        torn_bytes=size - good,
        left=left,
        totals=totals,
    )


def _origin(path: Path, head: Frame | None) -> Origin:
    if head is None or head.kind != HEAD:
        raise _refusal(path, "its first frame is damaged")
    try:
        return msgspec.msgpack.decode(head.payload, type=Origin)
    except msgspec.MsgspecError as error:
        raise _refusal(path, f"its first frame can't be read ({error})") from error


def _left(path: Path, known: int) -> list[Batch]:
    """What the tail beside an unfinished tape still has."""
    tail = path.with_name(path.name.removesuffix(PART) + TAIL_OF)
    with suppress(OSError, ValueError), tail.open("rb") as file:
        payloads = [each.payload for each in frames(file) if each.kind == TAIL]
        return list(tail_batches(payloads, known))
    return []


def _refusal(path: Path, what: str) -> FeedError:
    return FeedError(
        f"{path}: {what}",
        user_text=f"{path}: {what}. Nothing was played or changed.",
        code="FEED_TAPE",
    )

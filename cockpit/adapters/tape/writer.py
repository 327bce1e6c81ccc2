"""Writes one tape in a thread of its own, while the session goes on.

Full blocks are appended to the tape; what has not filled one yet is saved every second to its
tail, so that a crash costs a second. The tail is emptied once its rows are on the tape.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
import structlog

from cockpit.adapters.feeds.chunks import Batch, Told, Unreadable
from cockpit.adapters.tape.blocks import Cutter, rows_frame, rows_in, tail_frame, time_of
from cockpit.adapters.tape.frames import DONE, HEAD, MAGIC, Totals, frame
from cockpit.kernel.private_files import sync_folder
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawBar, RawRow
from cockpit.ports.tape import OnFailure, Origin

_log = structlog.get_logger(__name__)
PART, TAIL_OF = ".part", ".tail"
NOT_RECORDED = "not_recorded"


class Room:
    """How much room a tape may take: its own bytes at most, and what must stay free."""

    def __init__(
        self,
        most_bytes: int,
        free_bytes: int,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._most, self._least = most_bytes, free_bytes
        self._free = free

    def check(self, path: Path, written: int) -> None:
        """Raises OSError when the next block would take too much."""
        if not written <= self._most:
            raise OSError(
                f"it has reached {self._most / 1e6:,.0f} MB, the most that tapes may have"
            )
        if not self._free(path.parent) >= self._least:
            raise OSError("the disk is nearly full; the rest is kept for the ledger")


class TapeWriter:
    """Implements `ports.tape.Tape`.

    `patient` waits for the disk where time stands still meanwhile; else rows that come faster
    than they can be written are counted on the tape as `not_recorded`. `open` before all else.
    """

    POLL_S = 0.25
    SAVE_S = 1.0
    MOST_WAITING = 200_000

    def __init__(
        self,
        path: Path,
        origin: Origin,
        room: Room,
        *,
        patient: bool,
        on_failure: OnFailure,
        call_in_loop: Callable[[Callable[[], None]], object],
    ) -> None:
        self.path = path
        self.failed = ""
        self._origin, self._room = origin, room
        self._patient, self._on_failure = patient, on_failure
        self._call_in_loop = call_in_loop
        self._waiting: deque[Batch] = deque()
        self._taken_in = self._written_out = 0
        self._lost = 0
        self._wake, self._space = threading.Event(), threading.Event()
        self._stopping = False
        self._skipped: Mapping[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="tape", daemon=True)
        self._cutter = Cutter()
        self._unwritten: list[Batch] = []
        self._saved = 0  # batches of the open block that are in the tail
        self._saved_at = 0.0
        self._rows = 0  # on the tape, in full blocks
        self._good = 0  # bytes that are whole frames
        self._tape: BinaryIO | None = None
        self._tail: BinaryIO | None = None

    @property
    def part(self) -> Path:
        """Where it is while it is being recorded."""
        return self.path.with_name(self.path.name + PART)

    @property
    def tail(self) -> Path:
        """Beside it: the rows that have not filled a block yet."""
        return self.path.with_name(self.path.name + TAIL_OF)

    def open(self) -> None:
        """Make the files and begin. Raises OSError with nothing left behind."""
        self._room.check(self.path, 0)
        try:
            self._tape, self._tail = self.part.open("xb"), self.tail.open("wb")
            self._append(MAGIC + frame(HEAD, msgspec.msgpack.encode(self._origin)))
        except OSError:
            self._let_go()
            self.part.unlink(missing_ok=True)
            self.tail.unlink(missing_ok=True)
            raise
        self._thread.start()

    def write(self, ts_init: int, rows: Sequence[RawRow]) -> None:
        """As in `Tape`; takes a list or columns as they are."""
        if rows:
            kept = rows if isinstance(rows, list | Columns) else list(rows)
            self._put((ts_init, kept), len(rows))

    def tell(self, ts_init: int, bars: Sequence[RawBar]) -> None:
        """As in `Tape`."""
        if bars:
            self._put(Told(ts_init, list(bars)), len(bars))

    def note(self, ts_init: int, reason: str, detail: str) -> None:
        """As in `Tape`."""
        self._put(Unreadable(reason, detail, ts_init), 1)

    async def close(self, skipped: Mapping[str, int]) -> None:
        """As in `Tape`."""
        self._skipped = dict(skipped)
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join)

    def _put(self, batch: Batch, rows: int) -> None:
        if self.failed or self._stopping:
            return
        if self._taken_in - self._written_out > self.MOST_WAITING and not self._may_wait():
            self._lost += rows
            return
        if self._lost:
            lost, self._lost = self._lost, 0
            detail = f"{lost:,} rows came faster than they could be written"
            self._waiting.append(Unreadable(NOT_RECORDED, detail, time_of(batch)))
            self._taken_in += 1
        self._waiting.append(batch)
        self._taken_in += rows

    def _may_wait(self) -> bool:
        while self._patient and not self.failed:
            self._space.clear()
            if self._taken_in - self._written_out <= self.MOST_WAITING:
                return True
            self._wake.set()
            self._space.wait(self.POLL_S)
        return False

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._wake.wait(self.POLL_S)
                self._wake.clear()
                self._take()
                self._save()
            self._take()
            self._finish()
        except OSError as error:
            self._fail(error.strerror or str(error))
        except Exception as error:  # noqa: BLE001 -- trading goes on without a tape
            _log.exception("tape_failed", path=str(self.path))
            self._fail(repr(error))
        finally:
            self._let_go()
            self._space.set()

    def _take(self) -> None:
        """Bring what waits into blocks, and full ones to the disk."""
        while self._waiting:
            batch = self._waiting.popleft()
            block = self._cutter.add(batch)
            self._written_out += rows_in(batch)
            if block is not None:
                self._append_block(block)
                self._space.set()

    def _append_block(self, block: list[Batch]) -> None:
        self._unwritten = block
        self._room.check(self.path, self._good)
        self._append_rows(block)
        self._unwritten = []
        self._saved = 0
        if self._tape is not None and self._tail is not None:
            os.fsync(self._tape.fileno())  # before the tail forgets these rows
            self._tail.seek(0)
            self._tail.truncate()

    def _append_rows(self, block: list[Batch]) -> None:
        content, rows = rows_frame(block)
        self._append(content)
        self._rows += rows

    def _append(self, content: bytes) -> None:
        if self._tape is not None:
            self._tape.write(content)
            self._tape.flush()
            self._good += len(content)

    def _save(self) -> None:
        """Every second: what is in no full block yet."""
        batches = self._cutter.open[self._saved :]
        now = time.monotonic()
        if self._tail is None or not batches or now - self._saved_at < self.SAVE_S:
            return
        self._room.check(self.path, self._good)
        before = sum(map(rows_in, self._cutter.open[: self._saved]))
        self._tail.write(tail_frame(batches, self._rows + before))
        self._tail.flush()
        self._saved, self._saved_at = len(self._cutter.open), now

    def _finish(self) -> None:
        if self._cutter.open:
            self._append_block(self._cutter.take())
        totals = Totals(rows=self._rows, skipped=dict(self._skipped), whole=not self.failed)
        seal(self._tape, self.part, self.path, self.tail, totals)

    def _fail(self, why: str) -> None:
        """Stop, keep what is whole, and say so; the next start finishes what this can't."""
        self.failed = (
            f"Recording stopped: {why}. What was recorded until then is kept in "
            f"{self.path.name}. Trading goes on; nothing of the ledger is touched."
        )
        self._waiting.clear()
        try:
            if self._tape is not None:
                self._tape.truncate(self._good)
                self._tape.seek(self._good)
                if left := self._unwritten + self._cutter.take():
                    self._append_rows(left)
                totals = Totals(rows=self._rows, whole=False)
                seal(self._tape, self.part, self.path, self.tail, totals)
        except Exception as error:  # noqa: BLE001 -- what it stopped for may stop this, too
            _log.warning("tape_not_sealed", error=repr(error))
        finally:
            with suppress(RuntimeError):  # the loop is gone: nobody is there to be told
                self._call_in_loop(lambda: self._on_failure(self.failed))

    def _let_go(self) -> None:
        for file in (self._tape, self._tail):
            with suppress(OSError):
                if file is not None:
                    file.close()


def seal(tape: BinaryIO | None, part: Path, path: Path, tail: Path, totals: Totals) -> None:
    """Write the last frame, and give the tape its name. Raises OSError."""
    if tape is None:
        return
    tape.write(frame(DONE, msgspec.msgpack.encode(totals)))
    tape.flush()
    os.fsync(tape.fileno())
    tape.close()
    part.replace(path)
    tail.unlink(missing_ok=True)
    sync_folder(path.parent)

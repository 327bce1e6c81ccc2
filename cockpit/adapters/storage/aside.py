"""A small file beside the ledger for what must be durable while the ledger refuses.

It is as long from the start as it will ever be, so a full disk does not stop it, and SQLite is
not asked, so a lock does not either. Its lines are rows of an audit chain of their own. What is
in it joins the ledger before anything else is stored there (`folding`); then it is emptied.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import msgspec
import structlog

from cockpit.adapters.storage.audit_chain import START, AuditRow, check_chain, row_hash
from cockpit.ports.store import Aside, StoreError

NAME = "emergency.jsonl"
SIZE = 1024 * 1024
"""Room for some three hundred orders: more than one kill closes."""

_written = msgspec.json.Encoder(order="sorted").encode  # as rows of the ledger's audit log
_log = structlog.get_logger(__name__)


class AsideFile:
    """The rows that wait; every method may be called from any thread."""

    def __init__(
        self, file: IO[bytes], where: str, sync: Callable[[], None], size: int = SIZE
    ) -> None:
        self._file = file
        self._size = size
        self._sync = sync
        self._guard = threading.Lock()
        self.where = where
        self._rows, self._end = _read(file)
        self._torn = False

    @classmethod
    def open(cls, path: Path) -> AsideFile:
        """The file at `path`, for its owner only, its space taken. Raises OSError."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
        try:
            _take_space(file)
            return cls(file, str(path), lambda: os.fsync(file.fileno()))
        except BaseException:
            file.close()
            raise

    @classmethod
    def in_memory(cls, memory: io.BytesIO) -> AsideFile:
        """The same on a simulated disk."""
        return cls(memory, "memory", lambda: None)

    @property
    def rows(self) -> tuple[AuditRow, ...]:
        """What waits, oldest first."""
        with self._guard:
            return tuple(self._rows)

    def append(self, facts: Sequence[Aside]) -> None:
        """Keep all of the facts, on the disk when this returns.

        Raises StoreError when they were not kept; some of them may be there all the same.
        """
        with self._guard:
            rows = _chained(self._rows, facts)
            at = 0 if self._torn else self._end
            lines = b"".join(map(_line, [*self._rows, *rows] if self._torn else rows))
            if at + len(lines) >= self._size:
                raise refused(self.where, "it is full")
            try:
                self._write(at, lines)
            except (OSError, ValueError) as error:  # a file that is closed is a ValueError
                raise refused(self.where, str(error)) from error
            self._rows += rows
            self._end, self._torn = at + len(lines), False

    def forget(self, count: int) -> None:
        """Empty the file if no more than these first rows are in it. Raises OSError."""
        with self._guard:
            if len(self._rows) == count:
                self._torn = True  # until it is done: nothing is read behind what is emptied
                self._write(0, bytes(self._end))
                self._rows, self._end, self._torn = [], 0, False

    def close(self) -> None:
        """Let go of the file."""
        with self._guard:
            self._file.close()

    def _write(self, at: int, content: bytes) -> None:
        self._file.seek(at)
        if self._file.write(content) != len(content):
            raise OSError("only a part was written")
        self._sync()


def _take_space(file: IO[bytes]) -> None:
    missing = SIZE - file.seek(0, os.SEEK_END)
    if missing > 0:
        file.write(bytes(missing))
        os.fsync(file.fileno())


def _chained(before: Sequence[AuditRow], facts: Sequence[Aside]) -> list[AuditRow]:
    rows: list[AuditRow] = []
    last = before[-1] if before else None
    for fact in facts:
        number, prev_hash = (1, START) if last is None else (last.seq + 1, last.hash)
        payload = _written(fact.payload)
        found = row_hash(prev_hash, number, fact.ts_ns, fact.account_id, fact.kind, payload)
        last = AuditRow(
            number, fact.ts_ns, fact.account_id, fact.kind, payload.decode(), prev_hash, found
        )
        rows.append(last)
    return rows


def _line(row: AuditRow) -> bytes:
    return msgspec.json.encode(row._asdict()) + b"\n"


def _read(file: IO[bytes]) -> tuple[list[AuditRow], int]:
    """The rows up to the first that is not whole: nobody was told that such a one is kept."""
    file.seek(0)
    lines = file.read(SIZE).split(b"\0", 1)[0].split(b"\n")
    rows: list[AuditRow] = []
    for line in lines[:-1]:
        try:
            rows.append(AuditRow(**msgspec.json.decode(line)))
        except (msgspec.DecodeError, TypeError):
            break
    whole = check_chain(rows, (0, "")).rows
    if whole < len([line for line in lines if line]):
        _log.warning("emergency_file_cut", whole=whole)
    rows = rows[:whole]
    return rows, sum(len(_line(row)) for row in rows)


def refused(where: str, why: str) -> StoreError:
    """Nothing can be made durable: what a person must know then."""
    return StoreError(
        f"{where}: {why}",
        user_text=f"Neither the ledger nor {where} beside it can be written: {why}. Nothing was "
        "sent. Close the positions at the broker.",
    )

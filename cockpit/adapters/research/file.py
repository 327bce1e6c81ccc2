"""The file: how it is opened, what its tables are, how its transactions run."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cockpit.kernel.private_files import private_folder
from cockpit.ports.store import StoreError

NAME = "research.sqlite"
_STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE spent (source TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT",
        """CREATE TABLE kept (
            key TEXT PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, symbol TEXT NOT NULL,
            fetched_ns INTEGER NOT NULL, used_ns INTEGER NOT NULL, final INTEGER NOT NULL,
            size INTEGER NOT NULL, body BLOB NOT NULL
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX kept_by_use ON kept (used_ns, size)",
    ),
)
"""The tables, step by step: a file that has taken n steps says so in its `user_version`."""


class ResearchFile:
    """One connection, for the thread that opened it. Implements `storage.writer.Transactional`."""

    def __init__(self, path: Path, raw: sqlite3.Connection) -> None:
        self._path = path
        self._raw = raw

    @property
    def in_transaction(self) -> bool:
        """False once SQLite has rolled everything back by itself."""
        return self._raw.in_transaction

    def rows(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        return self._raw.execute(statement, values).fetchall()

    def changed(self, statement: str, values: Mapping[str, Any]) -> int:
        """Run a statement; how many rows it changed."""
        return self._raw.execute(statement, values).rowcount

    def begin(self) -> None:
        """Start the batch; no other process can come between."""
        self._raw.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make it durable: a request that was counted stays counted."""
        self._raw.execute("COMMIT")

    def rollback(self) -> None:
        """Forget the batch."""
        if self._raw.in_transaction:
            self._raw.execute("ROLLBACK")

    def savepoint(self) -> None:
        """Start a job."""
        self._raw.execute("SAVEPOINT job")

    def release(self) -> None:
        """Keep the job."""
        self._raw.execute("RELEASE job")

    def rollback_to_savepoint(self) -> None:
        """Forget the job only."""
        self._raw.execute("ROLLBACK TO job")

    def explained(self, error: Exception) -> StoreError:
        """The error in a trader's words."""
        return explained(error, self._path)

    def close(self) -> None:
        """Close."""
        self._raw.close()


def open_file(path: Path, busy_timeout_ms: int) -> ResearchFile:
    """Open or make the file, and bring its tables up to date. Raises StoreError."""
    try:
        private_folder(path.parent)
        raw = sqlite3.connect(path, timeout=busy_timeout_ms / 1000, isolation_level=None)
        try:
            raw.execute("PRAGMA journal_mode=WAL")
            raw.execute("PRAGMA synchronous=FULL")
            _bring_up(raw, path)
        except BaseException:
            raw.close()
            raise
    except Exception as error:
        raise explained(error, path) from error
    return ResearchFile(path, raw)


def _bring_up(raw: sqlite3.Connection, path: Path) -> None:
    raw.execute("BEGIN IMMEDIATE")
    (taken,) = raw.execute("PRAGMA user_version").fetchone()
    if taken > len(_STEPS):
        raise StoreError(
            f"{path} has taken {taken} steps",
            user_text=f"{path} was written by a newer Cockpit than this one. Nothing in it was "
            "changed; update the program.",
        )
    for step in _STEPS[taken:]:
        for statement in step:
            raw.execute(statement)
    raw.execute(f"PRAGMA user_version = {len(_STEPS)}")
    raw.execute("COMMIT")


def explained(error: Exception, path: Path) -> StoreError:
    """`error` as a StoreError. What the file holds can be had again; no fill is in it."""
    if isinstance(error, StoreError):
        return error
    name = getattr(error, "sqlite_errorname", None) or ""
    number = error.errno if isinstance(error, OSError) else None
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        what = "is damaged. Move it away; what it held is fetched again"
    elif name.startswith("SQLITE_FULL") or number == errno.ENOSPC:
        what = "can't grow: the disk is full. Free some space"
    elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        what = "is held by another program. Close that one"
    else:
        what = f"can't be used: {error}"
    found = StoreError(
        f"{path}: {error!r}",
        user_text=f"The store of market data {path} {what}. Without it no vendor is asked, for "
        "nothing would count the requests. Trading, prices and the journal don't need it.",
        code="RESEARCH_STORE",
    )
    found.__cause__ = error
    return found

"""The one connection: how it is opened, what it promises, how its transactions run."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import structlog

from cockpit.adapters.storage.checkpoints import CHECKPOINT_FIXED
from cockpit.adapters.storage.failures import explain, of_another_version
from cockpit.adapters.storage.migrate import is_current, migrate
from cockpit.ports.store import StoreError

AUDIT_END = "SELECT seq, hash FROM audit_head"
WAL_BOUND_BYTES = 64 * 1024 * 1024
QUICK_CHECK_BYTES = 64 * 1024 * 1024

_log = structlog.get_logger(__name__)


class Beside(Protocol):
    """What takes part in each transaction: facts that wait beside the file to join it."""

    def begun(self, database: Database) -> None:
        """A transaction has begun; nothing is in it yet."""
        ...

    def kept(self) -> None:
        """It is durable."""
        ...

    def close(self) -> None:
        """There will be no other."""
        ...


class Database:
    """The driver's connection with the transaction in our own hands.

    Belongs to the writer thread: SQLite itself refuses a call from any other. `beside` is
    what joins the ledger before anything else does.
    """

    beside: Beside | None = None

    def __init__(self, path: Path, raw: sqlite3.Connection) -> None:
        self._path = path
        self._wal = path.with_name(path.name + "-wal")
        self._raw = raw
        self._checkpoints_itself = sqlite3.sqlite_version_info < CHECKPOINT_FIXED
        self._audit_end: tuple[int, str] | None = None

    def execute(self, statement: str, values: Mapping[str, Any]) -> sqlite3.Cursor:
        """Run one statement."""
        return self._raw.execute(statement, values)

    def execute_all(self, statement: str, values: Iterable[Mapping[str, Any]]) -> None:
        """Run one statement for each of many values."""
        self._raw.executemany(statement, values)

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """All rows of a query, by the names of their columns."""
        return list(self.each(statement, **values))

    def each(self, statement: str, **values: Any) -> Iterator[dict[str, Any]]:
        """The rows one by one: a million at once are let go in one breath, which stops the loop."""
        cursor = self.execute(statement, values)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    @property
    def in_transaction(self) -> bool:
        """False once SQLite has rolled everything back by itself."""
        return self._raw.in_transaction

    def audit_end(self) -> tuple[int, str]:
        """Number and hash of the audit log's last row, in the batch under way."""
        if self._audit_end is None:
            self._audit_end = cast("tuple[int, str]", self._raw.execute(AUDIT_END).fetchone())
        return self._audit_end

    def audit_went_on(self, seq: int, row_hash: str) -> None:
        """A row was added behind the last."""
        self._audit_end = seq, row_hash

    def begin(self) -> None:
        """Start the batch: BEGIN IMMEDIATE, so that nobody can come between."""
        self._raw.execute("BEGIN IMMEDIATE")
        self._audit_end = None  # somebody else may have written since the last one
        if self.beside is not None:
            self.beside.begun(self)

    def commit(self) -> None:
        """Make the batch durable: synchronous=FULL returns after the disk has it."""
        self._raw.execute("COMMIT")
        if self.beside is not None:
            self.beside.kept()
        if not self._checkpoints_itself:
            return
        try:
            self._checkpoint_when_large()
        except sqlite3.Error as error:
            # The batch is durable: called failed, it would be written a second time.
            _log.warning("checkpoint_failed", error=repr(error))

    def rollback(self) -> None:
        """Forget the batch, if SQLite has not done so by itself."""
        self._audit_end = None
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
        self._audit_end = None  # its rows went with it
        self._raw.execute("ROLLBACK TO job")

    def explained(self, error: Exception) -> StoreError:
        """The error in a trader's words."""
        return explain(error, self._path)

    def close(self) -> None:
        """Close; SQLite folds its log into the file when nobody else has it open."""
        self._raw.close()
        if self.beside is not None:
            self.beside.close()

    def _checkpoint_when_large(self) -> None:
        """On SQLite before 3.51.3 no commit checkpoints: only we do, between two batches.

        Those versions can lose pages when one connection checkpoints while another
        writes; see docs/adr/0005-one-writer-thread.md.
        """
        with contextlib.suppress(FileNotFoundError):
            if self._wal.stat().st_size > WAL_BOUND_BYTES:
                self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


class ReadOnly(Database):
    """A second connection that can't write: SQLite refuses, and it never checkpoints."""

    def begin(self) -> None:
        """All of the batch reads one state of the file."""
        self.execute("BEGIN", {})

    def commit(self) -> None:
        """Let go of that state."""
        self.execute("COMMIT", {})


def open_database_to_read(path: Path, busy_timeout_ms: int) -> Database:
    """Open a file as it is. Raises StoreError."""
    try:
        return _opened_to_read(path, busy_timeout_ms)
    except Exception as error:
        raise explain(error, path) from error


def _opened_to_read(path: Path, busy_timeout_ms: int) -> Database:
    raw = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro",
        uri=True,
        timeout=busy_timeout_ms / 1000,
        isolation_level=None,
    )
    try:
        current = is_current(raw)
    except BaseException:
        raw.close()
        raise
    if not current:
        raw.close()
        raise of_another_version(path)
    return ReadOnly(path, raw)


def open_database(path: Path, busy_timeout_ms: int) -> Database:
    """Open or make the file, check it, bring it up to date. Raises StoreError."""
    try:
        return _opened(path, busy_timeout_ms)
    except Exception as error:
        raise explain(error, path) from error


def _opened(path: Path, busy_timeout_ms: int) -> Database:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(13, "the folder is read-only", str(path.parent))
    raw = _connect(path, busy_timeout_ms)
    try:
        if not is_current(raw):
            raw.close()
            migrate(path, lambda: _connect(path, busy_timeout_ms))
            raw = _connect(path, busy_timeout_ms)
        return Database(path, raw)
    except BaseException:
        raw.close()
        raise


def _connect(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    raw = sqlite3.connect(path, timeout=busy_timeout_ms / 1000, isolation_level=None)
    try:
        _prepare(raw, path)
    except BaseException:
        raw.close()
        raise
    return raw


def _prepare(raw: sqlite3.Connection, path: Path) -> None:
    if path.exists() and path.stat().st_size <= QUICK_CHECK_BYTES:
        _refuse_damage(raw)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA foreign_keys=ON")
    if sqlite3.sqlite_version_info < CHECKPOINT_FIXED:
        raw.execute("PRAGMA wal_autocheckpoint=0")


def _refuse_damage(raw: sqlite3.Connection) -> None:
    verdict = raw.execute("PRAGMA quick_check(1)").fetchone()
    if verdict is not None and verdict[0] != "ok":
        damage = sqlite3.DatabaseError(f"quick check: {verdict[0]}")
        damage.sqlite_errorname = "SQLITE_CORRUPT"
        raise damage

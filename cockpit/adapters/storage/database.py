"""The one connection: how it is opened, what it promises, how its transactions run."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from cockpit.adapters.storage.failures import explain
from cockpit.adapters.storage.migrate import migrate
from cockpit.ports.store import StoreError

CHECKPOINT_FIXED = (3, 51, 3)
WAL_BOUND_BYTES = 64 * 1024 * 1024
QUICK_CHECK_BYTES = 64 * 1024 * 1024

_log = structlog.get_logger(__name__)


class Database:
    """A SQLAlchemy connection with the transaction in our own hands.

    Belongs to the writer thread: SQLite itself refuses a call from any other.
    """

    def __init__(self, path: Path, engine: Engine, connection: Connection) -> None:
        self._path = path
        self._wal = path.with_name(path.name + "-wal")
        self._engine = engine
        self.connection = connection
        self._raw = cast("sqlite3.Connection", connection.connection.driver_connection)
        self._checkpoints_itself = sqlite3.sqlite_version_info < CHECKPOINT_FIXED

    def execute(self, statement: str, values: Mapping[str, Any]) -> sqlite3.Cursor:
        """Run one statement on the driver, for the rows that must be fast."""
        return self._raw.execute(statement, values)

    def session(self) -> Session:
        """A SQLModel session inside the batch's transaction; flush it, never commit it."""
        return Session(self.connection)

    @property
    def in_transaction(self) -> bool:
        """False once SQLite has rolled everything back by itself."""
        return self._raw.in_transaction

    def begin(self) -> None:
        """Start the batch: BEGIN IMMEDIATE, so that nobody can come between."""
        self.connection.begin()

    def commit(self) -> None:
        """Make the batch durable: synchronous=FULL returns after the disk has it."""
        self.connection.commit()
        if not self._checkpoints_itself:
            return
        try:
            self._checkpoint_when_large()
        except sqlite3.Error as error:
            # The batch is durable: called failed, it would be written a second time.
            _log.warning("checkpoint_failed", error=repr(error))

    def rollback(self) -> None:
        """Forget the batch."""
        self.connection.rollback()

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
        return explain(error, self._path)

    def close(self) -> None:
        """Close; SQLite folds its log into the file when nobody else has it open."""
        self.connection.close()
        self._engine.dispose()

    def _checkpoint_when_large(self) -> None:
        """On SQLite before 3.51.3 no commit checkpoints: only we do, between two batches.

        Those versions can lose pages when one connection checkpoints while another
        writes; see docs/adr/0005-one-writer-thread.md.
        """
        with contextlib.suppress(FileNotFoundError):
            if self._wal.stat().st_size > WAL_BOUND_BYTES:
                self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


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
    engine = _engine(path, busy_timeout_ms)
    connection: Connection | None = None
    try:
        connection = engine.connect()
        migrate(connection, path)
        return Database(path, engine, connection)
    except BaseException:
        if connection is not None:
            connection.close()
        engine.dispose()
        raise


def _engine(path: Path, busy_timeout_ms: int) -> Engine:
    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(path, timeout=busy_timeout_ms / 1000, isolation_level=None)
        try:
            _prepare(raw, path)
        except BaseException:
            raw.close()
            raise
        return raw

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    def begin_immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "begin", begin_immediate)
    return engine


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

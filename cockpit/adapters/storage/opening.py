"""Open the store without holding the loop: files, migrations and imports in its thread."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from cockpit.adapters.storage.aside import NAME, AsideFile, refused
from cockpit.adapters.storage.writer import WriterThread
from cockpit.ports.store import Aside

if TYPE_CHECKING:
    from cockpit.adapters.storage.database import Database
    from cockpit.adapters.storage.folding import Folding
    from cockpit.adapters.storage.store import SqliteStore

BUSY_TIMEOUT_MS = 5_000
_log = structlog.get_logger(__name__)


async def open_store(path: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> SqliteStore:
    """Open or make the store in the file `path`, bringing an older one up to date.

    A copy of an older file is kept beside it before it is migrated. Raises StoreError
    when the file can't be opened or written, is damaged, in use, or newer than this
    program; the file is then as it was.
    """
    aside = _Keeper(path.with_name(NAME))

    def open_in_thread() -> Database:
        importlib.import_module("cockpit.adapters.storage.store")  # its weight belongs here
        from cockpit.adapters.storage.database import open_database

        database = open_database(path, busy_timeout_ms)
        database.beside = aside.open()
        return database

    thread = WriterThread(open_in_thread, name="cockpit-store")
    await thread.opened()
    from cockpit.adapters.storage.store import SqliteStore

    return SqliteStore(thread, path, aside)


async def open_reader(path: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> SqliteStore:
    """Open a ledger that another program may be writing, and never write to it.

    It can't hold that program up: readers and the one writer don't meet. Raises StoreError, also
    for a file that is not of this program's version.
    """

    def open_in_thread() -> Database:
        importlib.import_module("cockpit.adapters.storage.store")
        from cockpit.adapters.storage.database import open_database_to_read

        return open_database_to_read(path, busy_timeout_ms)

    thread = WriterThread(open_in_thread, name="cockpit-reader")
    await thread.opened()
    from cockpit.adapters.storage.store import SqliteStore

    return SqliteStore(thread, path, _Keeper(path.with_name(NAME)))


class _Keeper:
    """The emergency file from a thread of its own, opened with the ledger."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: AsideFile | None = None
        self._why = ""

    @property
    def where(self) -> str:
        """The path of the file."""
        return str(self._path)

    def open(self) -> Folding | None:
        """Take its space, where the disk has it; without it the ledger works all the same."""
        from cockpit.adapters.storage.folding import Folding

        try:
            self._file = AsideFile.open(self._path)
        except OSError as error:
            self._why = str(error)
            _log.warning("emergency_file_missing", error=self._why)
            return None
        return Folding(self._file)

    async def keep(self, facts: Sequence[Aside]) -> None:
        """Keep the facts. Raises StoreError."""
        if self._file is None:
            raise refused(self.where, self._why)
        await asyncio.to_thread(self._file.append, facts)

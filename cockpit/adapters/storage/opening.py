"""Open the store without holding the loop: files, migrations and imports in its thread."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.adapters.storage.writer import WriterThread

if TYPE_CHECKING:
    from cockpit.adapters.storage.database import Database
    from cockpit.adapters.storage.store import SqliteStore

BUSY_TIMEOUT_MS = 5_000


async def open_store(path: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> SqliteStore:
    """Open or make the store in the file `path`, bringing an older one up to date.

    A copy of an older file is kept beside it before it is migrated. Raises StoreError
    when the file can't be opened or written, is damaged, in use, or newer than this
    program; the file is then as it was.
    """

    def open_in_thread() -> Database:
        importlib.import_module("cockpit.adapters.storage.store")  # its weight belongs here
        from cockpit.adapters.storage.database import open_database

        return open_database(path, busy_timeout_ms)

    thread = WriterThread(open_in_thread, name="cockpit-store")
    await thread.opened()
    from cockpit.adapters.storage.store import SqliteStore

    return SqliteStore(thread, path)

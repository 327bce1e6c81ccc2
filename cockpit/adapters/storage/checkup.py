"""Looks at a store without changing it, for the health checks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from cockpit.adapters.storage.failures import explain
from cockpit.ports.store import StoreError


def schema_state(path: Path) -> str:
    """What SQLite says of the file: integrity and the revision of its tables.

    Raises StoreError when it can't be read or is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            problems = [row[0] for row in db.execute("PRAGMA quick_check")]
            revision = db.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    if problems != ["ok"]:
        raise StoreError(
            f"{path}: {problems[:3]}",
            user_text=f"The ledger {path} is damaged: {problems[0]}. Don't trade on it: copy the "
            "file away, and restore the newest backup beside it.",
            code="STORE_DAMAGED",
        )
    return (
        f"intact, tables {revision[0] if revision else 'unknown'}, SQLite {sqlite3.sqlite_version}"
    )

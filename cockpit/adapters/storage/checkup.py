"""Looks at a store without changing it, for the health checks and before a start."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cockpit.adapters.storage.checkpoints import CHECKPOINT_FIXED
from cockpit.adapters.storage.failures import explain
from cockpit.ports.store import StoreError

STEPS_BETWEEN_LOOKS = 50_000
"""Of SQLite's machine, some milliseconds: then it asks whether anybody still waits."""


def sqlite_version() -> tuple[str, bool]:
    """The version in use, and whether it is known to damage a log under two connections.

    The store then checkpoints on its one connection only, so such a version can be used.
    """
    return sqlite3.sqlite_version, sqlite3.sqlite_version_info < CHECKPOINT_FIXED


def schema_state(path: Path, given_up: Callable[[], bool] = lambda: False) -> str:
    """What SQLite says of the file: integrity and the revision of its tables.

    Ends early once `given_up()`. Raises StoreError when it can't be read or is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.set_progress_handler(given_up, STEPS_BETWEEN_LOOKS)
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


NEWEST_PAPER = """SELECT account_id, started_ns FROM run WHERE mode = 'paper' AND source = ?
    ORDER BY number DESC LIMIT 1"""
LAST = """SELECT max(coalesce((SELECT max(updated_ns) FROM orders WHERE account_id = :account), 0),
    coalesce((SELECT max(ts_init) FROM fill WHERE account_id = :account), 0))"""


def last_paper_run(path: Path, source: str) -> tuple[str, int] | None:
    """The newest paper account that traded at `source`, and the last time it knows of.

    Raises StoreError when the file can't be read.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            run = db.execute(NEWEST_PAPER, (source,)).fetchone()
            if run is None:
                return None
            (last_ns,) = db.execute(LAST, {"account": run[0]}).fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # a death while it was made: nothing is in it yet
            return None
        raise explain(error, path) from error
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return run[0], max(run[1], last_ns)

"""Bring a file to this program's tables: refuse a newer one, copy an older one first."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import cast

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from cockpit.adapters.storage.failures import newer_than_program

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def migrate(connection: sqlalchemy.Connection, path: Path) -> None:
    """Upgrade to the newest revision, in one transaction.

    Raises StoreError for a file of a newer program.
    """
    config = _config(connection)
    script = ScriptDirectory.from_config(config)
    current = _current(connection)
    newest = script.get_current_head()
    if current == newest:
        return
    if current is not None:
        _refuse_unknown(script, current, path)
        _backup(connection, path, current)
    command.upgrade(config, "head")


def _config(connection: sqlalchemy.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _current(connection: sqlalchemy.Connection) -> str | None:
    with connection.begin():
        return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(script: ScriptDirectory, revision: str, path: Path) -> None:
    known = {each.revision for each in script.walk_revisions()}
    if revision not in known:
        raise newer_than_program(path, revision)


def _backup(connection: sqlalchemy.Connection, path: Path, revision: str) -> Path:
    """Copy the file whole, log included; an earlier copy is never overwritten."""
    target, number = path.with_name(f"{path.name}.{revision}.backup"), 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.{revision}-{number}.backup")
    raw = cast("sqlite3.Connection", connection.connection.driver_connection)
    with contextlib.closing(sqlite3.connect(target)) as copy:
        raw.backup(copy)
    return target

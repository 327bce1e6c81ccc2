"""Bring a file to this program's tables: refuse a newer one, copy an older one first."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cockpit.adapters.storage.failures import newer_than_program

if TYPE_CHECKING:
    import sqlalchemy
    from alembic.config import Config
    from alembic.script import ScriptDirectory

TABLE = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def is_current(raw: sqlite3.Connection) -> bool:
    """Whether the file has this program's tables; asked without SQLAlchemy and alembic.

    They take longer to load than all the rest of a start.
    """
    if raw.execute(TABLE).fetchone() is None:
        return False
    return raw.execute("SELECT version_num FROM alembic_version").fetchall() == [(_newest(),)]


def migrate(path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
    """Upgrade to the newest revision, in one transaction.

    Raises StoreError for a file of a newer program.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    def begin_immediate(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "begin", begin_immediate)
    try:
        with engine.connect() as connection:
            _migrate(connection, path)
    finally:
        engine.dispose()


def _newest() -> str:
    """The revision of the newest migration; its file's name begins with it."""
    return max(file.name for file in (MIGRATIONS / "versions").glob("0*.py")).partition("_")[0]


def _migrate(connection: sqlalchemy.Connection, path: Path) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

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
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _current(connection: sqlalchemy.Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

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

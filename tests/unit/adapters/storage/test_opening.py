# ruff: noqa: ASYNC240  # files of a test may be read where they are checked
from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.migrate import MIGRATIONS
from cockpit.adapters.storage.store import SqliteStore
from cockpit.adapters.storage.tables import Base
from cockpit.domain.account import Mode
from cockpit.journal.search import query_of
from cockpit.ports.store import StoreError

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """A folder nobody may write to; root is put aside meanwhile, since it may everywhere."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    was_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if was_root:
        os.seteuid(65534)
    yield folder
    if was_root:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


def sql(path: Path, statement: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        return raw.execute(statement).fetchall()


async def refusal(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        await open_store(path, busy_timeout_ms=20)
    return caught.value.user_text


def known(name: str | None, kind: str, _parents: object) -> bool:
    """All but the full-text index, which SQLite keeps in tables of its own."""
    return not (kind == "table" and str(name).startswith("entry_text"))


async def test_migrations_make_exactly_the_tables(store: SqliteStore, path: Path) -> None:
    await store.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": known})
        assert list(compare_metadata(context, Base.metadata)) == []
    engine.dispose()


def test_migrations_can_be_printed_instead_of_run(capsys: pytest.CaptureFixture[str]) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head", sql=True)
    assert "CREATE TABLE orders" in capsys.readouterr().out


async def test_a_newer_file_is_refused_and_left_alone(store: SqliteStore, path: Path) -> None:
    await store.close()
    sql(path, "UPDATE alembic_version SET version_num = '9999'")
    text = await refusal(path)
    assert "newer Cockpit" in text
    assert sql(path, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert not list(path.parent.glob("*.backup"))


async def test_an_older_file_is_copied_before_it_is_changed(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await store.open_run(Mode.DEMO, label="kept", source="s", now_ns=1)
    await store.close()
    [(latest,)] = sql(path, "SELECT version_num FROM alembic_version")
    newer = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, newer)
    (newer / "versions" / "0099_more.py").write_text(
        'import sqlalchemy as sa\nfrom alembic import op\nrevision = "0099"\n'
        f'down_revision = "{latest}"\n\n\ndef upgrade():\n'
        '    op.add_column("run", sa.Column("extra", sa.String()))\n',
        encoding="utf-8",
    )
    monkeypatch.setattr("cockpit.adapters.storage.migrate.MIGRATIONS", newer)
    again = await open_store(path)
    await again.close()
    (copy,) = path.parent.glob("*.backup")
    assert copy.name == f"cockpit.db.{latest}.backup"
    assert sql(copy, "SELECT label FROM run") == [("kept",)]
    assert sql(copy, "SELECT version_num FROM alembic_version") == [(latest,)]
    assert sql(path, "SELECT label, extra FROM run") == [("kept", None)]


def test_entries_of_before_the_search_are_found_and_kept(path: Path) -> None:
    path.parent.mkdir()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    engine.dispose()
    sql(
        path,
        "INSERT INTO journal_entry "
        "(account_id, day, version, drafted, note, tags, rating, updated_ns) VALUES "
        "('A', '2018-01-02', 1, 'd', 'too early', '[]', NULL, 5), "
        """('A', '2018-01-02', 2, 'd', 'patience paid', '["Setup/ORB"]', 4, 6)""",
    )

    async def look() -> None:
        store = await open_store(path)
        entry = await store.entry("A", "2018-01-02")
        assert entry is not None
        assert (entry.note, entry.version, entry.updated_ns) == ("patience paid", 2, 6)
        assert len(await store.entry_versions("A", "2018-01-02")) == 2
        for text, count in (("patience", 1), ("early", 0), ("#setup", 1), ("orb", 1)):
            assert len(await store.search_entries(query_of(text))) == count, text
        await store.close()

    asyncio.run(look())
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        sql(path, "UPDATE journal_entry SET note = 'x'")


def test_tags_of_before_their_levels_are_found_under_each(path: Path) -> None:
    asyncio.run(_made(path))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")
        connection.exec_driver_sql(
            "INSERT INTO entry_tag VALUES ('a//b/c c', 1), ('a/x', 1), ('flat', 2), ('a', 2)"
        )
        command.upgrade(config, "head")
        rows = connection.exec_driver_sql("SELECT tag, entry_id FROM entry_tag ORDER BY 2, 1")
        assert [tuple(row) for row in rows] == [
            ("a", 1), ("a//b", 1), ("a//b/c c", 1), ("a/x", 1), ("a", 2), ("flat", 2),
        ]  # fmt: skip
    engine.dispose()


async def _made(path: Path) -> None:
    store = await open_store(path)
    await store.close()


async def test_a_migration_that_fails_changes_nothing(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await store.close()
    [(latest,)] = sql(path, "SELECT version_num FROM alembic_version")
    newer = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, newer)
    (newer / "versions" / "0099_bad.py").write_text(
        f'from alembic import op\nrevision = "0099"\ndown_revision = "{latest}"\n\n\n'
        'def upgrade():\n    op.execute("CREATE TABLE half (x)")\n    op.execute("nonsense")\n',
        encoding="utf-8",
    )
    monkeypatch.setattr("cockpit.adapters.storage.migrate.MIGRATIONS", newer)
    await refusal(path)
    assert sql(path, "SELECT version_num FROM alembic_version") == [(latest,)]
    assert sql(path, "SELECT count(*) FROM sqlite_master WHERE name = 'half'") == [(0,)]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no write bit on Windows")
async def test_a_read_only_folder_is_named(locked_folder: Path) -> None:
    text = await refusal(locked_folder / "cockpit.db")
    assert str(locked_folder) in text
    assert "can't be written" in text
    assert "--data-dir" in text


async def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x", encoding="utf-8")
    assert "can't be written" in await refusal(tmp_path / "data" / "cockpit.db")


async def test_a_file_that_is_no_journal_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("this is not a database, it is a long enough letter\n" * 99, encoding="utf-8")
    before = path.read_bytes()
    assert "damaged or is not a journal" in await refusal(path)
    assert path.read_bytes() == before


async def test_a_damaged_journal_is_refused(store: SqliteStore, path: Path) -> None:
    for number in range(200):
        await store.open_run(Mode.DEMO, label="x" * 500, source="s", now_ns=number)
    await store.close()
    content = bytearray(path.read_bytes())
    content[-20_000:] = b"\xa5" * 20_000
    path.write_bytes(content)
    assert "damaged" in await refusal(path)


async def test_a_journal_held_by_another_program_is_named(store: SqliteStore, path: Path) -> None:
    await store.open_run(Mode.DEMO, label="before", source="s", now_ns=1)
    holder = subprocess.Popen(  # noqa: ASYNC220  # a small pause is no harm in a test
        [
            sys.executable, "-c",
            HOLD, str(path),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert await asyncio.to_thread(holder.stdout.readline) == b"held\n"
    with pytest.raises(StoreError) as caught:
        await store.open_run(Mode.DEMO, label="x", source="s", now_ns=2)
    assert "in use by another program" in caught.value.user_text
    await asyncio.to_thread(holder.communicate)
    assert (await store.open_run(Mode.DEMO, label="x", source="s", now_ns=2)).label == "x"
    assert len(await store.runs()) == 2


async def test_a_full_disk_loses_nothing_that_was_stored(store: SqliteStore) -> None:
    await store.open_run(Mode.DEMO, label="before", source="s", now_ns=1)

    def fill_up(db: object) -> None:
        pages = db.execute("PRAGMA page_count", {}).fetchone()[0]  # type: ignore[attr-defined]
        db.execute(f"PRAGMA max_page_count={pages}", {})  # type: ignore[attr-defined]

    await store.call(fill_up)
    with pytest.raises(StoreError) as caught:
        await store.open_run(Mode.DEMO, label="x" * 100_000, source="s", now_ns=2)
    assert "is full" in caught.value.user_text
    assert "Everything stored before is kept" in caught.value.user_text
    assert [run.label for run in await store.runs()] == ["before"]


async def test_opening_is_light_until_it_is_called() -> None:
    code = (
        "import sys, cockpit.adapters.storage; "
        "print([m for m in ('sqlmodel', 'sqlalchemy', 'alembic', 'pydantic') if m in sys.modules])"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output.strip() == b"[]"

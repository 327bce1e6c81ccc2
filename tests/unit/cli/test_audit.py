"""`cockpit audit`: what it prints and the code it leaves with."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cockpit.adapters.storage import open_store
from cockpit.app.launch import STORE_NAME
from cockpit.cli.exits import Exit
from cockpit.cli.main import app


def audit(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


async def _fill(folder: Path) -> None:
    store = await open_store(folder / STORE_NAME)
    for number, account in enumerate(("DEMO-1", "DEMO-2", "DEMO-1")):
        moment = 1_514_903_400_123_000_000 + number
        await store.record("trading_state", account, moment, {"reason": "Mañana", "n": number})
    await store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    asyncio.run(_fill(tmp_path))
    return tmp_path


def change(folder: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / STORE_NAME)) as raw, raw:
        for statement in statements:
            raw.execute(statement)


def test_an_intact_log(folder: Path) -> None:
    before = (folder / STORE_NAME).read_bytes()
    result = audit("verify", "--data-dir", folder)
    last = json.loads(audit("show", "--json", "--data-dir", folder).stdout.splitlines()[-1])
    assert result.exit_code == Exit.OK
    assert result.stdout == f"intact  3 rows, head {last['hash']}\n"
    assert (folder / STORE_NAME).read_bytes() == before


def test_a_changed_row_is_named(folder: Path) -> None:
    change(folder, "DROP TRIGGER audit_no_update", "UPDATE audit SET kind = 'x' WHERE seq = 2")
    result = audit("verify", "--data-dir", folder)
    assert result.exit_code == Exit.FAILED
    assert result.stdout.startswith("BROKEN  row 2: ")
    assert "rows before it: 1, all intact" in result.stdout


def test_rows_as_text_and_as_json(folder: Path) -> None:
    lines = audit("show", "--account", "DEMO-1", "--data-dir", folder).stdout.splitlines()
    assert lines == [
        '1  2018-01-02T14:30:00.123Z  DEMO-1  trading_state  {"n":0,"reason":"Mañana"}',
        '3  2018-01-02T14:30:00.123Z  DEMO-1  trading_state  {"n":2,"reason":"Mañana"}',
    ]
    shown = audit("show", "--json", "--data-dir", folder).stdout.splitlines()
    rows = [json.loads(line) for line in shown]
    assert [row["payload"]["n"] for row in rows] == [0, 1, 2]
    assert [row["prev_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]


def test_what_was_tampered_with_can_still_be_shown(folder: Path) -> None:
    change(
        folder,
        "DROP TRIGGER audit_no_update",
        "UPDATE audit SET account_id = CAST(x'ff' AS TEXT), payload = CAST(x'ff' AS TEXT)",
    )
    for options in ((), ("--json",)):
        assert len(audit("show", *options, "--data-dir", folder).stdout.splitlines()) == 3


@pytest.mark.parametrize("command", ["verify", "show"])
def test_where_there_is_nothing(tmp_path: Path, command: str) -> None:
    result = audit(command, "--data-dir", tmp_path)
    assert result.exit_code == Exit.NOTHING_THERE
    assert "There is no ledger in" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_account_without_rows(folder: Path) -> None:
    result = audit("show", "--account", "LIVE-1", "--data-dir", folder)
    assert result.exit_code == Exit.NOTHING_THERE
    assert "no row of 'LIVE-1'" in result.stderr


def test_a_ledger_from_before_the_log(folder: Path) -> None:
    change(
        folder,
        "DROP TABLE audit",
        "DROP TABLE audit_head",
        "UPDATE alembic_version SET version_num = '0001'",
    )
    for command in ("verify", "show"):
        assert audit(command, "--data-dir", folder).exit_code == Exit.NOTHING_THERE


def test_a_file_that_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / STORE_NAME).write_text("no", encoding="utf-8")
    result = audit("verify", "--data-dir", tmp_path)
    assert result.exit_code == Exit.DATA_FOLDER
    assert "is not a journal" in result.stderr

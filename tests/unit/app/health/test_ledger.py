"""The ledger's file under real damage: bytes on the disk, rows behind the log's back."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.app.health.ledger import MOST_ROWS, AuditTrail, Integrity
from cockpit.app.launch import STORE_NAME
from cockpit.ports.health import Check, CheckState

Fill = Callable[[int], Awaitable[None]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / STORE_NAME


@pytest.fixture
def fill(path: Path) -> Fill:
    """Write that many rows of the audit log."""

    async def write(rows: int) -> None:
        store = await open_store(path)
        try:
            for number in range(rows):
                await store.record("note", "DEMO-1", number, {"text": "x" * 200, "n": number})
        finally:
            await store.close()

    return write


async def only(ask: Callable[[], Awaitable[object]]) -> Check:
    [check] = await ask()  # type: ignore[misc]
    return check


async def test_none_yet(path: Path) -> None:
    assert (await only(Integrity(path).ask)).found.startswith("none yet")
    assert (await only(AuditTrail(path).ask)).found == "none yet"


async def test_damaged_bytes_are_found_and_arming_needs_them_whole(path: Path, fill: Fill) -> None:
    await fill(300)
    assert (await only(Integrity(path).ask)).state is CheckState.OK
    with path.open("r+b") as file:  # a page in the middle of the file, as a bad disk leaves it
        file.seek(12 * 4096)
        file.write(b"\xff" * 2048)
    found = await only(Integrity(path).ask)
    assert found.state is CheckState.FAILED
    assert found.hinders
    assert "damaged" in found.found
    assert "backup" in found.next_step


async def test_the_trail_is_followed_from_where_it_was_left(path: Path, fill: Fill) -> None:
    trail = AuditTrail(path)
    await fill(MOST_ROWS + 7)
    first = await only(trail.ask)
    assert first.found.startswith(f"{MOST_ROWS + 7:,} rows, unbroken")
    await fill(3)
    assert (await only(trail.ask)).found == f"{MOST_ROWS + 10:,} rows, unbroken"
    assert (await only(trail.ask)).found == f"{MOST_ROWS + 10:,} rows, unbroken"


@pytest.mark.parametrize(
    "act",
    [
        "update audit set payload = '{}' where seq = 12",
        "delete from audit where seq = 14",
        "update audit set hash = 'a' || substr(hash, 2) where seq = 10",
    ],
)
async def test_what_was_changed_behind_the_log_is_named(path: Path, fill: Fill, act: str) -> None:
    trail = AuditTrail(path)
    await fill(10)
    assert (await only(trail.ask)).state is CheckState.OK
    await fill(5)
    with closing(sqlite3.connect(path)) as db, db:
        for (name,) in db.execute("select name from sqlite_master where type = 'trigger'"):
            db.execute(f"drop trigger {name}")
        db.execute(act)
    found = await only(trail.ask)
    assert found.state is CheckState.FAILED
    assert found.hinders
    assert found.found.startswith("Broken at row 1")

"""Each check in each of its states, on real folders and ledgers."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from cockpit.adapters.storage import open_store
from cockpit.app import doctor
from cockpit.app.doctor import examine
from cockpit.app.lifecycle import STORE_NAME
from cockpit.kernel.instance import InstanceLock
from cockpit.ports.health import Check, CheckState
from tests.support.plugins import install


class Usage(NamedTuple):
    """What the system says of a disk, in bytes."""

    total: int
    used: int
    free: int


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def check(name: str, data: Path, config: Path) -> Check:
    return next(each for each in examine(data, config) if each.name == name)


def test_a_fresh_machine_is_well_and_stays_as_it_was(data: Path, config: Path) -> None:
    checks = examine(data, config)
    assert [c for c in checks if c.state is not CheckState.OK] == []
    assert [c.name for c in checks] == [
        "program",
        "screen",
        "settings",
        "plug-ins: brokers",
        "plug-ins: feeds",
        "plug-ins: writers",
        "plug-ins: strategies",
        "data folder",
        "disk",
        "ledger",
        "exchange calendar",
    ]
    assert not data.exists()


@pytest.mark.parametrize("text", ["feed = [", "colour = 1", "[limits]\nmax_order_value = nan"])
def test_bad_settings(data: Path, config: Path, text: str) -> None:
    config.write_text(text, encoding="utf-8")
    assert check("settings", data, config).state is CheckState.FAILED


def test_missing_settings_that_were_asked_for(data: Path, tmp_path: Path) -> None:
    found = check("settings", data, tmp_path / "no.toml")
    assert found.state is CheckState.FAILED
    assert "no.toml" in found.found


def test_a_folder_in_use(data: Path, config: Path) -> None:
    lock = InstanceLock(data)
    lock.acquire()
    try:
        found = check("data folder", data, config)
    finally:
        lock.release()
    assert found.state is CheckState.FAILED
    assert "Another cockpit" in found.found
    assert check("data folder", data, config).state is CheckState.OK


def test_a_folder_that_cannot_be(data: Path, config: Path) -> None:
    data.write_text("a file", encoding="utf-8")
    assert check("data folder", data, config).state is CheckState.FAILED
    assert check("data folder", data / "below", config).state is CheckState.FAILED


def test_little_room(data: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 10**6))
    found = check("disk", data, config)
    assert found.state is CheckState.WARNING
    assert found.next_step.startswith("Make room")


@pytest.fixture
async def ledger(tmp_path: Path) -> Path:
    store = await open_store(tmp_path / STORE_NAME)
    await store.close()
    return tmp_path / STORE_NAME


def test_the_ledger(ledger: Path, config: Path) -> None:
    data = ledger.parent
    assert check("ledger", data, config).found.startswith("intact")

    with closing(sqlite3.connect(data / STORE_NAME)) as db, db:
        db.execute("drop table alembic_version")
    assert check("ledger", data, config).state is CheckState.FAILED
    (data / STORE_NAME).write_bytes(b"a novel, not a ledger" * 100)
    found = check("ledger", data, config)
    assert found.state is CheckState.FAILED
    assert "damaged" in found.found


def test_a_plug_in_that_is_broken(
    data: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {"cockpit.feeds": {"broken": "broken_feed_package:plugin"}}
    install(monkeypatch, tmp_path / "site", "broken_feed_package", "1 / 0\n", points)
    found = check("plug-ins: feeds", data, config)
    assert found.state is CheckState.FAILED
    assert "ZeroDivisionError" in found.found
    assert check("plug-ins: brokers", data, config).state is CheckState.OK


def test_a_check_that_breaks_is_a_finding(
    data: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: Path) -> Check:
        raise ZeroDivisionError

    monkeypatch.setattr(doctor, "_disk", broken)
    found = check("disk", data, config)
    assert found.state is CheckState.FAILED
    assert "ZeroDivisionError" in found.found


def test_a_python_nobody_tried(data: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PYTHONS", ((4, 0), (4, 1)))
    found = check("program", data, config)
    assert found.state is CheckState.FAILED
    assert found.next_step.startswith("Use Python 4.0 to 4.1")

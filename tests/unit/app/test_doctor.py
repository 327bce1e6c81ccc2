"""Each check of a machine at rest in each of its states, on real folders and ledgers."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cockpit.adapters.storage import open_store
from cockpit.app.doctor import examine
from cockpit.app.health import program
from cockpit.app.health.findings import Finding
from cockpit.app.launch import STORE_NAME
from cockpit.kernel.instance import InstanceLock
from cockpit.ports.health import Check, CheckState
from tests.support.plugins import install


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def findings_of(data: Path, config: Path, **given: Any) -> list[Finding]:
    return asyncio.run(examine(data, config, **given))


def check(name: str, data: Path, config: Path, **given: Any) -> Check:
    return next(f.check for f in findings_of(data, config, **given) if f.check.name == name)


def test_a_fresh_machine_is_well_and_stays_as_it_was(data: Path, config: Path) -> None:
    findings = findings_of(data, config)
    assert {f.check.state for f in findings if f.check.required} == {CheckState.OK}
    assert [f.check.name for f in findings] == [
        "program",
        "SQLite",
        "libraries",
        "screen",
        "settings",
        "plug-ins: brokers",
        "plug-ins: feeds",
        "plug-ins: sources",
        "plug-ins: writers",
        "plug-ins: strategies",
        "data folder",
        "disk",
        "ledger",
        "audit log",
        "exchange calendar",
    ]
    assert all(f.check.checked_at for f in findings)
    assert not data.exists()


@pytest.mark.parametrize("text", ["feed = [", "colour = 1", "[limits]\nmax_order_value = nan"])
def test_bad_settings(data: Path, config: Path, text: str) -> None:
    config.write_text(text, encoding="utf-8")
    found = check("settings", data, config)
    assert found.state is CheckState.FAILED
    assert found.hinders


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


def test_little_room(data: Path, config: Path) -> None:
    found = check("disk", data, config, free=lambda _folder: 10**6)
    assert found.state is CheckState.FAILED
    assert found.next_step.startswith("Make room")


def test_a_disk_that_does_not_say_is_no_green_disk(data: Path, config: Path) -> None:
    def free(_folder: Path) -> int:
        raise OSError(5, "Input/output error")

    found = check("disk", data, config, free=free)
    assert found.state is CheckState.UNKNOWN
    assert found.hinders
    assert "Input/output error" in found.found


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
    assert "ZeroDivisionError" not in check("plug-ins: brokers", data, config).found


def test_a_python_nobody_tried(data: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "PYTHONS", ((4, 0), (4, 1)))
    found = check("program", data, config)
    assert found.state is CheckState.FAILED
    assert found.next_step.startswith("Use Python 4.0 to 4.1")


def test_another_version_than_the_pinned_one(
    data: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "PINNED", {"qasync": "0.0.1"})
    found = check("libraries", data, config)
    assert found.state is CheckState.WARNING
    assert "made for 0.0.1" in found.found

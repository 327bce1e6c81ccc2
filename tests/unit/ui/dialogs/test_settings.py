"""The settings dialog: searched, judged while one types, written, and taken back."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.adapters.secrets import MemoryVault
from cockpit.adapters.storage import open_store
from cockpit.app.configuring.room import open_settings
from cockpit.app.launch import Launch
from cockpit.app.limits.desk import LimitDesk
from cockpit.app.limits.file import load_limits
from cockpit.domain.account import Mode
from cockpit.kernel.clock import VirtualClock
from cockpit.risk.limit_book import LimitBook
from cockpit.ui.dialogs.settings import SettingsDialog
from cockpit.ui.theme import Theme
from tests.support.waiting import eventually

TEXT = "bar_seconds = 30 # mine\n[limits]\nmax_order_value = 5000\n"


class Opened:
    """The dialog over a file, with real limits and an empty vault."""

    def __init__(self, dialog: SettingsDialog, file: Path, limits: LimitDesk) -> None:
        self.dialog, self.file, self.limits = dialog, file, limits

    @property
    def names(self) -> list[str]:
        table = self.dialog.table
        return [table.item(row, 0).text() for row in range(table.rowCount())]

    def choose(self, name: str) -> None:
        self.dialog.table.selectRow(self.names.index(name))

    def type(self, text: str) -> None:
        self.dialog.detail.field.put(text)

    @property
    def said(self) -> str:
        return self.dialog.detail.said.text()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Any]:
    opened = await open_store(tmp_path / "cockpit.sqlite3")
    yield opened
    await opened.close()


async def opened(qtbot, folder: Path, store: Any, mode: Mode = Mode.PAPER) -> Opened:
    file = folder / "cockpit.toml"
    file.write_text(TEXT, encoding="utf-8")
    toml = tomllib.loads(TEXT)
    rules = load_limits(toml)
    limits = LimitDesk(
        book=LimitBook(rules, "A"), written=rules, store=store, clock=VirtualClock(1), mode=mode
    )
    launch = Launch(mode=mode, data_dir=folder, feed="synthetic", config=file)
    vault: Any = MemoryVault({})
    room = open_settings(launch, "paper", toml, limits, vault)
    tasks: list[asyncio.Task[None]] = []

    def spawn(body: Any, _name: str) -> object:
        tasks.append(asyncio.get_running_loop().create_task(body))
        return tasks[-1]

    dialog = SettingsDialog(Theme(), None, room, spawn)
    qtbot.addWidget(dialog)
    made = Opened(dialog, file, limits)
    await eventually(lambda: len(made.names) > 100, within=60)
    return made


async def test_search_finds_by_name_meaning_and_value(qtbot, tmp_path, store) -> None:
    shown = await opened(qtbot, tmp_path, store)
    shown.dialog.search.setText("loss day")
    assert shown.names[:2] == [
        "limits.day_loss_reducing_fraction",
        "limits.day_loss_halted_fraction",
    ]
    shown.dialog.search.setText("practice money")
    assert "brokers.paper.starting_cash" in shown.names
    shown.dialog.search.setText("wss://stream.data")
    assert shown.names == ["brokers.alpaca.data_stream_url"]
    shown.dialog.search.setText("no such thing anywhere")
    assert shown.names == []
    assert not shown.dialog.detail.isEnabled()


async def test_a_search_without_a_hit_says_so_and_leads_back(qtbot, tmp_path, store) -> None:
    shown = await opened(qtbot, tmp_path, store)
    dialog, nothing = shown.dialog, shown.dialog.nothing
    dialog.show()
    shown.choose("bar_seconds")
    dialog.search.setText("no such thing anywhere")
    assert nothing.isVisible()
    assert not dialog.detail.isVisible()
    assert not dialog.table.isVisible()
    assert 'Nothing holds "no such thing anywhere".' in nothing.told.text.text()
    assert not nothing.everywhere.isVisible()
    nothing.clear.click()
    assert dialog.detail.isVisible()
    assert len(shown.names) > 100
    dialog.choose_section("Recording")
    dialog.search.setText("bar_seconds")
    assert "Nothing under Recording holds" in nothing.told.text.text()
    assert "In all settings 1 does." in nothing.told.text.text()
    nothing.everywhere.click()
    assert shown.names == ["bar_seconds"]
    assert not nothing.isVisible()


async def test_a_section_shows_its_own_keys(qtbot, tmp_path, store) -> None:
    shown = await opened(qtbot, tmp_path, store)
    shown.dialog.choose_section("Recording")
    assert shown.names == [f"{key}" for key in ("record", "keep_days", "budget_mb", "free_mb")]
    shown.choose("keep_days")
    about = shown.dialog.detail.about.text()
    assert "Default: 90. Allowed: 1 to 36500. Now: 90 (default)." in about
    assert "from the next start on" in about


async def test_a_bad_value_is_refused_while_one_types(qtbot, tmp_path, store) -> None:
    shown = await opened(qtbot, tmp_path, store)
    shown.choose("bar_seconds")
    assert not shown.dialog.detail.go.isEnabled()  # nothing is changed yet
    shown.type("0")
    assert "greater than or equal to 1" in shown.said
    assert not shown.dialog.detail.go.isEnabled()
    shown.type("15")
    assert "next start" in shown.said
    assert shown.dialog.detail.go.isEnabled()


async def test_change_and_undo_reach_the_file(qtbot, tmp_path, store) -> None:
    shown = await opened(qtbot, tmp_path, store)
    assert not shown.dialog.undo_button.isEnabled()
    shown.choose("bar_seconds")
    shown.type("15")
    shown.dialog.detail.go.click()
    await eventually(lambda: "bar_seconds is 15 from the next start on." in shown.said)
    assert shown.file.read_text(encoding="utf-8") == TEXT.replace("30", "15")
    shown.dialog.undo_button.click()
    await eventually(lambda: "as it was before" in shown.said)
    assert shown.file.read_text(encoding="utf-8") == TEXT
    shown.dialog.detail.reset.click()
    await eventually(lambda: "has its default again" in shown.said)
    assert "bar_seconds" not in shown.file.read_text(encoding="utf-8")


async def test_a_choice_is_one_of_its_words(qtbot, tmp_path, store) -> None:
    shown = await opened(qtbot, tmp_path, store)
    shown.choose("tape.record")
    shown.type("never")
    shown.dialog.detail.go.click()
    await eventually(lambda: "tape.record is never" in shown.said)
    assert '[tape]\nrecord = "never"' in shown.file.read_text(encoding="utf-8")


async def test_a_looser_live_limit_asks_for_its_words(qtbot, tmp_path, store) -> None:
    shown = await opened(qtbot, tmp_path, store, Mode.LIVE)
    shown.choose("limits.max_order_value")
    shown.type("6000")
    detail = shown.dialog.detail
    assert "Type LOOSEN max_order_value" in shown.said
    assert not detail.typed.isHidden()
    assert not detail.go.isEnabled()
    detail.typed.setText("LOOSEN max_order_value")
    detail.go.click()
    await eventually(lambda: "from now on" in shown.said)
    assert shown.limits.book.account.max_order_value == 6000


async def test_taking_a_tighter_live_limit_back_asks_for_the_words(qtbot, tmp_path, store) -> None:
    shown = await opened(qtbot, tmp_path, store, Mode.LIVE)
    shown.choose("limits.max_order_value")
    shown.type("4000")
    shown.dialog.detail.go.click()
    await eventually(lambda: "from now on" in shown.said)
    shown.dialog.undo_button.click()
    await eventually(lambda: "Type LOOSEN max_order_value, then Undo" in shown.said)
    assert shown.limits.book.account.max_order_value == 4000
    shown.dialog.detail.typed.setText("LOOSEN max_order_value")
    shown.dialog.undo_button.click()
    await eventually(lambda: "as it was before" in shown.said)
    assert shown.limits.book.account.max_order_value == 5000


async def test_vendors_and_their_keys_are_a_page(qtbot, tmp_path, store) -> None:
    shown = await opened(qtbot, tmp_path, store)
    shown.dialog.choose_section("Data keys")
    keys = shown.dialog.keys
    await eventually(lambda: keys.table.rowCount() == 3)
    vendors = [keys.table.item(row, 0).text() for row in range(3)]
    assert vendors == ["Alpha Vantage", "Finnhub", "Polygon"]
    assert [keys.table.item(row, 1).text() for row in range(3)] == ["none"] * 3
    assert not keys.store_button.isEnabled()
    assert not keys.test_button.isEnabled()
    [field] = keys.fields.fields.values()
    assert field.echoMode() is field.EchoMode.Password
    field.setText("with a space")
    keys.store()
    await eventually(lambda: "Nothing was stored" in keys.said.text())

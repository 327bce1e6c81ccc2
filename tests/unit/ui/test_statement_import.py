"""A statement imported in the window: seen first, booked with its progress, stopped, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from cockpit.adapters.storage import open_store
from cockpit.app.bookkeeping import importing
from cockpit.app.launch import STORE_NAME
from cockpit.kernel.instance import InstanceLock
from cockpit.ui.dialogs.statement import StatementDialog
from cockpit.ui.statement_import import StatementImport
from cockpit.ui.theme import Theme
from tests.support import eventually
from tests.unit.app.control.test_bookkeeper import TABLE


class Desk:
    """A running program's ledger and window, as far as an import needs them."""

    def __init__(self, store: Any, folder: Path) -> None:
        self.store, self.tasks = store, set[asyncio.Task[None]]()
        self.window = QWidget()
        core = SimpleNamespace(data_dir=folder, store=store)
        self.desk = StatementImport(cast("Any", core), Theme(), self.window, self.spawn)
        self.file = folder / "trades.csv"
        self.file.write_text(f"{TABLE}2023-01-06,10:00:01,OTHR,teleport,50,20,0\n")

    def spawn(self, body: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(body, name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def until(self, true: Callable[[], object]) -> None:
        def look() -> object:
            QApplication.processEvents()
            return true()

        await eventually(look, 60)

    async def seen(self) -> StatementDialog:
        dialog = self.desk.begin(self.file)
        await self.until(lambda: not dialog.working and not self.tasks)
        return dialog


@pytest.fixture
async def desk(qapp: QApplication, tmp_path: Path) -> AsyncIterator[Desk]:
    lock = InstanceLock(tmp_path)
    lock.acquire()  # as a program that runs there
    store = await open_store(tmp_path / STORE_NAME)
    made = Desk(store, tmp_path)
    yield made
    await made.until(lambda: not made.tasks)
    made.window.deleteLater()
    await store.close()
    lock.release()


async def test_each_line_is_seen_before_anything_is_booked(desk: Desk) -> None:
    dialog = await desk.seen()
    assert "40 lines would be booked" in dialog.told.text()
    assert "1 to look at" in dialog.told.text()
    assert len(dialog.rows.keys()) == 42
    first = dialog.rows.row(dialog.rows.keys()[0])
    assert first.values[:2] == (42, "unknown")  # what needs a look stands on top
    assert dialog.go.isEnabled()
    assert await desk.store.import_accounts() == []
    dialog.reject()


async def test_it_is_booked_under_the_name_typed_and_taken_back(desk: Desk) -> None:
    dialog = await desk.seen()
    dialog._field.setText("mine")
    dialog.go.click()
    await desk.until(lambda: not desk.tasks)
    assert "40 lines booked" in dialog.told.text()
    assert await desk.store.import_accounts() == ["mine"]
    assert dialog.go.text() == "Take it back"
    dialog.go.click()
    await desk.until(lambda: not desk.tasks)
    assert await desk.store.import_accounts() == []
    assert "Taken back" in dialog.told.text()
    assert dialog.back.text() == "Close"
    dialog.reject()


async def test_a_long_one_tells_how_far_it_is_and_can_be_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PART", 10)
    dialog = await desk.seen()
    heard: list[int] = []

    def on_progress(value: int) -> None:
        heard.append(value)
        if value >= 20:
            dialog.back.click()

    dialog.progress.valueChanged.connect(on_progress)
    dialog.go.click()
    await desk.until(lambda: not desk.tasks)
    assert [value for value in heard if value > 0] == [10, 20]
    assert "Stopped" in dialog.told.text()
    assert await desk.store.imported("table") == []
    dialog.reject()


async def test_a_file_that_is_none_says_so(desk: Desk) -> None:
    desk.file.write_bytes(b"\x00\x01nothing")
    dialog = await desk.seen()
    assert "Nothing was booked" in dialog.told.text()
    assert not dialog.go.isVisible()
    dialog.reject()


async def booked_once(desk: Desk) -> None:
    dialog = await desk.seen()
    dialog.go.click()
    await desk.until(lambda: not desk.tasks)
    dialog.reject()


@pytest.mark.parametrize(
    ("choice", "accounts"), [("Leave them out", ["table"]), ("Book them", ["other", "table"])]
)
async def test_lines_that_are_booked_elsewhere_wait_for_a_word(
    desk: Desk, choice: str, accounts: list[str]
) -> None:
    """The account is typed after the preview: under it the same lines would stand twice."""
    await booked_once(desk)
    dialog = await desk.seen()
    assert "40 known already" in dialog.told.text()
    assert not dialog.go.isEnabled()
    dialog.reject()
    desk.file.write_text(f"{desk.file.read_text()}2023-01-07,10:00:00,NEWX,buy,50,20,0\n")
    dialog = await desk.seen()
    assert dialog.go.isEnabled()
    dialog._field.setText("other")
    dialog.go.click()
    await desk.until(lambda: not desk.tasks)
    assert await desk.store.import_accounts() == ["table"]
    assert "40 booked by another import" in dialog.told.text()
    assert dialog.account == "other"
    assert dialog.doubles.isVisibleTo(dialog)
    assert not dialog.go.isEnabled()
    dialog.doubles.box.setCurrentIndex(
        dialog.doubles.box.findText(choice, Qt.MatchFlag.MatchStartsWith)
    )
    assert dialog.go.isEnabled()
    dialog.go.click()
    await desk.until(lambda: not desk.tasks)
    assert sorted(await desk.store.import_accounts()) == sorted({*accounts, "other"})
    held = await desk.store.imported("other")
    assert len(held) == (41 if "other" in accounts else 1)
    dialog.reject()

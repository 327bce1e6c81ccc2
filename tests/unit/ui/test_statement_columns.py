"""A table that nobody knows, in the window: its first rows, its columns told, then read by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cockpit.app.bookkeeping.columns import columns_in
from cockpit.journal.statements import mapped
from cockpit.ui.dialogs.statement import StatementDialog
from cockpit.ui.dialogs.statement_columns import NAMES, ColumnsPage
from cockpit.ui.theme import Theme
from tests.unit.ui.test_keyboard import reachable, walked
from tests.unit.ui.test_statement_import import Desk, desk  # noqa: F401 -- a fixture

OWN = """My broker's export,,,,,
Made on 2024-03-20,,,,,
When,What,Way,How many,Paid for one,Costs
2024-03-13,XMPL,buy,100,10,1
2024-03-14,XMPL,sell,100,12,1
"""
TOLD = {"date": "When", "symbol": "What", "side": "Way", "quantity": "How many",
        "price": "Paid for one"}  # fmt: skip


def choose(page: ColumnsPage, mapping: dict[str, str]) -> None:
    for meaning, column in mapping.items():
        box = page.choices[meaning]
        box.setCurrentIndex(box.findData(column))


async def asked(desk: Desk, text: str = OWN) -> StatementDialog:  # noqa: F811 -- not the fixture
    desk.file.write_text(text)
    return await desk.seen()


async def test_an_unknown_table_is_read_by_the_columns_told(desk: Desk) -> None:  # noqa: F811 -- as above
    dialog = await asked(desk)
    page = dialog.columns
    assert page.isVisibleTo(dialog)
    assert "none of the known statements" in dialog.told.text()
    assert not dialog.go.isEnabled()
    assert page.heading.currentText().startswith("line 3: When What Way")
    assert page.rows.rowCount() == 2
    assert page.mapping["fees"] == "Costs"  # a usual name
    assert page.state.text() == "Still needed: a column for Date, Symbol, Quantity, Price."
    choose(page, TOLD)
    assert dialog.go.isEnabled()
    header = page.rows.horizontalHeaderItem(1)
    assert header is not None
    assert header.text() == "What\nSymbol"
    dialog.go.click()
    await desk.until(lambda: not desk.tasks)
    assert not page.isVisibleTo(dialog)
    assert "2 lines would be booked" in dialog.told.text()
    assert await desk.store.import_accounts() == []
    dialog.go.click()
    await desk.until(lambda: not desk.tasks)
    [account] = await desk.store.import_accounts()
    bought, sold = await desk.store.imported(account)
    assert (bought.entry.fee, sold.entry.price) == (1, 12)
    dialog.reject()


async def test_it_is_remembered_for_these_headings_as_the_command_line_does(desk: Desk) -> None:  # noqa: F811 -- as above
    dialog = await asked(desk)
    choose(dialog.columns, {**TOLD, "fees": ""})
    dialog.go.click()
    await desk.until(lambda: not desk.tasks)
    dialog.reject()
    written = desk.file.with_name("import-mappings.json").read_text()
    [remembered] = json.loads(written).values()
    assert {meaning: column for meaning, column in remembered.items() if column} == TOLD
    again = await asked(desk, OWN.replace("XMPL", "OTHR"))
    assert "2 lines would be booked" in again.told.text()
    assert again.change.isVisibleTo(again)
    again.change.click()
    await desk.until(lambda: not desk.tasks)
    page = again.columns
    assert page.isVisibleTo(again)
    assert {meaning: column for meaning, column in page.mapping.items() if column} == TOLD
    choose(page, {"fees": "Costs"})
    again.go.click()
    await desk.until(lambda: not desk.tasks)
    again.go.click()
    await desk.until(lambda: not desk.tasks)
    [account] = await desk.store.import_accounts()
    assert [b.entry.fee for b in await desk.store.imported(account)] == [1, 1]
    again.reject()


async def test_another_line_may_hold_the_headings(desk: Desk) -> None:  # noqa: F811 -- as above
    dialog = await asked(desk)
    page = dialog.columns
    choose(page, TOLD)
    page.heading.setCurrentIndex(0)
    assert not dialog.go.isEnabled()
    assert page.choices["date"].count() == 2  # none, and the only cell of that line
    assert page.rows.rowCount() == 4
    page.heading.setCurrentIndex(4)
    assert "Still needed" in page.state.text()
    page.heading.setCurrentIndex(2)
    choose(page, TOLD)
    assert dialog.go.isEnabled()
    dialog.reject()


async def test_one_column_for_two_things_is_told(desk: Desk) -> None:  # noqa: F811 -- as above
    dialog = await asked(desk)
    choose(dialog.columns, {**TOLD, "time": "When"})
    assert "Remembered" in dialog.columns.state.text()
    choose(dialog.columns, {"symbol": "Way"})
    assert dialog.columns.state.text() == "Way is taken for Symbol and Side at once."
    dialog.reject()


async def test_what_can_be_no_table_of_trades_is_refused_as_before(desk: Desk) -> None:  # noqa: F811 -- as above
    dialog = await asked(desk, "a letter\nto my broker, please\n")
    assert "Nothing was booked" in dialog.told.text()
    assert not dialog.columns.isVisibleTo(dialog)
    assert not dialog.go.isVisible()
    dialog.reject()


@pytest.fixture
def stays_on(qapp: QApplication) -> Iterator[None]:
    """The last window that closes does not end the program, nor the loop of the test."""
    qapp.setQuitOnLastWindowClosed(False)
    yield
    qapp.setQuitOnLastWindowClosed(True)


@pytest.mark.usefixtures("stays_on")
async def test_the_keyboard_comes_to_every_choice_and_each_has_a_name(desk: Desk) -> None:  # noqa: F811 -- as above
    desk.window.show()
    dialog = await asked(desk)
    await desk.until(dialog.isActiveWindow)
    can, seen = reachable(dialog), walked(dialog)
    boxes = [*dialog.columns.choices.values(), dialog.columns.heading]
    assert all(box in can and box in seen for box in boxes)
    names = [box.accessibleName() for box in boxes]
    assert len(set(names)) == len(names)
    assert "Column for Price, needed" in names
    box = dialog.columns.choices["date"]
    QTest.keyClicks(box, "Wh")
    assert box.currentText() == "When"
    dialog.reject()
    desk.window.hide()
    QApplication.processEvents()


def test_every_meaning_can_be_chosen() -> None:
    assert list(NAMES) == list(mapped.MEANINGS)


@pytest.mark.parametrize("width", [0, 3, 60])
def test_rows_of_any_width_are_shown(qapp: QApplication, tmp_path: Path, width: int) -> None:
    lines = ["a,b,c,d", ",".join(["1"] * width), "x"]
    page = ColumnsPage(Theme())
    page.show_table(columns_in(tmp_path, "\n".join(lines).encode()))
    assert page.rows.columnCount() == max(4, width)
    assert not page.complete

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QRegion

from cockpit.ui.models.columns import Align, Column, Row
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import number
from cockpit.ui.widgets.blotter import Blotter, RowAction
from cockpit.ui.widgets.blotter_export import CsvExport
from cockpit.ui.widgets.blotter_header import HEADER_HEIGHT
from cockpit.ui.widgets.blotter_paint import ROW_HEIGHT

COLUMNS = (
    Column("name", "Name", sample="AAAAA", align=Align.LEFT, font=FontRole.STRONG, stretch=True),
    Column("price", "Price", number, "000.00", flash=True, marks_stale=True),
    Column("size", "Size", number, "000.00", drop=1),
    Column("note", "Note", sample="a note of some length", align=Align.LEFT, drop=2),
)


class Prices:
    """Twenty rows of which a test may change any."""

    def __init__(self) -> None:
        self.prices = {f"S{n:02}": float(n) for n in range(20)}
        self.stale = False

    def keys(self) -> list[str]:
        return list(self.prices)

    def row(self, key: str) -> Row:
        return Row((key, self.prices[key], 1.0, ""), self.stale, f"reason of {key}")


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme()
    theme.dress(qapp)
    return theme


@pytest.fixture
def source() -> Prices:
    return Prices()


@pytest.fixture
def blotter(qtbot, theme, source) -> Blotter:
    blotter = Blotter(
        COLUMNS, source, theme, title="Prices", empty="Nothing here yet",
        actions=[RowAction("cancel", "Cancel", lambda key: key != "S01")],
    )  # fmt: skip
    qtbot.addWidget(blotter)
    blotter.resize(500, HEADER_HEIGHT + 10 * ROW_HEIGHT)
    blotter.show()
    qtbot.waitExposed(blotter)
    return blotter


def picture(blotter: Blotter) -> QImage:
    return blotter.viewport().grab().toImage()


def colours(image: QImage, left: int, top: int, width: int, height: int) -> set[str]:
    inside = [(x, y) for x in range(left, left + width) for y in range(top, top + height)]
    return {image.pixelColor(x, y).name() for x, y in inside}


def middle(position: int, x: int = 20) -> QPoint:
    return QPoint(x, position * ROW_HEIGHT + ROW_HEIGHT // 2)


def price_slot(blotter: Blotter):
    return next(slot for slot in blotter.header.slots() if slot.column == 1)


def test_the_visible_rows_say_what_is_painted(blotter):
    rows = blotter.visible_rows()
    assert len(rows) in (10, 11)
    cells, rect = rows[3]
    assert cells[:2] == ["S03", "3.00"]
    assert rect.top() == HEADER_HEIGHT + 3 * ROW_HEIGHT


def test_text_reaches_the_screen_and_stale_prices_are_grey(blotter, source, theme):
    slot = price_slot(blotter)
    area = slot.x, 3 * ROW_HEIGHT, slot.width, ROW_HEIGHT - 1
    strong, faint = theme.colours.text, theme.colours.faint
    assert strong in colours(picture(blotter), *area)
    source.stale = True
    blotter.refresh()
    seen = colours(picture(blotter), *area)
    assert strong not in seen
    assert faint in seen


def test_numbers_stand_right(blotter, theme):
    slot = price_slot(blotter)
    image, ground = picture(blotter), theme.colours.surface
    edge = slot.x + slot.width - 8
    inked = [
        x
        for x in range(slot.x, slot.x + slot.width)
        for y in range(ROW_HEIGHT - 1)
        if image.pixelColor(x, y).name() != ground
    ]
    assert edge - 3 <= max(inked) <= edge + 1


def test_a_flash_lights_the_cell_and_goes_out(qtbot, blotter, source, theme):
    slot = price_slot(blotter)
    corner = slot.x + 3, ROW_HEIGHT + 3
    calm = QColor(theme.colours.surface)
    source.prices["S01"] = 9.0
    blotter.refresh()
    assert picture(blotter).pixelColor(*corner) != calm
    qtbot.waitUntil(lambda: picture(blotter).pixelColor(*corner) == calm, timeout=2000)


def test_a_flash_of_a_chosen_row_fades_into_its_ground(qtbot, blotter, source, theme):
    blotter.select(blotter.table.keys[0])
    source.prices[blotter.table.keys[0]] += 1
    blotter.refresh()
    slot = price_slot(blotter)
    [(until, _)] = blotter.table.live(0).flashes.values()
    almost = until - 1  # so little of it is left that its share rounds to none
    image = QImage(blotter.viewport().size(), QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        blotter._cells.begin(painter)
        blotter._paint_rows(painter, QRegion(image.rect()), almost)
    ground = image.pixelColor(slot.x + 3, 4).name()
    assert ground == theme.colours.accent_soft


def test_a_click_on_a_title_sorts_numbers_from_the_top_then_turns_then_ends(qtbot, blotter):
    where = QPoint(price_slot(blotter).x + 10, HEADER_HEIGHT // 2)
    seen = []
    for _ in range(3):
        qtbot.mouseClick(blotter.header.viewport(), Qt.MouseButton.LeftButton, pos=where)
        seen.append(blotter.visible_rows()[0][0][0])
    assert seen == ["S19", "S00", "S00"]
    assert not blotter.header.isSortIndicatorShown()


def test_rows_do_not_move_under_the_pointer(qtbot, blotter, source, monkeypatch):
    blotter.sort_by("price")
    source.prices["S00"] = 500.0
    monkeypatch.setattr(blotter, "underMouse", lambda: True)
    monkeypatch.setattr(blotter, "_resorted_ms", -10_000)
    blotter.refresh()
    assert blotter.visible_rows()[0][0][0] == "S00"
    monkeypatch.setattr(blotter, "underMouse", lambda: False)
    blotter.refresh()
    assert blotter.visible_rows()[0][0][0] == "S01"


def test_arrows_move_and_tell_and_scroll_along(qtbot, blotter):
    with qtbot.waitSignal(blotter.current_changed) as told:
        qtbot.keyClick(blotter, Qt.Key.Key_Down)
    assert told.args == ["S00"]
    qtbot.keyClick(blotter, Qt.Key.Key_End)
    assert blotter.selection.current == "S19"
    assert blotter.verticalScrollBar().value() > 0
    assert "S19" in blotter.accessibleDescription()
    with qtbot.waitSignal(blotter.activated) as opened:
        qtbot.keyClick(blotter, Qt.Key.Key_Return)
    assert opened.args == ["S19"]


def test_copy_takes_the_selected_rows_as_tabbed_text(qtbot, blotter):
    qtbot.mouseClick(blotter.viewport(), Qt.MouseButton.LeftButton, pos=middle(1))
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(blotter.viewport(), Qt.MouseButton.LeftButton, shift, middle(2))
    qtbot.keyClick(blotter, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines == ["Name\tPrice\tSize\tNote", "S01\t1.00\t1.00\t", "S02\t2.00\t1.00\t"]


def test_the_button_of_the_row_under_the_pointer_asks_for_its_action(qtbot, blotter):
    qtbot.mouseMove(blotter.viewport(), middle(2))
    _, box = blotter._button_boxes(2)[0]
    with qtbot.waitSignal(blotter.action_requested) as asked:
        qtbot.mouseClick(blotter.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert asked.args == ["cancel", "S02"]
    assert blotter.selection.current is None  # a button never selects


def test_a_button_released_elsewhere_does_nothing(qtbot, blotter):
    _, box = blotter._button_boxes(2)[0]
    with qtbot.assertNotEmitted(blotter.action_requested):
        qtbot.mousePress(blotter.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
        qtbot.mouseRelease(blotter.viewport(), Qt.MouseButton.LeftButton, pos=middle(4))


def test_rows_without_the_action_have_no_button_and_delete_does_nothing(qtbot, blotter):
    assert blotter._button_boxes(1) == []
    blotter.select("S01")
    with qtbot.assertNotEmitted(blotter.action_requested):
        qtbot.keyClick(blotter, Qt.Key.Key_Delete)
    blotter.select("S02")
    with qtbot.waitSignal(blotter.action_requested):
        qtbot.keyClick(blotter, Qt.Key.Key_Delete)


def test_muted_actions_are_shown_and_do_nothing(qtbot, blotter):
    blotter.mute_actions()
    _, box = blotter._button_boxes(2)[0]
    blotter.select("S02")
    with qtbot.assertNotEmitted(blotter.action_requested):
        qtbot.mouseClick(blotter.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
        qtbot.keyClick(blotter, Qt.Key.Key_Delete)


def test_columns_leave_by_rank_when_it_is_narrow_and_come_back(blotter):
    def shown() -> list[int]:
        return [slot.column for slot in blotter.header.slots()]

    assert shown() == [0, 1, 2, 3]
    blotter.resize(260, 200)
    assert shown() == [0, 1, 2]
    blotter.resize(180, 200)
    assert shown() == [0, 1]
    blotter.resize(500, 200)
    assert shown() == [0, 1, 2, 3]


def test_a_long_number_widens_its_column(blotter, source):
    before = price_slot(blotter).width
    source.prices["S00"] = 123_456_789.12
    blotter.refresh()
    assert price_slot(blotter).width > before


def test_an_empty_table_says_what_to_expect(qtbot, theme, blotter, source):
    source.prices.clear()
    blotter.refresh()
    assert blotter.visible_rows() == []
    seen = colours(picture(blotter), 100, 80, 300, 120)
    assert theme.colours.muted in seen
    assert blotter.accessibleDescription() == "Nothing here yet"


def test_export_writes_the_table_and_reports_a_folder_that_is_gone(qtbot, blotter, tmp_path: Path):
    export = CsvExport(blotter.table, "Prices", blotter)
    with qtbot.waitSignal(export.finished) as done:
        export.save(tmp_path / "prices.csv")
    assert done.args == [""]
    assert (tmp_path / "prices.csv").read_text(encoding="utf-8").splitlines()[1] == "S00,0.00,1.00,"
    export.finished.disconnect(export._tell)
    with qtbot.waitSignal(export.finished) as failed:
        export.save(tmp_path / "gone" / "prices.csv")
    assert "was not written" in failed.args[0]


def test_a_change_of_theme_repaints_in_its_colours(qtbot, blotter, theme):
    from cockpit.ui.theme import Scheme

    theme.set(scheme=Scheme.LIGHT)
    ground = picture(blotter).pixelColor(blotter.viewport().width() - 2, 2).name()
    assert ground == theme.colours.surface

"""Numbers stamped from a sheet look as Qt's own text does, at every scale and in every colour."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter, QStaticText

from cockpit.ui.models.columns import Column, Row
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import compact, number, percent, signed_money
from cockpit.ui.theme.tokens import Scheme
from cockpit.ui.widgets.blotter import Blotter
from cockpit.ui.widgets.glyphs import GlyphSheet, Widths, sheet_of

NUMBERS = (
    number(1234.5), number(-77.01, signed=True), number(0.46, signed=True), percent(-0.0123),
    signed_money(99.1), signed_money(-4150.67), compact(1_200_000), compact(45_600), "7", "1 000",
)  # fmt: skip
ROOM, STEP, FROM = 120, 22, 5
SHADE = 24


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme()
    theme.dress(qapp)
    return theme


def painted(
    theme: Theme, role: FontRole, ratio: float, sheet: GlyphSheet | None, ink: str = "text"
):
    size = ROOM, STEP * len(NUMBERS)
    image = QImage(*(round(side * ratio) for side in size), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(theme.colour("surface"))
    rows = [place * STEP for place in range(len(NUMBERS))]
    with QPainter(image) as painter:
        painter.setFont(theme.font(role))
        painter.setPen(theme.colour(ink))
        if sheet is not None:
            sheet.draw(painter, NUMBERS, [FROM] * len(NUMBERS), rows)
        else:
            for text, row in zip(NUMBERS, rows, strict=True):
                static = QStaticText(text)
                static.setTextFormat(Qt.TextFormat.PlainText)
                painter.drawStaticText(FROM, row, static)
    return shades(image)


def shades(image: QImage) -> NDArray[np.int64]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.width(), 4)[:, :, :3].astype(np.int64)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("role", [FontRole.CAPTION, FontRole.BODY, FontRole.STRONG])
@pytest.mark.parametrize("scheme", list(Scheme))
def test_a_number_is_drawn_as_qt_draws_it(theme, scheme, role, ratio):
    theme.set(scheme=scheme)
    for ink in ("text", "up", "down"):
        sheet = sheet_of(theme, role, ink, ratio)
        if not sheet.true:
            pytest.skip("letters are smoothed by the display's parts here")
        own = painted(theme, role, ratio, sheet, ink)
        other = painted(theme, role, ratio, None, ink)
        assert np.abs(own - other).max() <= SHADE
        assert np.ptp(own) > 100  # there is something


def test_another_ground_is_another_sheet(theme):
    dark = sheet_of(theme, FontRole.BODY, "text", 1.0)
    assert sheet_of(theme, FontRole.BODY, "text", 1.0) is dark
    theme.set(scheme=Scheme.LIGHT)
    assert sheet_of(theme, FontRole.BODY, "text", 1.0) is not dark


def test_only_numbers_have_a_width_of_their_own(theme):
    widths = Widths(theme.font(FontRole.BODY))
    assert widths["100.25"] == pytest.approx(widths["999.75"])
    assert widths["1,100.25"] > widths["100.25"] > 0
    assert widths[""] == 0
    assert widths["n/a"] == widths["1:30"] == -1


class Prices:
    def keys(self) -> list[str]:
        return [f"S{n}" for n in range(len(NUMBERS))]

    def row(self, key: str) -> Row:
        at = int(key[1:])
        return Row((NUMBERS[at], "no number", 1000.25 * at), stale=at == 3)


@pytest.fixture
def blotter(qtbot, theme) -> Blotter:
    columns = (
        Column("a", "A", sample="000,000.00"), Column("b", "B", sample="no number"),
        Column("c", "C", number, sample="00,000.00", marks_stale=True),
    )  # fmt: skip
    made = Blotter(columns, Prices(), theme, title="Numbers", empty="")
    qtbot.addWidget(made)
    made.resize(420, 320)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_where_pixels_can_not_be_kept_the_table_looks_the_same(blotter, theme):
    kept = shades(blotter.viewport().grab().toImage())
    for ink in ("text", "faint"):
        sheet_of(theme, FontRole.BODY, ink, blotter.devicePixelRatioF()).true = False
    laid_out = shades(blotter.viewport().grab().toImage())
    assert np.abs(kept - laid_out).max() <= SHADE


def test_a_number_that_does_not_fit_ends_in_an_ellipsis(blotter):
    whole = shades(blotter.viewport().grab().toImage())
    blotter.header.resizeSection(0, 40)
    slot = blotter.header.slots()[0]
    cut = shades(blotter.viewport().grab().toImage())[:, : slot.width]
    beside = cut[:, slot.width - 4 :]
    assert np.ptp(beside[5:20], axis=0).max() == 0  # nothing sticks out of the cell
    assert not np.array_equal(cut, whole[:, : slot.width])


@pytest.mark.parametrize("texts", [[""], ["", "1.00"], ["1.00", ""], ["", ""]])
def test_an_empty_cell_is_painted_as_nothing(theme, texts):
    sheet = sheet_of(theme, FontRole.BODY, "text", 1.0)
    pictures = []
    for shown in (texts, [text for text in texts if text]):
        image = QImage(100, 30, QImage.Format.Format_RGB32)
        image.fill(theme.colour("surface"))
        with QPainter(image) as painter:
            sheet.draw(painter, shown, [FROM] * len(shown), [0] * len(shown))
        pictures.append(shades(image))
    assert np.array_equal(*pictures)

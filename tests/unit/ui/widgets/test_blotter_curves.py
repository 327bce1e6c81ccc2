"""A row's curve is kept as a picture, and drawn anew when it is another or looks otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage

from cockpit.ui.models.columns import Column, Row
from cockpit.ui.models.watchlist import columns
from cockpit.ui.theme import Scheme, Theme
from cockpit.ui.widgets.blotter import Blotter
from cockpit.ui.widgets.blotter_paint import ROW_HEIGHT


class Curves:
    def __init__(self) -> None:
        self.values: np.ndarray | None = np.array([1.0, 2.0, 3.0])
        self.stale = False

    def keys(self) -> list[str]:
        return ["A"]

    def row(self, key: str) -> Row:
        return Row((key, self.values), self.stale)


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme()
    theme.dress(qapp)
    return theme


@pytest.fixture
def source() -> Curves:
    return Curves()


@pytest.fixture
def blotter(qtbot, theme, source) -> Blotter:
    shown = Column("n", "N", sample="A"), Column("s", "S", lambda _: "", curve=True, stretch=True)
    made = Blotter(shown, source, theme, title="Curves", empty="")
    qtbot.addWidget(made)
    made.resize(300, 120)
    made.show()
    qtbot.waitExposed(made)
    return made


def seen(blotter: Blotter) -> QImage:
    blotter.refresh()
    slot = blotter.header.slots()[1]
    return blotter.viewport().grab().toImage().copy(slot.x, 0, slot.width, ROW_HEIGHT - 1)


def has(image: QImage, colour: str) -> bool:
    inside = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return any(image.pixelColor(x, y).name() == colour for x, y in inside)


def test_a_curve_is_painted_anew_when_it_is_another(blotter, source, theme):
    rising = seen(blotter)
    assert has(rising, theme.colours.up)
    assert seen(blotter) == rising
    source.values = np.array([3.0, 1.0, 2.0])
    falling = seen(blotter)
    assert has(falling, theme.colours.down)
    source.values = np.array([1.0, 2.0, 3.0])
    assert seen(blotter) == rising
    source.values = None
    assert seen(blotter) not in (rising, falling)


def test_a_curve_fades_with_its_row_and_follows_width_and_colours(blotter, source, theme):
    rising = seen(blotter)
    source.stale = True
    assert not has(seen(blotter), theme.colours.up)
    source.stale = False
    assert seen(blotter) == rising
    blotter.resize(200, 120)
    assert seen(blotter).width() < rising.width()
    assert has(seen(blotter), theme.colours.up)
    theme.set(scheme=Scheme.LIGHT)
    assert has(seen(blotter), theme.colours.up)


def test_a_level_curve_is_a_line_in_the_middle(blotter, source, theme):
    source.values = np.full(5, 7.0)
    image = seen(blotter)
    middle = {image.pixelColor(image.width() // 2, y).name() for y in range(8, ROW_HEIGHT - 8)}
    assert middle != {theme.colours.surface}


def test_a_screen_reader_is_not_read_an_array():
    column = next(column for column in columns() if column.curve)
    assert column.show(np.arange(60.0)) == ""

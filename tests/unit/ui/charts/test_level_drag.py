"""Lines that can be moved by hand, on the real widget."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from cockpit.ui.charts.annotations import Level
from cockpit.ui.charts.candle_chart import CandleChart
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.look import BarStyle, ChartLook
from cockpit.ui.charts.overlays import Overlays
from cockpit.ui.charts.picture import save_picture
from cockpit.ui.theme import Theme

OPEN = 1_514_903_400
ORDER = Level(117.0, "BUY 2 LMT", "accent", True, "id-1", "limit_price")
COST = Level(118.0, "LONG 2 avg", "text", False)


def candles(count: int = 200) -> Candles:
    step = np.arange(float(count))
    start = 100.0 + step / 10
    return Candles(OPEN + step * 60, start, start + 0.1, start - 0.1, start + 0.05, step + 1, start)


@pytest.fixture
def chart(qtbot, qapp) -> CandleChart:
    theme = Theme()
    theme.dress(qapp)
    made = CandleChart(theme)
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show_content(ChartContent(candles(), tick=0.01, levels=(ORDER, COST)))
    made.show()
    qtbot.waitExposed(made)
    return made


def y_of(chart: CandleChart, price: float) -> int:
    return round(chart.geometry_of_plot.y(price))


def move(chart: CandleChart, y: int, held: Qt.MouseButton) -> None:
    at = QPointF(300, y)
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, chart.viewport().mapToGlobal(at), Qt.MouseButton.NoButton, held,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(chart.viewport(), event)


def drag(qtbot, chart: CandleChart, start: float, end: float, *, let_go: bool = True) -> None:
    y = y_of(chart, end)
    qtbot.mousePress(
        chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, y_of(chart, start))
    )
    move(chart, y, Qt.MouseButton.LeftButton)
    if let_go:
        qtbot.mouseRelease(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, y))


def test_an_order_s_line_is_dragged_to_a_price_on_the_tick(qtbot, chart):
    before = chart.window_of_time
    with qtbot.waitSignal(chart.level_moved, timeout=500) as told:
        drag(qtbot, chart, 117.0, 115.0)
    level, price = told.args
    assert (level.order_id, level.field) == ("id-1", "limit_price")
    assert price == pytest.approx(115.0, abs=0.1)
    assert price == round(price, 2)
    assert chart.window_of_time == before  # the bars stayed


def test_the_line_follows_the_pointer_and_goes_back_to_where_its_order_is(qtbot, chart):
    drag(qtbot, chart, 117.0, 115.0, let_go=False)
    assert chart.content.levels[0].price == pytest.approx(115.0, abs=0.1)
    assert "to 11" in chart.content.levels[0].text
    assert not chart._prices.crosshair.across  # it would strike through the line's words
    qtbot.mouseRelease(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    move(chart, 120, Qt.MouseButton.NoButton)
    assert chart._prices.crosshair.across
    assert chart.content.levels[0] == ORDER


def test_escape_lets_the_order_be(qtbot, chart):
    moved: list[object] = []
    chart.level_moved.connect(lambda *told: moved.append(told))
    drag(qtbot, chart, 117.0, 115.0, let_go=False)
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    qtbot.mouseRelease(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert moved == []
    assert chart.content.levels[0] == ORDER


def test_a_click_that_slipped_a_little_moves_nothing(qtbot, chart):
    moved: list[object] = []
    chart.level_moved.connect(lambda *told: moved.append(told))
    y = y_of(chart, 117.0)
    qtbot.mousePress(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, y))
    move(chart, y + 2, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, y + 2))
    assert moved == []


def test_the_average_cost_can_not_be_dragged(qtbot, chart):
    moved: list[object] = []
    chart.level_moved.connect(lambda *told: moved.append(told))
    drag(qtbot, chart, 118.0, 118.6)
    assert moved == []
    assert chart.content.levels[1] == COST


def test_the_pointer_says_what_can_be_dragged(chart):
    move(chart, y_of(chart, 117.0), Qt.MouseButton.NoButton)
    assert chart.viewport().cursor().shape() is Qt.CursorShape.SizeVerCursor
    move(chart, y_of(chart, 118.0), Qt.MouseButton.NoButton)
    assert chart.viewport().cursor().shape() is not Qt.CursorShape.SizeVerCursor


LOOKS = [
    ChartLook(style=BarStyle.BARS),
    ChartLook(style=BarStyle.LINE),
    ChartLook(log=True),
    ChartLook(profile=True),
    ChartLook(vwap=False),
    ChartLook(emas=(9, 50)),
]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: str(look)[:60])
def test_each_look_paints_something_else(chart, look):
    plain = chart.grab().toImage()
    bars = candles()
    overlays = Overlays().of(bars, 60, look.lines)
    chart.show_content(
        ChartContent(bars, tick=0.01, levels=(ORDER, COST), look=look, overlays=overlays)
    )
    assert chart.grab().toImage() != plain


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_picture_of_it_is_saved(chart, tmp_path, suffix):
    file = tmp_path / f"chart.{suffix}"
    assert save_picture(chart, file) == ""
    head = file.read_bytes()[:200]
    assert head.startswith(b"\x89PNG") if suffix == "png" else b"<svg" in head


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_picture_that_could_not_be_saved_is_told(chart, tmp_path, suffix):
    assert "was not written" in save_picture(chart, tmp_path / "none" / f"chart.{suffix}")

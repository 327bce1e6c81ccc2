"""Lines out of sight: their words stack at the edge, and a click brings them into the chart."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt

from cockpit.ui.charts.annotations import Level
from cockpit.ui.charts.candle_chart import CandleChart
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.edges import beyond
from cockpit.ui.charts.marks_layer import _free_box
from cockpit.ui.theme import Theme

OPEN = 1_514_903_400
COST = Level(90.0, "LONG 2 avg", "text", False, lasting=True)


def candles(count: int = 200) -> Candles:
    step = np.arange(float(count))
    start = 100.0 + step / 10
    return Candles(OPEN + step * 60, start, start + 0.1, start - 0.1, start + 0.05, step + 1, start)


def order(number: int, price: float) -> Level:
    text = f"SELL {number} LMT"
    return Level(price, text, "down", True, f"id-{number}", "limit_price", lasting=True)


@pytest.fixture
def chart(qtbot, qapp) -> CandleChart:
    theme = Theme()
    theme.dress(qapp)
    made = CandleChart(theme)
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def shows(chart: CandleChart, *levels: Level) -> list[tuple[str, tuple[Level, ...]]]:
    chart.show_content(ChartContent(candles(), tick=0.01, levels=levels))
    chart.grab()
    return [(pill.text, pill.levels) for pill in pills(chart)]


def pills(chart: CandleChart):
    return chart.edges._marks.edges


def click(qtbot, chart: CandleChart, box: QRectF) -> None:
    at = QPoint(round(box.center().x()), round(box.center().y()))
    qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=at)
    chart.grab()


def in_sight(chart: CandleChart, level: Level) -> bool:
    return beyond(chart.geometry_of_plot, level.price) == 0


@pytest.mark.parametrize("width", [320, 500, 700, 1200])
@pytest.mark.parametrize("count", [1, 3, 9, 30])
def test_no_words_leave_the_plot_or_cover_each_other(chart, width, count):
    chart.resize(width, 400)
    levels = [order(n, 140.0 + n) for n in range(1, count + 1)]
    told = shows(chart, *levels, COST)
    boxes = [pill.box for pill in pills(chart)]
    plot = QRectF(0, 0, chart.geometry_of_plot.width, chart.geometry_of_plot.height)
    assert all(plot.contains(box) for box in boxes)
    assert not any(
        one.intersects(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :]
    )
    every = [level for _, group in told for level in group]
    assert sorted(every) == sorted([*levels, COST]), "each is told once, by itself or in the count"
    assert all(len(group) == 1 for _, group in told[:-2])


def test_the_nearest_stand_first_and_the_rest_is_counted(chart):
    told = shows(chart, *[order(n, 140.0 + n) for n in range(20, 0, -1)])
    assert told[0][0] == "\u25b2 SELL 1 LMT 141.00"
    text, group = told[-1]
    assert text == f"\u25b2 {len(group)} lines"
    assert len(group) > 1
    assert group[0].price < group[-1].price


def test_a_click_brings_the_line_into_the_chart_where_it_can_be_dragged(qtbot, chart):
    far, other = order(1, 150.0), order(2, 160.0)
    shows(chart, far, other, COST)
    before = chart.window_of_time
    assert not in_sight(chart, far)
    click(qtbot, chart, pills(chart)[0].box)
    assert in_sight(chart, far)
    assert not in_sight(chart, other)
    assert chart.window_of_time == before, "the bars stayed"
    shown = chart.geometry_of_plot
    assert chart.line_under(QPointF(300, shown.y(150.0))) == far
    shows(chart, far._replace(price=155.0), other, COST)
    assert in_sight(chart, far._replace(price=155.0)), "it is kept in sight where it goes"
    shows(chart, other, COST)
    assert not chart.geometry_of_plot.scale.holds(140.0), "one that is gone asks for no room"


def test_a_click_on_the_count_brings_all_of_them(qtbot, chart):
    levels = [order(n, 140.0 + n) for n in range(1, 21)]
    shows(chart, *levels)
    counted = pills(chart)[-1]
    click(qtbot, chart, counted.box)
    assert all(in_sight(chart, level) for level in counted.levels)


def test_going_live_or_elsewhere_gives_the_candles_their_room_back(qtbot, chart):
    far = order(1, 150.0)
    for leave in (chart.go_live, chart.reset):
        shows(chart, far)
        click(qtbot, chart, pills(chart)[0].box)
        assert in_sight(chart, far)
        leave()
        chart.grab()
        assert not in_sight(chart, far)


def test_the_average_cost_is_brought_in_too_and_the_pointer_says_what_a_click_does(qtbot, chart):
    shows(chart, COST)
    box = pills(chart)[0].box
    assert chart.edges.told(box.center()) == "LONG 2 avg\nClick to bring it into the chart"
    assert chart._shape_at(box.center()) is Qt.CursorShape.PointingHandCursor
    click(qtbot, chart, box)
    assert in_sight(chart, COST)
    assert chart.edges.told(box.center()) == ""


def test_words_in_sight_go_on_in_another_line_where_one_is_full(chart):
    shows(chart)
    shown, taken = chart.geometry_of_plot, []
    for number in range(30):
        box = _free_box(shown, 120.0, shown.y(119.0) + number % 3, taken)
        assert box.left() >= 0
        assert box.right() <= shown.width
        assert box.top() >= 0
        assert box.bottom() <= shown.height + 1
        assert not any(box.intersects(other) for other in taken)
        taken.append(box)

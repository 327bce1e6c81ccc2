"""Trend lines, drawn and moved by hand on the real widget."""

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
from cockpit.ui.charts.look import ChartLook
from cockpit.ui.charts.trends import Part, TrendView
from cockpit.ui.drawings import Anchor, TrendLine
from cockpit.ui.theme import Theme

OPEN = 1_514_903_400
LEFT = Qt.MouseButton.LeftButton


def candles(count: int = 200, step_s: int = 60) -> Candles:
    step = np.arange(float(count))
    start = 100.0 + step / 10
    return Candles(
        OPEN + step * step_s, start, start + 0.1, start - 0.1, start + 0.05, step + 1, start
    )


def middle(bar: int) -> float:
    """The middle of a one-minute bar."""
    return OPEN + bar * 60 + 30.0


LINE = TrendLine(Anchor(middle(150), 114.0), Anchor(middle(180), 117.0))


@pytest.fixture
def chart(qtbot, qapp) -> CandleChart:
    theme = Theme()
    theme.dress(qapp)
    made = CandleChart(theme)
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show_content(ChartContent(candles(), tick=0.01))
    made.show()
    qtbot.waitExposed(made)
    return made


def show(chart: CandleChart, *lines: TrendLine, log: bool = False, step_s: int = 60) -> None:
    look = ChartLook(log=log, interval_s=step_s)
    count = 200 * 60 // step_s
    chart.show_content(ChartContent(candles(count, step_s), tick=0.01, trends=lines, look=look))


def view(chart: CandleChart) -> TrendView:
    return TrendView(chart.content, chart.geometry_of_plot)


def place(chart: CandleChart, anchor: Anchor) -> QPoint:
    return view(chart).point(anchor).toPoint()


def between(chart: CandleChart, line: TrendLine) -> QPoint:
    return (view(chart).point(line.a) * 0.5 + view(chart).point(line.b) * 0.5).toPoint()


def move(chart: CandleChart, to: QPoint, held: Qt.MouseButton = LEFT) -> None:
    at = QPointF(to)
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, chart.viewport().mapToGlobal(at), Qt.MouseButton.NoButton, held,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(chart.viewport(), event)


def drag(qtbot, chart: CandleChart, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(chart.viewport(), LEFT, pos=start)
    move(chart, end)
    qtbot.mouseRelease(chart.viewport(), LEFT, pos=end)


def heard(chart: CandleChart) -> list[tuple[TrendLine | None, TrendLine | None]]:
    changes: list[tuple[TrendLine | None, TrendLine | None]] = []
    chart.trends.changed.connect(lambda before, after: changes.append((before, after)))
    return changes


def near(one: Anchor, other: Anchor) -> bool:
    return one.ts == other.ts and abs(one.price - other.price) < 0.15


@pytest.mark.parametrize("log", [False, True])
def test_two_clicks_draw_a_line_from_bar_to_bar(qtbot, chart, log):
    show(chart, log=log)
    changes, window = heard(chart), chart.window_of_time
    chart.trends.begin()
    for end in (LINE.a, LINE.b):
        move(chart, place(chart, end), Qt.MouseButton.NoButton)
        qtbot.mouseClick(chart.viewport(), LEFT, pos=place(chart, end))
    ((before, drawn),) = changes
    assert before is None
    assert near(drawn.a, LINE.a)
    assert near(drawn.b, LINE.b)
    assert round(drawn.a.price * 100) / 100 == drawn.a.price, "on the tick"
    assert not chart.trends.drawing
    assert chart.window_of_time == window, "nothing was panned"


def test_a_press_a_drag_and_a_release_draw_one_too(qtbot, chart):
    changes = heard(chart)
    chart.trends.begin()
    drag(qtbot, chart, place(chart, LINE.a), place(chart, LINE.b))
    ((_, drawn),) = changes
    assert near(drawn.a, LINE.a)
    assert near(drawn.b, LINE.b)


def test_it_is_drawn_by_the_keyboard_alone(qtbot, chart):
    changes = heard(chart)
    chart.setFocus()
    chart.trends.begin()
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    for _ in range(5):
        qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Up)
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    ((_, drawn),) = changes
    assert drawn.b.ts - drawn.a.ts == 5 * 60
    assert drawn.b.price > drawn.a.price


def test_escape_draws_nothing_and_lets_a_held_line_be(qtbot, chart):
    changes = heard(chart)
    chart.trends.begin(QPointF(place(chart, LINE.a)))
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    show(chart, LINE)
    qtbot.mousePress(chart.viewport(), LEFT, pos=between(chart, LINE))
    move(chart, between(chart, LINE) + QPoint(0, 40))
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    qtbot.mouseRelease(chart.viewport(), LEFT, pos=between(chart, LINE))
    assert changes == []


def test_an_end_is_dragged_and_the_other_stays(qtbot, chart):
    show(chart, LINE)
    changes, target = heard(chart), Anchor(middle(190), 115.0)
    drag(qtbot, chart, place(chart, LINE.b), place(chart, target))
    ((before, after),) = changes
    assert (before, after.a) == (LINE, LINE.a)
    assert near(after.b, target)


@pytest.mark.parametrize("log", [False, True])
def test_the_whole_is_dragged_by_its_middle(qtbot, chart, log):
    show(chart, LINE, log=log)
    changes = heard(chart)
    bars = round(10 * chart.window_of_time.px_per_bar)
    start = between(chart, LINE)
    was = [view(chart).point(end) for end in (LINE.a, LINE.b)]
    drag(qtbot, chart, start, start + QPoint(bars, -30))
    ((_, after),) = changes
    assert (after.a.ts - LINE.a.ts, after.b.ts - LINE.b.ts) == (600, 600)
    for end, before in zip((after.a, after.b), was, strict=True):
        assert view(chart).point(end).y() == pytest.approx(before.y() - 30, abs=1)


def test_a_shaking_hand_moves_nothing(qtbot, chart):
    show(chart, LINE)
    changes = heard(chart)
    start = place(chart, LINE.b)
    drag(qtbot, chart, start, start + QPoint(2, 2))
    assert changes == []


def test_delete_removes_the_line_under_the_pointer_and_no_other(qtbot, chart):
    show(chart, LINE)
    changes = heard(chart)
    move(chart, QPoint(20, 300), Qt.MouseButton.NoButton)
    qtbot.keyClick(chart, Qt.Key.Key_Delete)
    assert changes == []
    move(chart, between(chart, LINE), Qt.MouseButton.NoButton)
    qtbot.keyClick(chart, Qt.Key.Key_Delete)
    assert changes == [(LINE, None)]


@pytest.mark.parametrize("log", [False, True])
def test_an_extended_line_goes_on_to_the_edge_as_steep_as_before(chart, log):
    longer = TrendLine(LINE.a, LINE.b, extended=True)
    show(chart, longer, log=log)
    segment, width = view(chart).segment(longer), chart.geometry_of_plot.width
    a, b = view(chart).point(LINE.a), view(chart).point(LINE.b)
    assert segment.p1() == a
    assert segment.x2() == pytest.approx(width) or segment.y2() == pytest.approx(0)
    assert segment.dy() / segment.dx() == pytest.approx((b - a).y() / (b - a).x())
    backwards = TrendLine(LINE.b, LINE.a, extended=True)
    assert view(chart).segment(backwards).x2() == pytest.approx(segment.x2())


def test_a_line_stands_at_the_same_moments_on_another_timeframe(chart):
    show(chart, LINE, step_s=300)
    window, width = chart.window_of_time, chart.geometry_of_plot.width
    for end, bar in ((LINE.a, 150), (LINE.b, 180)):
        at = window.index_at(view(chart).point(end).x(), width)
        assert at == pytest.approx((bar + 0.5) / 5 - 0.5, abs=0.01)


def test_a_line_that_is_out_of_sight_is_not_drawn_and_not_hit(chart):
    away = TrendLine(Anchor(middle(2), 100.5), Anchor(middle(9), 101.0))
    show(chart, away, LINE)
    assert view(chart).segment(away) is None
    hit = chart.trends.under(QPointF(place(chart, LINE.a)))
    assert (hit.line, hit.part) == (LINE, Part.A)


def test_an_order_s_line_is_taken_before_a_trend_line(qtbot, chart):
    order = Level(115.5, "BUY 2 LMT", "accent", True, "id-1", "limit_price")
    look = ChartLook()
    chart.show_content(
        ChartContent(candles(), tick=0.01, trends=(LINE,), levels=(order,), look=look)
    )
    changes = heard(chart)
    start = between(chart, LINE)
    with qtbot.waitSignal(chart.level_moved, timeout=1000):
        drag(qtbot, chart, start, start + QPoint(0, 60))
    assert changes == []


def test_a_line_is_painted_where_it_lies(chart):
    show(chart)
    empty = chart.grab().toImage()
    show(chart, LINE)
    drawn = chart.grab().toImage()
    at = between(chart, LINE)
    changed = [
        drawn.pixel(at.x(), y) != empty.pixel(at.x(), y) for y in range(at.y() - 2, at.y() + 3)
    ]
    assert any(changed)


def test_what_to_do_next_is_said_while_a_line_is_drawn(chart):
    plain = chart.grab().toImage()
    chart.trends.begin()
    at_first = chart.grab().toImage()
    qpoint = QPointF(place(chart, LINE.a))
    chart.trends.begin(qpoint)
    then = chart.grab().toImage()
    chart.trends.cancel()
    assert plain != at_first != then
    assert chart.grab().toImage() == plain

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.ui.charts.annotations import cost_level, fill_marks, order_levels, position_of
from cockpit.ui.charts.candle_chart import CandleChart, ChartContent
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.day_curve import DayCurve
from cockpit.ui.charts.marks_layer import fill_box, mark_at
from cockpit.ui.theme import Scheme, Theme

NS = 1_000_000_000
OPEN = 1_514_903_400


def candles(count: int) -> Candles:
    """A quiet climb: each bar opens at 100 + n / 10 and closes 0.05 higher."""
    step = np.arange(float(count))
    start = 100.0 + step / 10
    return Candles(OPEN + step * 60, start, start + 0.1, start - 0.1, start + 0.05, step + 1, start)


def fill(side: Side, minute: int, price: str, quantity: int = 10) -> Fill:
    ts = (OPEN + minute * 60 + 30) * NS
    return Fill(
        execution_id=f"x{minute}", account_id="A", client_order_id="o", symbol="XYZ", side=side,
        quantity=Decimal(quantity), price=Decimal(price), fee=Decimal(0), ts_event=ts, ts_init=ts,
    )  # fmt: skip


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme()
    theme.dress(qapp)
    return theme


@pytest.fixture
def chart(qtbot, theme) -> CandleChart:
    chart = CandleChart(theme)
    qtbot.addWidget(chart)
    chart.resize(700, 400)
    chart.show_content(ChartContent(candles(200)))
    chart.show()
    qtbot.waitExposed(chart)
    chart.grab()
    return chart


def test_it_follows_the_newest_bar_until_it_is_dragged_away(qtbot, chart):
    right = chart.window_of_time.right
    chart.show_content(ChartContent(candles(201)))
    assert chart.window_of_time.right == right + 1
    with qtbot.waitSignal(chart.following_changed) as told:
        qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
        qtbot.mouseMove(chart, QPoint(400, 100))
        qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=QPoint(400, 100))
    assert told.args == [False]
    held = chart.window_of_time
    chart.show_content(ChartContent(candles(260)))
    assert chart.window_of_time == held
    chart.go_live()
    assert chart.following


def test_a_double_click_and_the_end_key_go_back_to_live(qtbot, chart):
    chart.pan(300)
    qtbot.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert chart.following
    chart.pan(300)
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.following


def test_the_prices_in_view_fit_the_strip(chart):
    plot = chart.geometry_of_plot
    view = slice(plot.first, plot.last)
    shown = chart.content.candles
    assert plot.scale.low < shown.low[view].min()
    assert plot.scale.high > shown.high[view].max()
    assert plot.scale.y(float(shown.high[view].max())) > 20  # below the line of figures


def test_fills_stand_on_their_bar_at_their_price(chart, theme):
    content = ChartContent(
        candles(200),
        fills=fill_marks(
            [fill(Side.BUY, 180, "118.00"), fill(Side.SELL, 190, "119.00")], candles(200)
        ),
    )
    chart.show_content(content)
    image = chart.grab().toImage()
    plot = chart.geometry_of_plot
    bought, sold = (fill_box(plot, mark) for mark in content.fills)
    assert [mark.bar for mark in content.fills] == [180, 190]
    assert bought.center().x() == plot.x(180)
    assert bought.top() > plot.scale.y(118.0)  # below the price, pointing up at it
    assert sold.bottom() < plot.scale.y(119.0)
    centre = bought.center().toPoint() + QPoint(0, 2)
    assert image.pixelColor(centre).name() == theme.colours.up
    assert "Bought 10 at 118.00" in mark_at(plot, content.fills, bought.center())
    assert mark_at(plot, content.fills, QPointF(5, 5)) == ""


def test_a_fill_before_the_first_bar_has_no_mark():
    assert fill_marks([fill(Side.BUY, -5, "100.00")], candles(10)) == ()


def test_the_average_cost_follows_the_fills_and_leaves_when_flat():
    fills = [fill(Side.BUY, 1, "100.00"), fill(Side.BUY, 2, "102.00")]
    (level,) = cost_level(position_of(fills))
    assert (level.price, level.text, level.dashed) == (101.0, "LONG 20 avg", False)
    assert cost_level(position_of([*fills, fill(Side.SELL, 3, "103.00", 20)])) == ()


def test_a_stop_limit_order_has_two_dashed_lines():
    intent = OrderIntent(
        intent_id="i", account_id="A", symbol="XYZ", side=Side.SELL, type=OrderType.STOP_LIMIT,
        quantity=Decimal(100), limit_price=Decimal("98.5"), stop_price=Decimal(99),
    )  # fmt: skip
    working = Order(
        client_order_id="o", intent=intent, state=OrderState.PARTIALLY_FILLED, filled=Decimal(40)
    )
    levels = order_levels([working])
    assert [(x.price, x.text) for x in levels] == [
        (99.0, "SELL 60 STP LMT"),
        (98.5, "SELL 60 STP LMT"),
    ]
    assert all(level.dashed for level in levels)


def test_levels_reach_the_screen_in_their_colour(chart, theme):
    cost = cost_level(position_of([fill(Side.BUY, 180, "118.00")]))
    chart.show_content(ChartContent(candles(200), levels=cost))
    image = chart.grab().toImage()
    y = round(chart.geometry_of_plot.y(118.0))
    row = [image.pixelColor(x, y).name() for x in range(150, 300)]
    assert row.count(theme.colours.text) > 100


def test_rising_bodies_are_hollow_and_falling_ones_full(qtbot, theme):
    both = Candles(*(np.array(pair) for pair in (
        (OPEN, OPEN + 60.0), (100.0, 101.0), (101.2, 101.2), (99.8, 99.8), (101.0, 100.0),
        (5.0, 5.0), (100.5, 100.5),
    )))  # fmt: skip
    chart = CandleChart(theme)
    qtbot.addWidget(chart)
    chart.resize(500, 400)
    chart.window_of_time = chart.window_of_time.zoomed(3, 0, 400)
    chart.show_content(ChartContent(both))
    image = chart.grab().toImage()
    plot = chart.geometry_of_plot
    y = round(plot.scale.y(100.55))
    inside = [image.pixelColor(round(plot.x(bar)) + 2, y).name() for bar in (0, 1)]
    assert inside == [theme.colours.surface, theme.colours.down]


def test_the_pointed_bar_is_the_one_under_the_pointer(qtbot, chart):
    x = round(chart.geometry_of_plot.x(190))
    qtbot.mouseMove(chart, QPoint(x, 120))
    assert chart.pointed_bar() == 190
    qtbot.mouseMove(chart, QPoint(chart.width() - 5, 120))
    assert chart.pointed_bar() is None


def test_an_empty_chart_says_what_it_waits_for(qtbot, theme):
    chart = CandleChart(theme)
    qtbot.addWidget(chart)
    chart.resize(400, 300)
    chart.show_content(ChartContent(empty="No trades in XYZ yet"))
    image = chart.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(100, 300) for y in range(140, 160)}
    assert theme.colours.muted in seen
    assert chart.geometry_of_plot is None


@pytest.mark.parametrize("count", [1, 2, 10_000])
@pytest.mark.parametrize("scheme", list(Scheme))
def test_any_number_of_bars_paints_at_any_size(qtbot, theme, count, scheme):
    theme.set(scheme=scheme)
    chart = CandleChart(theme)
    qtbot.addWidget(chart)
    chart.show_content(ChartContent(candles(count), bid=100.0, ask=100.1, label="SIMULATED"))
    for size in ((240, 160), (1600, 900)):
        chart.resize(*size)
        chart.zoom(0.01, 100)
        assert not chart.grab().isNull()


def test_the_day_curve_appends_and_lets_only_the_newest_point_change(qtbot, theme):
    curve = DayCurve(theme)
    qtbot.addWidget(curve)
    ts = OPEN + np.arange(5000.0)
    pnl = np.zeros(5000)
    pnl[2500], pnl[4999] = -80.0, 7.0
    curve.show_curve(ts[:4000], pnl[:4000])
    curve.show_curve(ts, pnl)
    shown = curve.columns(300)
    assert (shown.low.min(), shown.last[-1]) == (-80.0, 7.0)
    assert len(shown.ts) <= 310
    pnl[4999] = 9.0
    curve.show_curve(ts, pnl)
    assert curve.columns(300).last[-1] == 9.0
    assert not curve.grab().isNull()


def test_another_session_starts_the_curve_anew(qtbot, theme):
    curve = DayCurve(theme)
    qtbot.addWidget(curve)
    curve.show_curve(OPEN + np.arange(100.0), np.full(100, 5.0))
    curve.show_curve(OPEN + np.arange(3.0), np.array([1.0, 2.0, 3.0]))
    assert list(curve.columns(100).high) == [1.0, 2.0, 3.0]

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.protection import Protection
from cockpit.trading.protection.cover import Cover
from cockpit.ui.charts.annotations import (
    Level,
    cost_level,
    fill_marks,
    order_levels,
    position_of,
    target_levels,
)
from cockpit.ui.charts.candle_chart import CandleChart
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.canvas import PILL_HEIGHT
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.edges import label_text, label_y, lines_in
from cockpit.ui.charts.level_drag import LevelDrag, line_at
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


class Heard(QWidget):
    """A parent that writes down the keys its child did not want."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[int] = []

    def keyPressEvent(self, event) -> None:
        self.keys.append(event.key())


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


def drag(qtbot, chart: CandleChart, button: Qt.MouseButton, px: int = 200) -> None:
    """Press at 200, move by `px`, release: what the real mouse does."""
    screen = chart.viewport()
    qtbot.mousePress(screen, button, pos=QPoint(200, 100))
    for x, held in ((200 + px // 2, button), (200 + px, button)):
        at = QPointF(x, 100)
        move = QMouseEvent(
            QEvent.Type.MouseMove, at, screen.mapToGlobal(at), Qt.MouseButton.NoButton, held,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(screen, move)
    qtbot.mouseRelease(screen, button, pos=QPoint(200 + px, 100))


def turn_wheel(chart: CandleChart, at: QPoint, turn: QPoint) -> None:
    """One event of a wheel that turned by `turn` eighths of a degree."""
    event = QWheelEvent(
        QPointF(at), QPointF(chart.mapToGlobal(at)), QPoint(), turn, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(chart.viewport(), event)


def test_it_follows_the_newest_bar_until_it_is_dragged_away(qtbot, chart):
    right = chart.window_of_time.right
    chart.show_content(ChartContent(candles(201)))
    assert chart.window_of_time.right == right + 1
    with qtbot.waitSignal(chart.following_changed) as told:
        drag(qtbot, chart, Qt.MouseButton.LeftButton)
    assert told.args == [False]
    held = chart.window_of_time
    chart.show_content(ChartContent(candles(260)))
    assert chart.window_of_time == held
    chart.go_live()
    assert chart.following


def test_a_double_click_and_the_end_key_go_back_to_live(qtbot, chart):
    chart.pan(300)
    qtbot.mouseDClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert chart.following
    chart.pan(300)
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.following


def test_a_drag_moves_the_bars_with_the_pointer(qtbot, chart):
    before = chart.geometry_of_plot.x(150)
    drag(qtbot, chart, Qt.MouseButton.LeftButton, 90)
    assert chart.geometry_of_plot.x(150) == pytest.approx(before + 90, abs=1)


@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton])
def test_other_buttons_move_nothing_and_open_nothing(qtbot, chart, button):
    before = chart.window_of_time
    drag(qtbot, chart, button)
    qtbot.mouseClick(chart.viewport(), button, pos=QPoint(300, 100))
    assert chart.window_of_time == before
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible()]


@pytest.mark.parametrize("y", [100, 350, 390])  # prices, volume, time axis
def test_the_wheel_zooms_around_the_pointer(chart, y):
    chart.pan(300)
    shown = chart.geometry_of_plot
    under = shown.window.index_at(200, shown.width)
    turn_wheel(chart, QPoint(200, y), QPoint(0, 240))
    now = chart.geometry_of_plot
    assert now.window.px_per_bar > shown.window.px_per_bar
    assert now.window.index_at(200, now.width) == pytest.approx(under)
    assert not chart.following


def test_a_sideways_wheel_pans(chart):
    before = chart.geometry_of_plot.x(150)
    turn_wheel(chart, QPoint(200, 100), QPoint(120, 0))
    assert chart.geometry_of_plot.x(150) == before + 120


def test_an_unknown_key_goes_on_to_the_window(qtbot, chart):
    parent = Heard()
    qtbot.addWidget(parent)
    chart.setParent(parent)
    for key in (Qt.Key.Key_A, Qt.Key.Key_Left):
        qtbot.keyClick(chart, key)
    chart.setParent(None)
    assert parent.keys == [Qt.Key.Key_A]


def test_the_view_boxes_show_what_the_geometry_says(chart):
    shown = chart.geometry_of_plot
    for strip in (chart._prices, chart._volumes):
        x, _ = strip.view.viewRange()
        assert x == pytest.approx(list(shown.x_range))
    box = chart._prices.view.geometry()
    assert (box.x(), box.y(), box.width(), box.height()) == (0, 0, shown.width, shown.height)
    assert chart._prices.view.viewRange()[1] == pytest.approx(list(shown.y_range))


def test_a_round_price_gives_way_to_a_pill(chart):
    shown = chart.geometry_of_plot
    pills = [pill.at for pill in chart._prices.axis.pills]
    labels = [price for price, _ in chart._prices.axis._labels]
    assert labels
    assert all(abs(shown.y(price) - at) >= PILL_HEIGHT - 2 for price in labels for at in pills)


def test_another_theme_repaints_in_its_colours(chart, theme):
    for scheme in (Scheme.LIGHT, Scheme.DARK):
        theme.set(scheme=scheme)
        corner = chart.grab().toImage().pixelColor(chart.width() - 2, chart.height() - 2)
        assert corner.name() == theme.colours.surface


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


@pytest.mark.parametrize("price", ["90.00", "190.00"])
def test_a_cost_out_of_sight_is_told_at_the_edge(chart, theme, price):
    cost = cost_level(position_of([fill(Side.BUY, 180, price)]))
    chart.show_content(ChartContent(candles(200)))
    before = chart.grab().toImage()
    chart.show_content(ChartContent(candles(200), levels=cost))
    after, shown = chart.grab().toImage(), chart.geometry_of_plot
    rows = [
        y
        for y in range(round(shown.height))
        if any(before.pixel(x, y) != after.pixel(x, y) for x in range(8, 80))
    ]
    assert len(rows) >= PILL_HEIGHT - 4
    assert max(rows) < 60 if price == "190.00" else min(rows) > shown.height - 60
    arrow = "▲" if price == "190.00" else "▼"
    assert label_text(shown, cost[0], 2) == f"{arrow} LONG 10 avg {price}"
    assert line_at(shown, cost, shown.height / 2) is None


def test_a_line_that_is_dragged_beyond_the_range_stays_told(chart):
    level = Level(118.0, "SELL 10 LMT", "accent", True, "o", "limit_price")
    shown, held = chart.geometry_of_plot, LevelDrag()
    held.begin(level, shown.y(118.0))
    for y in (5.0, -40.0, shown.height - 1, shown.height + 30):
        held.move(y, shown, 0.01)
        (moved,) = held.shown([level])
        assert lines_in(shown, [moved]) or moved.lasting
        assert 0 < label_y(shown, moved.price) < shown.height


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
    qtbot.mouseMove(chart.viewport(), QPoint(x, 120))
    assert chart.pointed_bar() == 190
    qtbot.mouseMove(chart.viewport(), QPoint(chart.width() - 5, 120))
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


def test_a_target_that_waits_for_its_price_is_a_line_and_one_that_rests_is_not_told_twice():
    plan = Protection(stop=Decimal(99), target=Decimal("103.50"))
    cover = Cover(
        cover_id="o", symbol="ABC", side=Side.BUY, plan=plan, stop=Decimal(99),
        quantity=Decimal(27), strategy="", since_ns=0,
    )  # fmt: skip
    (line,) = target_levels([cover], [])
    assert (line.price, line.text, line.dashed, line.order_id) == (
        103.5,
        "SELL 27 target",
        True,
        "",
    )
    intent = OrderIntent(
        intent_id="i", account_id="A", symbol="ABC", side=Side.SELL, type=OrderType.LIMIT,
        quantity=Decimal(27), limit_price=Decimal("103.5"),
    )  # fmt: skip
    assert target_levels([cover], [Order(client_order_id="t", intent=intent)]) == ()

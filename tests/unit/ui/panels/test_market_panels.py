from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLabel, QPushButton

from cockpit.domain.events import FillBooked, OrderChanged
from cockpit.domain.fill import Fill
from cockpit.domain.market import Quote, TradePrint
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.ui.bridge import Bridge
from cockpit.ui.charts.annotations import Level
from cockpit.ui.links import Link
from cockpit.ui.panels.chart import ChartPanel
from cockpit.ui.panels.orders import OrdersPanel
from cockpit.ui.panels.pnl import PnlPanel
from cockpit.ui.panels.positions import PositionsPanel
from cockpit.ui.panels.watchlist import WatchlistPanel
from cockpit.ui.selection import Selection
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.blotter_paint import ROW_HEIGHT

NOW = 1_514_903_400 * SECOND


class Heard:
    """Commands that only write down what they were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def cancel(self, client_order_id: str) -> tuple[str, str]:
        return "cancel", client_order_id

    def flatten(self, symbol: str) -> tuple[str, str]:
        return "flatten", symbol

    def run(self, command: tuple[str, str], name: str) -> None:
        assert command[0] == name
        self.asked.append(command)


class Desk:
    """A small market with everything a panel may read."""

    def __init__(self, theme: Theme) -> None:
        self.clock = VirtualClock(NOW)
        self.bus = Bus()
        self.book, self.bars = Book(self.clock), BarBook(self.bus)
        self.orders, self.portfolio = OrderBook(), Portfolio(self.bus, "A")
        self.fills: dict[str, list[Fill]] = {}
        self.commands, self.theme = Heard(), theme
        self.bridge, self.selection = Bridge(self.bus), Selection()
        self.link = Link(self.selection)

    def turn(self) -> None:
        """Frames until each panel that takes turns has had its own."""
        for _ in range(6):
            self.bridge.flush()

    def quote(self, symbol: str, bid: float) -> None:
        now = self.clock.now_ns()
        quote = Quote(
            symbol=symbol,
            bid=bid,
            ask=bid + 0.02,
            bid_size=1,
            ask_size=1,
            ts_event=now,
            ts_init=now,
        )
        self.book.on_quote(quote)
        self.bus.publish(quote)

    def trade(self, symbol: str, price: float, minute: int = 0) -> None:
        now = NOW + minute * 60 * SECOND
        self.clock.advance_to(now)
        trade = TradePrint(symbol=symbol, price=price, size=100, ts_event=now, ts_init=now)
        self.book.on_trade(trade)
        self.bars.on_print(trade)
        self.bus.publish(trade)

    def order(self, state: OrderState, number: int = 1, symbol: str = "XYZ") -> Order:
        intent = OrderIntent(
            intent_id=f"i{number}", account_id="A", symbol=symbol, side=Side.BUY,
            type=OrderType.LIMIT, quantity=Decimal(100), limit_price=Decimal("99.5"),
        )  # fmt: skip
        now = self.clock.now_ns()
        order = Order(
            client_order_id=f"o{number}", intent=intent, state=state, created_ns=now + number
        )
        self.orders.put(order)
        self.bus.publish(OrderChanged(order=order, previous=None, ts_event=now, ts_init=now))
        return order

    def fill(self, side: Side, quantity: int, price: str, symbol: str = "XYZ") -> None:
        number = 100 + len(self.fills.get(symbol, ()))
        order, now = self.order(OrderState.FILLED, number, symbol), self.clock.now_ns()
        fill = Fill(
            execution_id=f"{symbol}{number}", account_id="A", client_order_id=order.client_order_id,
            symbol=symbol, side=side, quantity=Decimal(quantity), price=Decimal(price),
            fee=Decimal("0.50"), ts_event=now, ts_init=now,
        )  # fmt: skip
        self.fills.setdefault(symbol, []).append(fill)
        self.bus.publish(FillBooked(fill=fill, order=order, late=False, ts_event=now, ts_init=now))


@pytest.fixture
def desk(qapp) -> Iterator[Desk]:
    theme = Theme()
    theme.dress(qapp)
    desk = Desk(theme)
    yield desk
    desk.bridge.close()


@pytest.fixture
def shown(qtbot, desk):
    def show(panel, width: int = 900, height: int = 400):
        qtbot.addWidget(panel)
        panel.resize(width, height)
        panel.show()
        qtbot.waitExposed(panel)
        desk.bridge.flush()
        return panel

    return show


@pytest.fixture
def watchlist(desk, shown) -> WatchlistPanel:
    return shown(WatchlistPanel(desk.book, desk.bridge, desk.theme, desk.link, bars=desk.bars))


@pytest.fixture
def chart(desk, shown) -> ChartPanel:
    return shown(
        ChartPanel(
            desk.book, desk.bars, lambda symbol: desk.fills.get(symbol, []), desk.orders,
            desk.bridge, desk.theme, desk.link, label="SIMULATED",
        )
    )  # fmt: skip


@pytest.fixture
def positions(desk, shown) -> PositionsPanel:
    return shown(
        PositionsPanel(desk.portfolio, desk.book, desk.commands, desk.bridge, desk.theme, desk.link)
    )


@pytest.fixture
def orders(desk, shown) -> OrdersPanel:
    panel = OrdersPanel(desk.orders, desk.clock, desk.commands, desk.bridge, desk.theme, desk.link)
    return shown(panel)


def first_row(panel) -> list[str]:
    return panel.blotter.visible_rows()[0][0]


def test_a_quote_reaches_the_watchlist_with_the_next_frame(desk, watchlist):
    assert watchlist.blotter.visible_rows() == []
    desk.quote("XYZ", 100.0)
    desk.bridge.flush()
    assert "100.00" in first_row(watchlist)


def test_the_heartbeat_greys_a_price_that_stopped(desk, watchlist):
    desk.quote("XYZ", 100.0)
    desk.bridge.flush()
    assert not watchlist.blotter.table.live(0).stale
    desk.clock.advance_to(NOW + 60 * SECOND)
    desk.bridge.flush(heartbeat=True)
    assert watchlist.blotter.table.live(0).stale


def test_a_click_chooses_the_symbol_and_the_chart_follows(qtbot, desk, watchlist, chart):
    desk.quote("ABC", 10.0)
    desk.trade("XYZ", 100.0)
    desk.bridge.flush()
    at = QPoint(20, ROW_HEIGHT + 5)
    qtbot.mouseClick(watchlist.blotter.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert desk.selection.symbol() == "XYZ"
    assert chart.tools.title.text() == "XYZ"
    assert len(chart.chart.content.candles) == 1


def test_a_symbol_chosen_elsewhere_is_marked_in_the_watchlist(desk, watchlist):
    for symbol in ("ABC", "XYZ"):
        desk.quote(symbol, 10.0)
    desk.bridge.flush()
    desk.selection.select("XYZ")
    assert watchlist.blotter.selection.current == "XYZ"
    desk.selection.select("ABC", group=2)
    assert watchlist.blotter.selection.current == "XYZ"


def test_the_chart_keeps_up_and_changes_its_timeframe(qtbot, desk, chart):
    desk.selection.select("XYZ")
    assert chart.chart.content.empty == "No trades in XYZ yet"
    for minute in range(12):
        desk.trade("XYZ", 100.0 + minute, minute)
    desk.turn()
    assert len(chart.chart.content.candles) == 12
    qtbot.mouseClick(chart.tools.timeframes[300], Qt.MouseButton.LeftButton)
    assert list(chart.chart.content.candles.volume) == [500, 500, 200]
    assert chart.chart.content.label == "SIMULATED"


def test_the_chart_shows_own_fills_working_orders_and_the_cost(desk, chart):
    desk.selection.select("XYZ")
    desk.trade("XYZ", 100.0)
    desk.fill(Side.BUY, 10, "100.00")
    desk.order(OrderState.WORKING)
    desk.bridge.flush()
    content = chart.chart.content
    assert [mark.price for mark in content.fills] == [100.0]
    assert [level.text for level in content.levels] == ["LONG 10 avg", "BUY 100 LMT"]


def test_a_chart_that_was_behind_another_tab_comes_back_with_the_market_of_now(desk, chart):
    desk.selection.select("XYZ")
    desk.trade("XYZ", 100.0)
    desk.turn()
    chart.hide()
    desk.trade("XYZ", 90.0, 1)
    desk.order(OrderState.WORKING)
    desk.turn()
    chart.show()  # and no frame after it: the market may be quiet
    content = chart.chart.content
    assert list(content.candles.close) == [100.0, 90.0]
    assert [level.text for level in content.levels] == ["BUY 100 LMT"]


def test_another_symbols_prices_do_not_repaint_the_chart(desk, chart):
    desk.selection.select("XYZ")
    desk.trade("XYZ", 100.0)
    desk.bridge.flush()
    before = chart.chart.content
    desk.quote("ABC", 10.0)
    desk.bridge.flush()
    assert chart.chart.content is before


def test_the_live_button_shows_only_when_the_user_panned_away(qtbot, desk, chart):
    desk.selection.select("XYZ")
    for minute in range(120):
        desk.trade("XYZ", 100.0, minute)
    desk.turn()
    chart.grab()
    assert not chart.live_button.isVisible()
    chart.chart.pan(200)
    assert chart.live_button.isVisible()
    qtbot.mouseClick(chart.live_button, Qt.MouseButton.LeftButton)
    assert chart.chart.following
    assert not chart.live_button.isVisible()


def test_the_chart_asks_for_a_symbol_first(desk, chart):
    chart.show_now()
    assert "Pick a symbol" in chart.chart.content.empty


def words_of(dialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_flatten_asks_and_only_yes_acts(qtbot, desk, positions):
    desk.quote("XYZ", 100.0)
    desk.fill(Side.BUY, 10, "99.00")
    desk.bridge.flush()
    assert first_row(positions)[:3] == ["XYZ", "LONG", "10"]
    for answer, asked in (("Keep", []), ("Flatten XYZ", [("flatten", "XYZ")])):
        positions.blotter.action_requested.emit("flatten", "XYZ")
        box = positions.question
        assert "Sell 10 XYZ" in words_of(box)
        buttons = {button.text(): button for button in box.findChildren(QPushButton)}
        assert not buttons["Flatten XYZ"].isDefault()
        qtbot.mouseClick(buttons[answer], Qt.MouseButton.LeftButton)
        assert desk.commands.asked == asked


def test_a_flat_position_can_not_be_flattened(desk, positions):
    desk.fill(Side.BUY, 10, "99.00")
    desk.fill(Side.SELL, 10, "99.50")
    desk.bridge.flush()
    positions.blotter.action_requested.emit("flatten", "XYZ")
    assert positions.question is None


def test_delete_on_a_position_asks_to_flatten_it(qtbot, desk, positions):
    desk.fill(Side.BUY, 10, "99.00")
    desk.bridge.flush()
    positions.blotter.select("XYZ")
    qtbot.keyClick(positions.blotter, Qt.Key.Key_Delete)
    assert "Sell 10 XYZ" in words_of(positions.question)
    qtbot.keyClick(positions.question, Qt.Key.Key_Return)  # in haste: nothing is sent
    assert desk.commands.asked == []


def test_orders_filter_and_count(qtbot, desk, orders):
    desk.order(OrderState.WORKING, 1)
    desk.order(OrderState.FILLED, 2)
    desk.bridge.flush()
    assert len(orders.blotter.visible_rows()) == 1
    assert (orders.open_button.text(), orders.all_button.text()) == ("Open 1", "All 2")
    qtbot.mouseClick(orders.all_button, Qt.MouseButton.LeftButton)
    assert len(orders.blotter.visible_rows()) == 2


def test_cancel_acts_at_once_on_a_working_order_only(desk, orders):
    desk.order(OrderState.WORKING, 1)
    desk.order(OrderState.PENDING_CANCEL, 2)
    desk.bridge.flush()
    orders.blotter.action_requested.emit("cancel", "o1")
    orders.blotter.action_requested.emit("cancel", "o2")
    assert desk.commands.asked == [("cancel", "o1")]


def test_choosing_an_order_shows_its_symbol(qtbot, desk, orders):
    desk.order(OrderState.WORKING, 1, "ABC")
    desk.bridge.flush()
    qtbot.keyClick(orders.blotter, Qt.Key.Key_Down)
    assert desk.selection.symbol() == "ABC"


def test_the_pnl_adds_up_on_screen(desk, shown):
    panel = shown(PnlPanel(desk.portfolio, desk.bridge, desk.theme), 700, 300)
    desk.fill(Side.BUY, 10, "99.01")
    desk.clock.advance_to(NOW + 5 * SECOND)
    desk.quote("XYZ", 100.0)
    desk.bridge.flush()
    assert panel.day.text() == "\u25b2 +$9.50"
    figures = {name: label.text() for name, label in panel.figures.items()}
    assert (figures["Realised"], figures["Unrealised"], figures["Fees"]) == (
        "$0.00",
        "+$10.00",
        "$0.50",
    )
    assert panel.contributions.shown() == [("XYZ", pytest.approx(9.5))]
    assert len(panel.curve.columns(100).ts) == len(desk.portfolio.curve)


def test_a_pnl_panel_that_was_hidden_shows_what_is_now_when_it_comes_back(desk, shown):
    panel = shown(PnlPanel(desk.portfolio, desk.bridge, desk.theme), 700, 300)
    panel.hide()
    desk.fill(Side.BUY, 10, "99.01")
    desk.quote("XYZ", 100.0)
    desk.turn()
    assert panel.day.text() == "$0.00", "nobody sees it: nothing is drawn"
    panel.show()  # and no frame after it
    assert panel.day.text() == "\u25b2 +$9.50"
    assert panel.figures["Unrealised"].text() == "+$10.00"
    assert panel.contributions.shown() == [("XYZ", pytest.approx(9.5))]


@pytest.mark.parametrize("width", [660, 671, 900, 1400])
def test_the_buttons_of_a_position_lie_over_its_exits_alone(desk, positions, width):
    positions.resize(width, 200)
    desk.quote("XYZ", 100.0)
    desk.fill(Side.BUY, 10, "99.00")
    desk.turn()
    blotter = positions.blotter
    slots = {blotter.table.columns[slot.column].key: slot for slot in blotter.header.slots()}
    assert {"day", "exits"} <= set(slots)
    first = min(box.left() for _, box in blotter._button_boxes(0))
    assert first >= slots["exits"].x
    assert first >= max(slot.x + slot.width for key, slot in slots.items() if key != "exits")


@pytest.mark.parametrize(
    ("size", "place"),
    [((700, 200), "beside"), ((300, 400), "below"), ((300, 200), "away")],
)
def test_contributions_find_their_place(qtbot, desk, shown, size, place):
    panel = shown(PnlPanel(desk.portfolio, desk.bridge, desk.theme), *size)
    assert panel.contributions.isVisible() is (place != "away")
    if place != "away":
        beside = place == "beside"
        qtbot.waitUntil(lambda: (panel.contributions.x() > panel.curve.x()) is beside)


def test_every_panel_and_its_controls_have_a_name(desk, watchlist, chart, positions, orders):
    for panel in (watchlist, chart, positions, orders):
        assert panel.accessibleName()
    for control in (watchlist.blotter, positions.blotter, orders.blotter, chart.chart):
        assert control.accessibleName()
    assert chart.tools.timeframes[60].accessibleName() == "1 minute bars"


def test_a_right_click_offers_the_orders_that_wait_at_that_price(desk, chart):
    desk.trade("XYZ", 100.0)
    desk.trade("XYZ", 101.0, minute=1)
    desk.selection.select("XYZ")
    desk.bridge.flush()
    asked: list[object] = []
    chart.order_requested.connect(asked.append)
    shown = chart.chart.geometry_of_plot
    chart._open_menu(QPoint(200, round(shown.y(100.5))))
    texts = [action.text() for action in chart.menu.actions()]
    assert texts[0].startswith("Buy limit at 100.5")
    assert texts[1].startswith("Sell stop at 100.5")
    chart.menu.actions()[0].trigger()
    assert (asked[0].symbol, asked[0].side) == ("XYZ", Side.BUY)
    assert asked[0].price == pytest.approx(Decimal("100.5"), abs=Decimal("0.02"))


def test_a_drawn_line_is_there_for_its_symbol_only_until_it_is_removed(desk, chart):
    for symbol in ("XYZ", "ABC"):
        desk.trade(symbol, 100.0)
        desk.trade(symbol, 101.0, minute=1)
    desk.selection.select("XYZ")
    chart.drawings.add("XYZ", 100.5)
    assert [level.price for level in chart.chart.content.levels] == [100.5]
    desk.selection.select("ABC")
    assert not chart.chart.content.levels
    desk.selection.select("XYZ")
    chart._open_menu(QPoint(200, round(chart.chart.geometry_of_plot.y(100.5))))
    removing = [a for a in chart.menu.actions() if a.text().startswith("Remove the line")]
    removing[0].trigger()
    assert not chart.chart.content.levels


def test_a_dragged_order_line_asks_for_its_price_on_the_tick(desk, chart):
    desk.trade("XYZ", 100.0)
    desk.selection.select("XYZ")
    moved: list[tuple[object, ...]] = []
    chart.move_requested.connect(lambda *told: moved.append(told))
    level = Level(99.0, "BUY", "accent", True, "id-1", "limit_price")
    chart.chart.level_moved.emit(level, 98.765000001)
    assert moved == [("id-1", "limit_price", Decimal("98.77"))]


def test_what_was_done_to_a_line_is_taken_back(desk, chart):
    for minute, price in enumerate((100.0, 101.0)):
        desk.trade("XYZ", price, minute=minute)
    desk.selection.select("XYZ")
    chart.drawings.add("XYZ", 100.5)
    chart._open_menu(QPoint(200, round(chart.chart.geometry_of_plot.y(100.2))))
    [undo] = [a for a in chart.menu.actions() if a.text().startswith("Undo")]
    undo.trigger()
    assert not chart.chart.content.levels
    chart.undo_line()
    chart._open_menu(QPoint(200, round(chart.chart.geometry_of_plot.y(100.2))))
    assert not any("Undo" in action.text() for action in chart.menu.actions())


def test_the_look_is_chosen_in_the_menu_and_kept(desk, chart):
    desk.trade("XYZ", 100.0)
    desk.selection.select("XYZ")
    for name in ("bars", "log", "ema20", "day_levels"):
        chart.tools.choices[name].trigger()
    look = chart.look
    assert (look.style.value, look.log, look.emas, look.day_levels) == ("bars", True, (20,), True)
    assert chart.chart.content.look == look
    assert {level.text for level in chart.chart.content.levels} >= {"Day high", "Day low"}


def test_the_line_of_an_order_is_cancelled_or_changed_where_it_stands(desk, chart):
    for minute, price in enumerate((100.0, 99.0)):
        desk.trade("XYZ", price, minute=minute)
    order = desk.order(OrderState.WORKING)  # a limit at 99.50
    desk.selection.select("XYZ")
    asked: list[tuple[str, str]] = []
    chart.cancel_requested.connect(lambda name: asked.append(("cancel", name)))
    chart.change_requested.connect(lambda name: asked.append(("change", name)))
    chart._open_menu(QPoint(200, round(chart.chart.geometry_of_plot.y(99.5))))
    cancel, change = chart.menu.actions()[:2]
    assert (cancel.text(), change.text()) == (
        "Cancel BUY 100 XYZ LMT 99.50", "Change BUY 100 XYZ LMT 99.50...",
    )  # fmt: skip
    cancel.trigger()
    change.trigger()
    assert asked == [("cancel", order.client_order_id), ("change", order.client_order_id)]
    chart._open_menu(QPoint(200, round(chart.chart.geometry_of_plot.y(99.3))))
    assert not any("Cancel" in action.text() for action in chart.menu.actions())


def test_no_crosshair_strikes_through_the_line_that_is_pointed_at(desk, chart):
    for minute, price in enumerate((100.0, 99.0)):
        desk.trade("XYZ", price, minute=minute)
    desk.order(OrderState.WORKING)
    desk.selection.select("XYZ")
    plot = chart.chart
    plot.pointer = QPointF(200, plot.geometry_of_plot.y(99.5))
    plot.pointed()
    assert not plot._prices.crosshair.across
    plot.pointer = QPointF(200, plot.geometry_of_plot.y(99.2))
    plot.pointed()
    assert plot._prices.crosshair.across

"""The chart panel: the linked symbol in the chosen look and timeframe, live."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QVBoxLayout

from cockpit.domain.events import FillBooked, OrderChanged
from cockpit.domain.fill import Fill
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.trading.orders import OrderBook
from cockpit.trading.protection.cover import Cover
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.charts.annotations import (
    FillMark,
    Level,
    cost_level,
    day_levels,
    drawn_levels,
    fill_marks,
    order_levels,
    position_of,
    target_levels,
)
from cockpit.ui.charts.candle_chart import CandleChart
from cockpit.ui.charts.candles import CandleCache, Candles
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.hours import Hours
from cockpit.ui.charts.look import ChartLook
from cockpit.ui.charts.overlays import Overlays
from cockpit.ui.charts.picture import ask_picture
from cockpit.ui.drawings import Drawings, TrendLine
from cockpit.ui.links import Link
from cockpit.ui.panels.chart_menu import chart_menu, order_verbs, trend_verbs
from cockpit.ui.panels.chart_tools import ChartTools
from cockpit.ui.theme import FontRole, Space, Theme

_PICK = "Pick a symbol in the watchlist"


class ChartPanel(QFrame):
    """Shows the symbol of its link. `label` stands behind the candles (SIMULATED, REPLAY).

    `order_requested` carries a `Draft` for the ticket, `move_requested` an order's id, the
    field of its price and the price its line was dragged to.
    """

    order_requested = Signal(object)  # Draft
    move_requested = Signal(str, str, object)  # client order id, field, Decimal
    trigger_requested = Signal(str, str)  # symbol, condition
    symbol_requested = Signal()
    change_requested = Signal(str)  # client order id
    cancel_requested = Signal(str)

    def __init__(  # noqa: PLR0917 (rooms first, then bridge, theme, link, as in all panels)
        self,
        book: Book,
        bars: BarBook,
        fills: Callable[[str], Sequence[Fill]],
        orders: OrderBook,
        bridge: Bridge,
        theme: Theme,
        link: Link,
        *,
        label: str = "",
        look: ChartLook | None = None,
        drawings: Drawings | None = None,
        hours: Hours | None = None,
        covers: Callable[[str], Sequence[Cover]] = lambda _symbol: (),
    ) -> None:
        super().__init__()
        self._book, self._bars, self._fills, self._orders = book, bars, fills, orders
        self._covers = covers
        self._theme, self._label, self.link = theme, label, link
        self.symbol = link.symbol
        self.drawings, self._hours = drawings or Drawings(), hours or Hours()
        self.drawings.drawn.connect(self._drawn)
        self._cache, self._overlays, self._told = CandleCache(), Overlays(), Overlays()
        self._studies = Overlays()
        self._marks: tuple[tuple[object, ...], tuple[FillMark, ...], tuple[Level, ...]] | None = (
            None
        )
        self.menu: QMenu | None = None
        self.setProperty("kind", "panel")
        self.setAccessibleName("Chart panel")
        self._build(look or ChartLook())
        link.changed.connect(self._follow)
        self.destroyed.connect(bridge.on_frame(self._on_frame, every=3))

    def _build(self, look: ChartLook) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tools = ChartTools(self._theme, look)
        self.tools.look_changed.connect(self._look_changed)
        self.tools.export_asked.connect(self.export)
        self.tools.clear_asked.connect(self._clear_lines)
        self.tools.trend_asked.connect(self._begin_trend)
        self.tools.symbol_asked.connect(self.symbol_requested)
        self._interval_s = self.look.interval_s
        column.addWidget(self.tools)
        self.chart = CandleChart(self._theme)
        self.chart.following_changed.connect(self._place_live_button)
        self.chart.level_moved.connect(self._moved)
        self.chart.trends.changed.connect(self._put_trend)
        self.chart.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.chart.customContextMenuRequested.connect(self._open_menu)
        column.addWidget(self.chart, 1)
        undo = QShortcut(QKeySequence.StandardKey.Undo, self, self.undo_line)
        undo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.live_button = QPushButton("Jump to live", self.chart)
        self.live_button.setFont(self._theme.font(FontRole.CAPTION))
        self.live_button.setAccessibleName("Jump to live")
        self.live_button.clicked.connect(self.chart.go_live)
        self.live_button.hide()

    @property
    def look(self) -> ChartLook:
        """How the chart is drawn."""
        return self.tools.look

    def set_timeframe(self, seconds: int) -> None:
        """Show bars of `seconds`, one of TIMEFRAMES."""
        self.tools.choose(interval_s=seconds)

    def _look_changed(self, look: ChartLook) -> None:
        if look.interval_s != self._interval_s:
            self._interval_s = look.interval_s
            self._begin_anew()
        self.show_now()

    def show_now(self) -> None:
        """Bring the chart up to date."""
        symbol, look = self.symbol, self.look
        if symbol is None:
            self.chart.show_content(ChartContent(empty=_PICK))
            return
        candles = self._cache.candles(symbol, look.interval_s, self._bars.series(symbol))
        quote = self._book.quote(symbol)
        marks, cost = self._marked(symbol, candles)
        content = ChartContent(
            candles=candles,
            tick=float(self._tick(symbol)),
            bid=quote.bid if quote is not None else None,
            ask=quote.ask if quote is not None else None,
            fills=marks,
            levels=(*self._levels(symbol), *cost, *self._resting(symbol)),
            overlays=self._overlays.of(candles, look.interval_s, look.lines),
            told=self._told.of(candles, look.interval_s, look.told),
            studies=self._studies.of(candles, look.interval_s, look.studies),
            trends=self.drawings.trends(symbol),
            hours=self._hours,
            look=look,
            label=self._label,
            empty=f"No trades in {symbol} yet",
        )
        self.chart.show_content(content)
        self.tools.tell_origin(self._bars.past.chart(symbol))
        self._say(symbol)

    def _resting(self, symbol: str) -> tuple[Level, ...]:
        """What works at the venue, and the targets that wait for their price."""
        working = self._orders.open(symbol)
        return *order_levels(working), *target_levels(self._covers(symbol), working)

    def _tick(self, symbol: str) -> Decimal:
        instrument = self._book.instrument(symbol)
        return Decimal("0.01") if instrument is None else instrument.tick

    def _levels(self, symbol: str) -> tuple[Level, ...]:
        """What was drawn, and the day's if they are wanted."""
        book, drawn = self._book, drawn_levels(self.drawings.of(symbol))
        if not self.look.day_levels:
            return drawn
        day = day_levels(book.previous_close(symbol), book.day_high(symbol), book.day_low(symbol))
        return (*day, *drawn)

    def _marked(
        self, symbol: str, candles: Candles
    ) -> tuple[tuple[FillMark, ...], tuple[Level, ...]]:
        """Fill marks and cost line, made anew only when fills or bars were added."""
        fills = self._fills(symbol)
        state = (symbol, self._interval_s, len(candles), len(fills))
        if self._marks is None or self._marks[0] != state:
            cost = cost_level(position_of(fills))
            self._marks = (state, fill_marks(fills, candles), cost)
        return self._marks[1], self._marks[2]

    def _say(self, symbol: str) -> None:
        change, halted = self._book.change_fraction(symbol), self._book.halted(symbol)
        self.tools.say(symbol, change, halted=halted)
        said = f"{symbol}, {self._interval_s // 60} minute bars, {self.tools.change.text()} today"
        if said != self.chart.accessibleDescription():
            self.chart.setAccessibleDescription(said)

    def _on_frame(self, frame: Frame) -> None:
        if not self.isVisible():
            return
        mine = self.symbol in frame.symbols or self.symbol in frame.bars
        if mine or frame.touched(OrderChanged, FillBooked):
            self.show_now()

    def showEvent(self, event: QShowEvent) -> None:
        """Frames went by while it was hidden: what stands here is of now before it is seen."""
        super().showEvent(event)
        self.show_now()

    def _follow(self, symbol: str) -> None:
        self.symbol = symbol
        self._begin_anew()
        self.show_now()

    def _begin_anew(self) -> None:
        for grown in (self._overlays, self._told, self._studies):
            grown.reset()
        self.chart.reset()

    # What a person does on it.

    def _on_tick(self, price: float) -> Decimal:
        tick = self._tick(self.symbol or "")
        return Decimal(round(price / float(tick))) * tick

    def _moved(self, level: Level, price: float) -> None:
        if level.order_id:
            self.move_requested.emit(level.order_id, level.field, self._on_tick(price))
        elif self.symbol is not None:
            self.drawings.move(self.symbol, float(level.drawing), price)

    def _open_menu(self, at: QPoint) -> None:
        symbol, price = self.symbol, self.chart.price_at(at.y())
        if symbol is None or price is None:
            return
        trend, line = self.chart.trends.under(QPointF(at)), self.chart.line_under(QPointF(at))
        self.menu = chart_menu(
            self,
            symbol,
            self._on_tick(price),
            self.chart.content.last[0],
            line,
            order=self.order_requested.emit,
            draw=lambda where: self.drawings.add(symbol, float(where)),
            remove=lambda where: self.drawings.remove(symbol, where),
            tell=lambda where: self.trigger_requested.emit(symbol, f"crosses {where:f}"),
            resting=order_verbs(
                None if line is None else self._orders.get(line.order_id),
                change=self.change_requested.emit,
                cancel=self.cancel_requested.emit,
            ),
            sloped=trend_verbs(
                None if trend is None else trend.line,
                begin=partial(self._begin_trend, QPointF(at)),
                put=self._put_trend,
            ),
            undo=self.undo_line if self.drawings.can_undo(symbol) else None,
        )
        self.menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu.popup(self.chart.mapToGlobal(at))

    def _drawn(self, symbol: str) -> None:
        """Lines of a symbol are other ones now, whoever drew them."""
        if symbol == self.symbol and self.isVisible():
            self.show_now()

    def _begin_trend(self, at: QPointF | None = None) -> None:
        self.chart.setFocus()
        self.chart.trends.begin(at)
        self.chart.viewport().update()

    def _put_trend(self, before: TrendLine | None, after: TrendLine | None) -> None:
        if self.symbol is not None:
            self.drawings.put_trend(self.symbol, before, after)

    def undo_line(self) -> None:
        """Take back what was last drawn, dragged or removed on this symbol."""
        if self.symbol is not None:
            self.drawings.undo(self.symbol)

    def _clear_lines(self) -> None:
        if self.symbol is not None:
            self.drawings.clear(self.symbol)

    def export(self) -> None:
        """Ask where to, then save what the chart shows as PNG or SVG."""
        ask_picture(self.chart, f"{self.symbol or 'chart'}-{self._interval_s // 60}m")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button in its corner."""
        super().resizeEvent(event)
        self._place_live_button()

    def _place_live_button(self) -> None:
        self.live_button.setVisible(not self.chart.following)
        plot = self.chart.geometry_of_plot
        if plot is not None:
            size = self.live_button.sizeHint()
            left = round(plot.width) - size.width() - Space.M
            top = round(plot.height) - size.height() - Space.S
            self.live_button.setGeometry(left, top, size.width(), size.height())

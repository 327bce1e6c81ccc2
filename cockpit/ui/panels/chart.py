"""The chart of the selected symbol, with what was traded and what still works on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from cockpit.domain.events import FillBooked, OrderChanged
from cockpit.domain.fill import Fill
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.trading.orders import OrderBook
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.charts.annotations import (
    FillMark,
    Level,
    cost_level,
    fill_marks,
    order_levels,
    position_of,
)
from cockpit.ui.charts.candle_chart import CandleChart
from cockpit.ui.charts.candles import CandleCache, Candles
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.selection import DEFAULT_GROUP, Selection
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import percent
from cockpit.ui.widgets.labels import label, set_tone, signed_tone

TIMEFRAMES: tuple[tuple[str, int], ...] = (("1m", 60), ("5m", 300), ("15m", 900))
_PICK = "Pick a symbol in the watchlist"


class ChartPanel(QFrame):
    """Follows the link group's symbol. `label` stands behind the candles (SIMULATED, REPLAY)."""

    def __init__(  # noqa: PLR0917 (rooms first, then bridge, theme, selection, as in all panels)
        self,
        book: Book,
        bars: BarBook,
        fills: Callable[[str], Sequence[Fill]],
        orders: OrderBook,
        bridge: Bridge,
        theme: Theme,
        selection: Selection,
        *,
        label: str = "",
        group: int = DEFAULT_GROUP,
    ) -> None:
        super().__init__()
        self._book, self._bars, self._fills, self._orders = book, bars, fills, orders
        self._theme, self._label, self._group = theme, label, group
        self.symbol = selection.symbol(group)
        self.interval_s = TIMEFRAMES[0][1]
        self._cache = CandleCache()
        self._marks: tuple[tuple[object, ...], tuple[FillMark, ...], tuple[Level, ...]] | None = (
            None
        )
        self.setProperty("kind", "panel")
        self.setAccessibleName("Chart panel")
        self._build()
        selection.changed.connect(self._follow)
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._toolbar())
        self.chart = CandleChart(self._theme)
        self.chart.following_changed.connect(self._place_live_button)
        column.addWidget(self.chart, 1)
        self.live_button = QPushButton("Jump to live", self.chart)
        self.live_button.setFont(self._theme.font(FontRole.CAPTION))
        self.live_button.setAccessibleName("Jump to live")
        self.live_button.clicked.connect(self.chart.go_live)
        self.live_button.hide()

    def _toolbar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(Space.M, Space.XS, Space.S, Space.XS)
        bar.setSpacing(Space.XS)
        self.title = label(self._theme, "", FontRole.TITLE)
        self.change = label(self._theme, "", FontRole.STRONG)
        self.halted = label(self._theme, "HALTED", FontRole.STRONG, "warning")
        self.halted.hide()
        bar.addWidget(self.title)
        bar.addSpacing(Space.XS)
        bar.addWidget(self.change)
        bar.addWidget(self.halted)
        bar.addStretch(1)
        choice = QButtonGroup(self)
        self.timeframes: dict[int, QPushButton] = {}
        for text, seconds in TIMEFRAMES:
            self.timeframes[seconds] = self._timeframe(text, seconds, choice)
            bar.addWidget(self.timeframes[seconds])
        return bar

    def _timeframe(self, text: str, seconds: int, choice: QButtonGroup) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("kind", "quiet")
        button.setFont(self._theme.font(FontRole.CAPTION))
        button.setCheckable(True)
        button.setChecked(seconds == self.interval_s)
        button.setAccessibleName(f"{seconds // 60} minute bars")
        button.clicked.connect(lambda: self.set_timeframe(seconds))
        choice.addButton(button)
        return button

    def set_timeframe(self, seconds: int) -> None:
        """Show bars of `seconds`, one of TIMEFRAMES."""
        self.interval_s = seconds
        self.timeframes[seconds].setChecked(True)
        self.chart.reset()
        self.show_now()

    def show_now(self) -> None:
        """Bring the chart up to date."""
        symbol = self.symbol
        if symbol is None:
            self.chart.show_content(ChartContent(empty=_PICK))
            return
        candles = self._cache.candles(symbol, self.interval_s, self._bars.series(symbol))
        quote, instrument = self._book.quote(symbol), self._book.instrument(symbol)
        marks, cost = self._marked(symbol, candles)
        content = ChartContent(
            candles=candles,
            tick=float(instrument.tick) if instrument is not None else 0.01,
            bid=quote.bid if quote is not None else None,
            ask=quote.ask if quote is not None else None,
            fills=marks,
            levels=(*cost, *order_levels(self._orders.open(symbol))),
            label=self._label,
            empty=f"No trades in {symbol} yet",
        )
        self.chart.show_content(content)
        self._say(symbol)

    def _marked(
        self, symbol: str, candles: Candles
    ) -> tuple[tuple[FillMark, ...], tuple[Level, ...]]:
        """Fill marks and cost line, made anew only when fills or bars were added."""
        fills = self._fills(symbol)
        state = (symbol, self.interval_s, len(candles), len(fills))
        if self._marks is None or self._marks[0] != state:
            cost = cost_level(position_of(fills))
            self._marks = (state, fill_marks(fills, candles), cost)
        return self._marks[1], self._marks[2]

    def _say(self, symbol: str) -> None:
        change, halted = self._book.change_fraction(symbol), self._book.halted(symbol)
        self.title.setText(symbol)
        self.change.setText(percent(change, signed=True))
        set_tone(self.change, signed_tone(change or 0.0))
        self.halted.setVisible(halted)
        said = f"{symbol}, {self.interval_s // 60} minute bars, {self.change.text()} today"
        if said != self.chart.accessibleDescription():
            self.chart.setAccessibleDescription(said)

    def _on_frame(self, frame: Frame) -> None:
        if not self.isVisible():
            return
        mine = self.symbol in frame.symbols or self.symbol in frame.bars
        if mine or frame.touched(OrderChanged, FillBooked):
            self.show_now()

    def _follow(self, group: int, symbol: str) -> None:
        if group == self._group:
            self.symbol = symbol
            self.chart.reset()
            self.show_now()

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

"""A price chart painted by hand: candles, volume, VWAP, own fills, orders, crosshair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from cockpit.ui.charts.annotations import FillMark, Level
from cockpit.ui.charts.axes_layer import Axes
from cockpit.ui.charts.bars_layer import BarsLayer
from cockpit.ui.charts.candles import EMPTY, Candles
from cockpit.ui.charts.canvas import Areas, Canvas, Geometry
from cockpit.ui.charts.marks_layer import draw_fills, draw_levels, mark_at
from cockpit.ui.charts.readout import draw_readout, draw_watermark
from cockpit.ui.charts.viewport import PriceScale, TimeWindow
from cockpit.ui.theme import FontRole, Theme

_ZOOM_STEP = 1.15
_KEY_PAN_BARS = 10
_NOTCH = 120.0


@dataclass(slots=True)
class ChartContent:
    """All that a chart shows of one symbol at one moment."""

    candles: Candles = EMPTY
    tick: float = 0.01
    bid: float | None = None
    ask: float | None = None
    fills: Sequence[FillMark] = field(default_factory=tuple)
    levels: Sequence[Level] = field(default_factory=tuple)
    label: str = ""
    empty: str = "No prices yet"


class CandleChart(QWidget):
    """Shows a `ChartContent`; drag pans, the wheel zooms, a double click goes back to live.

    `following_changed` tells when it starts or stops keeping up with the newest bar.
    """

    following_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.content = ChartContent()
        self.window_of_time = TimeWindow()
        self._bars = BarsLayer()
        self._pointer: QPointF | None = None
        self._dragged_from: float | None = None
        self.geometry_of_plot: Geometry | None = None  # of the last paint
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("Price chart")
        theme.changed.connect(self.update)

    @property
    def following(self) -> bool:
        """True while the newest bar is kept in view."""
        return self.window_of_time.following

    def show_content(self, content: ChartContent) -> None:
        """Show `content`, following the newest bar unless the user panned away."""
        self.content = content
        self.window_of_time = self.window_of_time.followed(len(content.candles))
        self.update()

    def go_live(self) -> None:
        """Back to the newest bar."""
        self._set_window(self.window_of_time.live(len(self.content.candles)))

    def reset(self) -> None:
        """Forget where another symbol or timeframe was looked at."""
        self._set_window(TimeWindow(px_per_bar=self.window_of_time.px_per_bar))

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint everything anew from arrays; nothing is retained."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._theme.colour("surface"))
            candles = self.content.candles
            if not len(candles):
                self.geometry_of_plot = None
                self._say_empty(painter)
                return
            self.geometry_of_plot = plot = self._measure()
            canvas = Canvas(
                plot.areas, plot.window, plot.scale, plot.first, plot.last, painter, self._theme
            )
            axes = Axes(canvas, candles, self.content.tick)
            self._paint_plot(canvas, axes)
            self._paint_axes(canvas, axes)

    def _say_empty(self, painter: QPainter) -> None:
        painter.setFont(self._theme.font(FontRole.BODY))
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.content.empty)

    def _measure(self) -> Geometry:
        candles = self.content.candles
        highest = f"{float(candles.high.max()):,.2f}"
        metrics = QFontMetricsF(self._theme.font(FontRole.MICRO))
        axis = round(metrics.horizontalAdvance(highest)) + 22.0
        areas = Areas.of(self.width(), self.height(), axis)
        self.window_of_time = window = self.window_of_time.anchored(len(candles), areas.plot)
        first, last = window.visible(len(candles), areas.plot)
        first = min(first, len(candles) - 1)
        last = max(last, first + 1)
        view = slice(first, last)
        low, high = float(candles.low[view].min()), float(candles.high[view].max())
        scale = PriceScale.fitting(low, high, 26.0, areas.price - 34.0, self.content.tick)
        return Geometry(areas, window, scale, first, last)

    def _paint_plot(self, canvas: Canvas, axes: Axes) -> None:
        painter, content = canvas.painter, self.content
        axes.grid()
        painter.save()
        draw_watermark(canvas, content.label)
        self._bars.volume(canvas, content.candles)
        painter.setClipRect(QRectF(0, 0, canvas.areas.plot, canvas.areas.price))
        self._bars.candles(canvas, content.candles)
        self._bars.vwap(canvas, content.candles)
        draw_levels(canvas, content.levels)
        draw_fills(canvas, content.fills)
        if content.bid is not None and content.ask is not None:
            axes.quote(content.bid, content.ask)
        painter.restore()

    def _paint_axes(self, canvas: Canvas, axes: Axes) -> None:
        candles = self.content.candles
        axes.labels([*(level.price for level in self.content.levels), float(candles.close[-1])])
        axes.level_prices(self.content.levels)
        rising = candles.close[-1] >= candles.open[-1]
        axes.last_price(float(candles.close[-1]), "up" if rising else "down")
        bar = self.pointed_bar()
        if self._pointer is not None and self._dragged_from is None:
            axes.crosshair(self._pointer, bar)
        draw_readout(canvas, candles, len(candles) - 1 if bar is None else bar, axes.places)

    def pointed_bar(self) -> int | None:
        """The bar under the pointer; None when there is none."""
        if self._pointer is None or self.geometry_of_plot is None:
            return None
        plot = self.geometry_of_plot.areas.plot
        bar = round(self.window_of_time.index_at(self._pointer.x(), plot))
        inside = 0 <= bar < len(self.content.candles) and self._pointer.x() < plot
        return bar if inside else None

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragged_from = event.position().x()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """End dragging."""
        self._dragged_from = None
        self.unsetCursor()
        self.update()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Back to the newest bar."""
        self.go_live()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or move the crosshair and tell about fills below it."""
        x = event.position().x()
        if self._dragged_from is not None:
            self.pan(x - self._dragged_from)
            self._dragged_from = x
        self._pointer = event.position()
        self._tell_fill(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(event)
        self._pointer = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer, or pan with a sideways wheel."""
        turn = event.angleDelta()
        if abs(turn.x()) > abs(turn.y()):
            self.pan(float(turn.x()))
        elif turn.y():
            self.zoom(_ZOOM_STEP ** (turn.y() / _NOTCH), event.position().x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right pan, plus and minus zoom, End goes back to the newest bar."""
        step = _KEY_PAN_BARS * self.window_of_time.px_per_bar
        match event.key():
            case Qt.Key.Key_Left:
                self.pan(step)
            case Qt.Key.Key_Right:
                self.pan(-step)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom(_ZOOM_STEP, self.width() / 2)
            case Qt.Key.Key_Minus:
                self.zoom(1 / _ZOOM_STEP, self.width() / 2)
            case Qt.Key.Key_End:
                self.go_live()
            case _:
                super().keyPressEvent(event)

    def pan(self, px: float) -> None:
        """Move the bars `px` to the right."""
        self._set_window(self.window_of_time.panned(px, len(self.content.candles)))

    def zoom(self, factor: float, x: float) -> None:
        """Make bars `factor` times as wide around the height `x` of the pointer."""
        plot = (
            self.geometry_of_plot.areas.plot
            if self.geometry_of_plot is not None
            else float(self.width())
        )
        self._set_window(self.window_of_time.zoomed(factor, x, plot))

    def _set_window(self, window: TimeWindow) -> None:
        before, self.window_of_time = self.window_of_time, window
        if before.following != window.following:
            self.following_changed.emit(window.following)
        self.update()

    def _tell_fill(self, event: QMouseEvent) -> None:
        if self.geometry_of_plot is None:
            return
        text = mark_at(self.geometry_of_plot, self.content.fills, event.position())
        if text:
            QToolTip.showText(event.globalPosition().toPoint(), text, self)
        elif QToolTip.isVisible():
            QToolTip.hideText()

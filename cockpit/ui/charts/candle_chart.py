"""A price chart on pyqtgraph: candles, volume, VWAP, own fills, orders, crosshair."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QToolTip, QWidget

from cockpit.ui.charts.annotations import Level
from cockpit.ui.charts.axes import PriceAxis, TimeAxis, VolumeAxis, crowded
from cockpit.ui.charts.bars_layer import CandleLayer, VolumeLayer
from cockpit.ui.charts.canvas import letters_of
from cockpit.ui.charts.content import ChartContent, measured, most_volume
from cockpit.ui.charts.edge_hand import EdgeHand
from cockpit.ui.charts.level_drag import LevelDrag, line_at, same_line
from cockpit.ui.charts.marks_layer import MarksLayer, mark_at
from cockpit.ui.charts.panes import Panes
from cockpit.ui.charts.pills import pointed_price, pointed_time, standing_pills
from cockpit.ui.charts.plot import Plot
from cockpit.ui.charts.profile_layer import ProfileLayer
from cockpit.ui.charts.readout import CrosshairLayer, ReadoutLayer
from cockpit.ui.charts.still import Still
from cockpit.ui.charts.strip import Strip
from cockpit.ui.charts.ticks import decimals_for, price_ticks, ticks_in_view
from cockpit.ui.charts.trend_hand import TrendHand
from cockpit.ui.charts.trends import TrendLayer
from cockpit.ui.charts.viewport import (
    TIME_AXIS,
    Areas,
    Geometry,
    TimeWindow,
)
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import compact, number

_KEY_PAN_BARS = 10
_KEY_ZOOM = 1.15
_PX_PER_PRICE = 44.0
_PX_PER_TIME = 62.0
_AXIS_ROOM = 22.0


class CandleChart(Plot):
    """Shows a `ChartContent`; drag pans, the wheel zooms, a double click goes back to live.

    `following_changed` tells when it starts or stops keeping up with the newest bar.
    `geometry_of_plot` is where the prices lie, None while there is no candle.
    """

    following_changed = Signal(bool)
    level_moved = Signal(object, float)  # Level, its new price

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.content = ChartContent()
        self.window_of_time = TimeWindow()
        self.geometry_of_plot: Geometry | None = None
        self._areas: Areas | None = None
        self._ticked: tuple[object, ...] = ()
        self._still = Still()
        self._volume_axis, self._time_axis = VolumeAxis(theme), TimeAxis(theme)
        self._drag = LevelDrag()
        trends = TrendLayer(theme)
        self.trends = TrendHand(trends)
        self.trends.pointed.connect(self._point_by_key)
        marks = MarksLayer(theme)
        self.edges = EdgeHand(marks)
        layers = ProfileLayer(theme), CandleLayer(theme), trends, marks
        self._prices = Strip(theme, PriceAxis(theme), layers, ReadoutLayer(theme))
        self._volumes = Strip(
            theme, self._volume_axis, (VolumeLayer(theme),), CrosshairLayer(theme), below=True
        )
        self._strips = self._prices, self._volumes
        self._panes = Panes(theme)
        self._put_together()
        self.setMinimumSize(240, 160)
        self.setAccessibleName("Price chart")
        self.finish()

    def _put_together(self) -> None:
        for row, strip in enumerate(self._strips):
            strip.put_into(self, row)
            strip.view.pan_asked.connect(self.pan)
            strip.view.zoom_asked.connect(self.zoom)
        self._panes.put_into(self)
        self.add_axis(self._time_axis, Panes.AFTER, 0, self._volumes.view)
        self._time_axis.setHeight(TIME_AXIS)

    @property
    def following(self) -> bool:
        """True while the newest bar is kept in view."""
        return self.window_of_time.following

    def show_content(self, content: ChartContent) -> None:
        """Show `content`, following the newest bar unless the user panned away."""
        if self._drag.level is not None:
            content = replace(content, levels=self._drag.shown(content.levels))
        self.content = content
        self.window_of_time = self.window_of_time.followed(len(content.candles))
        self.arrange()

    # Arranging

    def arrange(self) -> None:
        """Sizes, ranges and layers from the content and the window of time."""
        has_bars = len(self.content.candles) > 0
        self.say_empty("" if has_bars else self.content.empty)
        self.geometry_of_plot = None
        if has_bars:
            areas = self._cut()
            self.geometry_of_plot, volume = self._measure(areas)
            self.trends.see(self.content, self.geometry_of_plot)
            self._prices.show_content(self.content, self.geometry_of_plot)
            self._volumes.show_content(self.content, volume)
            self._panes.show_content(self.content, self.geometry_of_plot)
            self._tick(self.geometry_of_plot)
            self._label_prices(self.geometry_of_plot)
        self.pointed()

    def dress(self) -> None:
        """Take the colours and fonts of the theme."""
        self._still.forget()
        super().dress()

    def paint_plot(self, painter: QPainter, area: QRect) -> None:
        """All anew while the view moves; else what stays as a picture, and the newest bar on it."""
        still = self._stays()
        if still is None:
            super().paint_plot(painter, area)
        else:
            painter.drawPixmap(0, 0, still)
            self.paint_views(painter, lambda layer, canvas: layer.draw_live(canvas))

    def _stays(self) -> QPixmap | None:
        shown, content = self.geometry_of_plot, self.content
        if shown is None:
            return None
        closed = shown.last if content.look.profile else len(content.candles) - 1
        view = slice(shown.first, min(shown.last, closed))
        columns = [column[view] for column in content.candles]
        columns += [overlay.values[view] for overlay in content.overlays]
        columns += self._panes.stays(view, content)
        named = [(overlay.name, overlay.role) for overlay in content.overlays]
        below = self._volumes.crosshair.geometry, *self._panes.geometries
        key = self._ticked, below, content.look, content.label, named
        viewport = self.viewport()
        ratio = viewport.devicePixelRatioF()
        return self._still.of(key, columns, viewport.size(), ratio, self._paint_still)

    def _paint_still(self, painter: QPainter) -> None:
        self.paint_ground(painter, self.viewport().rect())
        self.paint_views(painter, lambda layer, canvas: layer.draw_still(canvas))

    def _cut(self) -> Areas:
        """Give each part its size: the axis is as wide as the highest price."""
        highest = f"{float(self.content.candles.high.max()):,.2f}"
        room = letters_of(self._theme).words(FontRole.MICRO, highest).width + _AXIS_ROOM
        wanted = self._panes.wanted(self.content.look)
        areas = Areas.of(self.width(), self.height(), room, wanted)
        if areas != self._areas:
            self._areas = areas
            for strip in self._strips:
                strip.axis.setWidth(areas.axis)
            self.ci.layout.setRowFixedHeight(1, areas.volume)
            self._panes.cut(self.ci.layout, areas)
            self.ci.layout.activate()  # at once: what is painted next relies on it
        return areas

    def _measure(self, areas: Areas) -> tuple[Geometry, Geometry]:
        """What the strips show: all bars the window holds, scaled to fit."""
        content, window = self.content, self.window_of_time
        kept = self.edges.prices(content.levels)
        self.window_of_time, prices, volumes = measured(content, window, areas, kept)
        self._volume_axis.most = compact(most_volume(self.content, prices))
        return prices, volumes

    def _tick(self, shown: Geometry) -> None:
        """Find round prices and times, when they can have moved."""
        ts, tick = self.content.candles.ts, self.content.tick
        now = (shown, tick, float(ts[shown.first]), float(ts[shown.last - 1]))
        if now == self._ticked:
            return
        self._ticked = now
        count = max(2, int(shown.scale.height / _PX_PER_PRICE))
        self._prices.backdrop.prices = price_ticks(shown.scale.low, shown.scale.high, count, tick)
        apart = _PX_PER_TIME / shown.window.px_per_bar
        times = ticks_in_view(ts, shown.first, shown.last, apart)
        self._time_axis.show_ticks(times)
        for strip in self._strips:
            strip.backdrop.times = times
        self._panes.tick(times)

    def _label_prices(self, shown: Geometry) -> None:
        """Label the round prices that no pill stands on."""
        places = decimals_for(self.content.tick)
        pills = standing_pills(self.content, shown)
        labels = [
            (shown.scale.coordinate(price), number(price, places=places))
            for price in self._prices.backdrop.prices
            if not crowded(shown.y(price), pills)
        ]
        self._prices.axis.show_labels(labels)

    # Pointer

    def pointed_bar(self) -> int | None:
        """The bar under the pointer; None when there is none."""
        shown, at = self.geometry_of_plot, self._pointer_in_plot()
        if at is None or shown is None:
            return None
        bar = round(self.window_of_time.index_at(at.x(), shown.width))
        return bar if 0 <= bar < len(self.content.candles) else None

    def _pointer_in_plot(self) -> QPointF | None:
        shown, at = self.geometry_of_plot, self.pointer
        return at if at is not None and shown is not None and at.x() < shown.width else None

    def pointed(self) -> None:
        """Bring crosshair and pills to the pointer."""
        shown = self.geometry_of_plot
        if self.pointer is None:
            self.trends.hover(None)
        if shown is not None:
            at, bar = self._pointer_in_plot(), self.pointed_bar()
            free = self._drag.level is None and (at is None or self.line_under(at) is None)
            self._prices.crosshair.point(at, bar, across=free)
            self._volumes.crosshair.point(
                at - QPointF(0.0, shown.height) if at is not None else None, bar
            )
            self._panes.point(at, bar, shown.height + self._volumes.crosshair.geometry.height)
            pills = standing_pills(self.content, shown)
            if at is not None and at.y() < shown.height:
                pills.append(pointed_price(self.content, shown, at.y()))
            self._prices.axis.pills = pills
            self._time_axis.pills = [] if bar is None else [pointed_time(self.content, shown, bar)]
        super().pointed()

    def price_at(self, y: float) -> float | None:
        """The price at that height of the plot, on the tick; None outside it."""
        shown = self.geometry_of_plot
        if shown is None or not 0 <= y < shown.height:
            return None
        tick = self.content.tick
        return round(round(shown.scale.price(y) / tick) * tick, 8)

    def line_under(self, at: QPointF) -> Level | None:
        """The line that can be dragged there."""
        shown = self.geometry_of_plot
        if shown is None or not 0 <= at.x() < shown.width:
            return None
        return line_at(shown, self.content.levels, at.y())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a line, or else leave it to the plot."""
        left, at = event.button() is Qt.MouseButton.LeftButton, event.position()
        if left and not self.trends.drawing and self.edges.take(at):
            self.arrange()
            return
        drawn = left and self._in_plot(at) and self._take_trend(at)
        level = self.line_under(at) if left and not drawn else None
        if drawn:
            self.setFocus()
            self.viewport().update()
        elif level is None:
            super().mousePressEvent(event)
        else:
            self._drag.begin(level, event.position().y())
            self.setFocus()

    def _take_trend(self, at: QPointF) -> bool:
        """Draw on, or take hold of a trend line, unless an order's line is there, too."""
        over = None if self.trends.drawing else self.line_under(at)
        return (over is None or not over.order_id) and self.trends.press(at)

    def _in_plot(self, at: QPointF) -> bool:
        shown = self.geometry_of_plot
        return shown is not None and 0 <= at.x() < shown.width and 0 <= at.y() < shown.height

    def _point_by_key(self, at: QPointF) -> None:
        self.pointer = at
        self.pointed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of a line: it was moved, if it was."""
        if self.trends.busy:
            self.trends.release(event.position())
            self.viewport().update()
            return
        if self._drag.level is None:
            super().mouseReleaseEvent(event)
            return
        held = self._drag.level
        moved = self._drag.end()
        self._put_back(held)
        if moved is not None:
            self.level_moved.emit(*moved)

    def _put_back(self, held: Level) -> None:
        """A line stands where its order is, not where somebody wants it."""
        levels = [held if same_line(level, held) else level for level in self.content.levels]
        self.show_content(replace(self.content, levels=levels))

    def _drag_to(self, at: QPointF) -> None:
        shown = self.geometry_of_plot
        if shown is not None:
            self._drag.move(at.y(), shown, self.content.tick)
            self.pointer = at
            self.show_content(self.content)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the crosshair and tell about fills below it; a line that is held follows."""
        if self._drag.level is not None:
            self._drag_to(event.position())
            return
        if self.trends.busy:
            self.trends.move(event.position())
            self._point_by_key(event.position())
            return
        super().mouseMoveEvent(event)
        self.viewport().setCursor(self._shape_at(event.position()))
        shown = self.geometry_of_plot
        at = event.position()
        marked = "" if shown is None else mark_at(shown, self.content.fills, at)
        text = self.edges.told(at) or marked
        if text:
            QToolTip.showText(event.globalPosition().toPoint(), text, self)
        elif QToolTip.isVisible():
            QToolTip.hideText()

    def _shape_at(self, at: QPointF) -> Qt.CursorShape:
        """What the pointer looks like: it says what can be dragged there."""
        trend = self.trends.hover(at if self._in_plot(at) else None)
        if self.trends.drawing:
            return Qt.CursorShape.CrossCursor
        if self.edges.told(at):
            return Qt.CursorShape.PointingHandCursor
        if self.line_under(at) is not None:
            return Qt.CursorShape.SizeVerCursor
        return Qt.CursorShape.ArrowCursor if trend is None else Qt.CursorShape.SizeAllCursor

    # Time

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the newest bar."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.go_live()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right pan, plus and minus zoom, End goes live; Escape lets a line be."""
        if self.trends.key(Qt.Key(event.key()), self._pointer_in_plot()):
            self.viewport().update()
            return
        step = _KEY_PAN_BARS * self.window_of_time.px_per_bar
        match event.key():
            case Qt.Key.Key_Left:
                self.pan(step)
            case Qt.Key.Key_Right:
                self.pan(-step)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom(_KEY_ZOOM, self.width() / 2)
            case Qt.Key.Key_Minus:
                self.zoom(1 / _KEY_ZOOM, self.width() / 2)
            case Qt.Key.Key_Escape if self._drag.level is not None:
                held = self._drag.level
                self._drag.cancel()
                self._put_back(held)
            case Qt.Key.Key_End:
                self.go_live()
            case _:
                event.ignore()  # the window may know it

    def pan(self, px: float) -> None:
        """Move the bars `px` to the right."""
        self._set_window(self.window_of_time.panned(px, len(self.content.candles)))

    def zoom(self, factor: float, x: float) -> None:
        """Make bars `factor` times as wide; what is under the pixel `x` stays there."""
        shown = self.geometry_of_plot
        width = float(self.width()) if shown is None else shown.width
        self._set_window(self.window_of_time.zoomed(factor, x, width))

    def go_live(self) -> None:
        """Back to the newest bar."""
        self.edges.forget()
        self._set_window(self.window_of_time.live(len(self.content.candles)))

    def reset(self) -> None:
        """Forget where another symbol or timeframe was looked at, and a line half drawn."""
        self.trends.cancel()
        self.edges.forget()
        self._set_window(TimeWindow(px_per_bar=self.window_of_time.px_per_bar))

    def _set_window(self, window: TimeWindow) -> None:
        before, self.window_of_time = self.window_of_time, window
        self.arrange()
        if before.following != window.following:
            self.following_changed.emit(window.following)

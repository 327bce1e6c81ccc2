"""Candles, volume and VWAP: arrays clipped to the view, a handful of draw calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPen

from cockpit.ui.charts.arrays import Lines, Rects
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.canvas import Canvas
from cockpit.ui.charts.content import ContentLayer
from cockpit.ui.charts.look import BarStyle
from cockpit.ui.charts.overlays import Overlay
from cockpit.ui.charts.sessions import local_days
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.theme import Theme

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_HOLLOW_FROM_PX = 5.0  # narrower bodies are filled: an outline would be all there is
_VOLUME_SHARE = 0.43


class VolumeLayer(ContentLayer):
    """Bars from the bottom, in the colour of their candle."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._rects = Rects()

    def draw(self, canvas: Canvas) -> None:
        """Paint the bars in view."""
        self._volumes(canvas, self.geometry)

    def draw_still(self, canvas: Canvas) -> None:
        """Those of closed bars."""
        self._volumes(canvas, self.closed)

    def draw_live(self, canvas: Canvas) -> None:
        """That of the newest."""
        self._volumes(canvas, self.newest())

    def _volumes(self, canvas: Canvas, shown: Geometry) -> None:
        candles = self.content.candles
        view = slice(shown.first, shown.last)
        ground = round(shown.scale.y(0.0))
        height = np.maximum(np.round(ground - shown.scale.ys(candles.volume[view])), 1.0)
        left, width = bodies(shown)
        for role, chosen in _split(candles, view):
            canvas.fill_soft(role, _VOLUME_SHARE)
            widths = np.full(int(np.count_nonzero(chosen)), width)
            bars = left[chosen], ground - height[chosen], widths, height[chosen]
            self._rects.draw(canvas.painter, *bars)


class CandleLayer(ContentLayer):
    """Candles, bars or a line, with what was chosen on them; keeps its buffers between paints."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._rects, self._lines = Rects(), Lines()

    def draw(self, canvas: Canvas) -> None:
        """Paint the bars in view, then the lines over them."""
        self._prices(canvas, self.geometry)
        self._over(canvas, self.geometry)

    def draw_still(self, canvas: Canvas) -> None:
        """The closed bars, and the lines as far as their middles."""
        self._prices(canvas, self.closed)
        self._over(canvas, self.closed)

    def draw_live(self, canvas: Canvas) -> None:
        """The newest bar, and the lines to its middle."""
        self._prices(canvas, self.newest())
        self._over(canvas, self.newest(before=1))

    def _prices(self, canvas: Canvas, shown: Geometry) -> None:
        candles = self.content.candles
        if self.content.look.style is BarStyle.BARS:
            self._bars(canvas, shown, candles)
        elif self.content.look.style is not BarStyle.LINE:
            self._candles(canvas, shown, candles)

    def _over(self, canvas: Canvas, shown: Geometry) -> None:
        """Lines from bar to bar."""
        look, candles = self.content.look, self.content.candles
        if look.style is BarStyle.LINE:
            self._closes(canvas, shown, candles)
        if look.vwap:
            self._vwap(canvas, shown, candles)
        for overlay in self.content.overlays:
            self._overlay(canvas, shown, overlay)

    def _closes(self, canvas: Canvas, shown: Geometry, candles: Candles) -> None:
        """One line through the closes."""
        x = shown.window.xs(shown.first, shown.last, shown.width)
        canvas.smooth(True)
        canvas.painter.setPen(QPen(canvas.theme.colour("text"), 1.4))
        closes = shown.scale.ys(candles.close[shown.first : shown.last])
        self._lines.polyline(canvas.painter, x, closes)
        canvas.smooth(False)

    def _bars(self, canvas: Canvas, shown: Geometry, candles: Candles) -> None:
        """High to low with the open at the left and the close at the right."""
        view = slice(shown.first, shown.last)
        left, width = bodies(shown)
        centre, half = left + (width - 1) // 2, (width - 1) // 2
        high, low, start, stop = (
            np.round(shown.scale.ys(column[view]))
            for column in (candles.high, candles.low, candles.open, candles.close)
        )
        for role, chosen in _split(candles, view):
            canvas.fill(role)
            ones = np.ones(int(np.count_nonzero(chosen)))
            tall = np.maximum(low - high, 1.0)[chosen]
            self._rects.draw(canvas.painter, centre[chosen], high[chosen], ones, tall)
            arm = ones * max(half, 1.0)
            self._rects.draw(canvas.painter, left[chosen], start[chosen], arm, ones)
            self._rects.draw(canvas.painter, centre[chosen], stop[chosen], arm + 1, ones)

    def _overlay(self, canvas: Canvas, shown: Geometry, overlay: Overlay) -> None:
        """From the first bar that has a value."""
        values = overlay.values[shown.first : shown.last]
        known = np.isfinite(values)
        x = shown.window.xs(shown.first, shown.last, shown.width)[: len(values)]
        canvas.smooth(True)
        canvas.painter.setPen(QPen(canvas.theme.colour(overlay.role), 1.2))
        self._lines.polyline(canvas.painter, x[known], shown.scale.ys(values[known]))
        canvas.smooth(False)

    def _candles(self, canvas: Canvas, shown: Geometry, candles: Candles) -> None:
        """Bodies and wicks as filled rectangles on whole pixels."""
        view = slice(shown.first, shown.last)
        left, width = bodies(shown)
        centre = left + (width - 1) // 2
        high, low, start, stop = (
            np.round(shown.scale.ys(column[view]))
            for column in (candles.high, candles.low, candles.open, candles.close)
        )
        top, body = np.minimum(start, stop), np.maximum(np.abs(stop - start), 1.0)
        for role, chosen in _split(candles, view):
            canvas.fill(role)
            ones = np.ones(int(np.count_nonzero(chosen)))
            wick = np.maximum(low - high, 1.0)[chosen]
            self._rects.draw(canvas.painter, centre[chosen], high[chosen], ones, wick)
            box = left[chosen], top[chosen], ones * width, body[chosen]
            self._rects.draw(canvas.painter, *box)
            if role == "up" and width >= _HOLLOW_FROM_PX:
                self._hollow(canvas, *box)

    def _hollow(self, canvas: Canvas, x: Floats, y: Floats, width: Floats, height: Floats) -> None:
        """Empty the rising bodies: direction is told by shape, not by colour alone."""
        tall = height > 2
        canvas.fill("surface")
        inside = x[tall] + 1, y[tall] + 1, width[tall] - 2, height[tall] - 2
        self._rects.draw(canvas.painter, *inside)

    def _vwap(self, canvas: Canvas, shown: Geometry, candles: Candles) -> None:
        """The session's VWAP, broken between days."""
        first, last = shown.first, shown.last
        x = shown.window.xs(first, last, shown.width)
        y = shown.scale.ys(candles.vwap[first:last])
        days = local_days(candles.ts[first:last])
        cuts = np.flatnonzero(days[1:] != days[:-1]) + 1
        canvas.smooth(True)
        canvas.painter.setPen(QPen(canvas.theme.colour("warning"), 1.0))
        for part_x, part_y in zip(np.split(x, cuts), np.split(y, cuts), strict=True):
            self._lines.polyline(canvas.painter, part_x, part_y)
        canvas.smooth(False)


def bodies(shown: Geometry) -> tuple[Floats, float]:
    """Left edges and the common odd width of the bars, on whole pixels."""
    pitch = shown.window.px_per_bar
    width = float(max(1, int(pitch * 0.72) | 1)) if pitch >= 3 else 1.0
    centre = shown.window.xs(shown.first, shown.last, shown.width)
    return np.round(centre) - (width - 1) // 2, width


def _split(candles: Candles, view: slice) -> tuple[tuple[str, Mask], tuple[str, Mask]]:
    rising: Mask = candles.close[view] >= candles.open[view]
    return ("up", rising), ("down", ~rising)

"""Candles, volume and VWAP: arrays clipped to the view, a handful of draw calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter, QPen

from cockpit.ui.charts.arrays import Lines, Rects
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.canvas import Canvas
from cockpit.ui.charts.sessions import local_days

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_HOLLOW_FROM_PX = 5.0  # narrower bodies are filled: an outline would be all there is
_VOLUME_SHARE = 0.43


class BarsLayer:
    """Keeps its buffers between paints; owns nothing of the market."""

    def __init__(self) -> None:
        self._rects = Rects()
        self._lines = Lines()

    def volume(self, canvas: Canvas, candles: Candles) -> None:
        """Bars from the bottom, in the colour of their candle."""
        view = slice(canvas.first, canvas.last)
        volume = candles.volume[view]
        if not len(volume):
            return
        areas, top = canvas.areas, max(float(volume.max()), 1.0)
        height = np.maximum(np.round(volume / top * (areas.volume - 2)), 1.0)
        left, width = self._bodies(canvas)
        y = areas.volume_top + areas.volume - height
        for role, chosen in self._split(candles, view):
            canvas.fill_soft(role, _VOLUME_SHARE)
            n = int(np.count_nonzero(chosen))
            args = left[chosen], y[chosen], np.full(n, width), height[chosen]
            self._rects.draw(canvas.painter, *args)

    def candles(self, canvas: Canvas, candles: Candles) -> None:
        """Bodies and wicks as filled rectangles on whole pixels."""
        view = slice(canvas.first, canvas.last)
        left, width = self._bodies(canvas)
        centre = left + (width - 1) // 2
        scale = canvas.scale
        high, low = np.round(scale.ys(candles.high[view])), np.round(scale.ys(candles.low[view]))
        start, stop = (
            np.round(scale.ys(candles.open[view])),
            np.round(scale.ys(candles.close[view])),
        )
        top, body = np.minimum(start, stop), np.maximum(np.abs(stop - start), 1.0)
        for role, chosen in self._split(candles, view):
            canvas.fill(role)
            ones = np.ones(int(np.count_nonzero(chosen)))
            wick = np.maximum(low - high, 1.0)[chosen]
            self._rects.draw(canvas.painter, centre[chosen], high[chosen], ones, wick)
            box = left[chosen], top[chosen], ones * width, body[chosen]
            self._rects.draw(canvas.painter, *box)
            if role == "up" and width >= _HOLLOW_FROM_PX:
                self._hollow(canvas, *box)

    def vwap(self, canvas: Canvas, candles: Candles) -> None:
        """The session's VWAP, broken between days."""
        first, last = canvas.first, canvas.last
        if last - first < 2:
            return
        x = canvas.window.xs(first, last, canvas.areas.plot)
        y = canvas.scale.ys(candles.vwap[first:last])
        days = local_days(candles.ts[first:last])
        cuts = np.flatnonzero(days[1:] != days[:-1]) + 1
        canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        canvas.painter.setPen(QPen(canvas.theme.colour("warning"), 1.0))
        for part_x, part_y in zip(np.split(x, cuts), np.split(y, cuts), strict=True):
            self._lines.polyline(canvas.painter, part_x, part_y)
        canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _hollow(self, canvas: Canvas, x: Floats, y: Floats, width: Floats, height: Floats) -> None:
        """Empty the rising bodies: direction is told by shape, not by colour alone."""
        tall = height > 2
        canvas.fill("surface")
        inside = x[tall] + 1, y[tall] + 1, width[tall] - 2, height[tall] - 2
        self._rects.draw(canvas.painter, *inside)

    @staticmethod
    def _bodies(canvas: Canvas) -> tuple[Floats, float]:
        """Left edges and the common odd width of the bodies, on whole pixels."""
        pitch = canvas.window.px_per_bar
        width = float(max(1, int(pitch * 0.72) | 1)) if pitch >= 3 else 1.0
        centre = canvas.window.xs(canvas.first, canvas.last, canvas.areas.plot)
        return np.round(centre) - (width - 1) // 2, width

    @staticmethod
    def _split(candles: Candles, view: slice) -> tuple[tuple[str, Mask], tuple[str, Mask]]:
        rising: Mask = candles.close[view] >= candles.open[view]
        return ("up", rising), ("down", ~rising)

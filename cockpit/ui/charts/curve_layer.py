"""Paints the P&L curve: drawdown shading that follows the line, band, line, crosshair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from cockpit.domain.currency import USD
from cockpit.ui.charts._pg import polygon
from cockpit.ui.charts.arrays import Lines, Rects
from cockpit.ui.charts.canvas import Canvas
from cockpit.ui.charts.plot import Layer
from cockpit.ui.charts.sessions import clock_text, day_text
from cockpit.ui.charts.viewport import PriceScale
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import signed_money

Floats = NDArray[np.float64]

_DRAWDOWN_SHARE = 0.16
_BAND_SHARE = 0.4
_ROOM_AFTER = 8.0  # pixels between the newest point and the axis
_DAYS_S = 172_800.0  # from here on a moment has its day beside it
HELD = 0.5  # pixels that the newest point may be beyond its place before all is fitted anew


class Columns(NamedTuple):
    """A curve for the screen: where each run begins, its exact extremes, its last value."""

    ts: Floats
    low: Floats
    high: Floats
    last: Floats


@dataclass(frozen=True, slots=True)
class CurveShape:
    """The columns of a curve and the view they are fitted into, in logical pixels."""

    columns: Columns
    until: float  # seconds UTC at the right; the newest moment, or a little before it
    width: float
    height: float
    scale: PriceScale

    @property
    def start(self) -> float:
        """The first moment, seconds UTC."""
        return float(self.columns.ts[0])

    @property
    def end(self) -> float:
        """The newest moment, seconds UTC."""
        return float(self.columns.ts[-1])

    @property
    def span(self) -> float:
        """Seconds from first to newest, at least one."""
        return max(1.0, self.until - self.start)

    @property
    def x_range(self) -> tuple[float, float]:
        """Seconds after the start at the left and right edge of the view."""
        return 0.0, self.span * self.width / (self.width - _ROOM_AFTER)

    @property
    def y_range(self) -> tuple[float, float]:
        """Money at the bottom and top edge of the view."""
        return self.scale.over(self.height)

    def xs(self) -> Floats:
        """Where each column begins."""
        return (self.columns.ts - self.start) * ((self.width - _ROOM_AFTER) / self.span)

    def x(self, moment: float) -> float:
        """Where a moment lies."""
        return (moment - self.start) / self.span * (self.width - _ROOM_AFTER)

    def moment(self, x: float) -> float:
        """The inverse of `x`."""
        return self.start + x / (self.width - _ROOM_AFTER) * self.span


def drawdown_outline(x: Floats, last: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The closed area between the running peak, never below zero, and the line through `last`.

    The peak stays level until the line crosses it, then they are one: a corner is set at
    each crossing, so that the area begins and ends on the line itself.
    """
    peak = np.maximum(np.maximum.accumulate(high), 0.0)
    up = np.flatnonzero((last[:-1] < peak[:-1]) & (last[1:] > peak[:-1]))
    share = (peak[up] - last[up]) / (last[up + 1] - last[up])
    crossing = x[up] + share * (x[up + 1] - x[up])
    top_x, top = np.insert(x, up + 1, crossing), np.insert(peak, up + 1, peak[up])
    return np.concatenate((top_x, x[::-1])), np.concatenate((top, last[::-1]))


class CurveLayer(Layer):
    """Everything in the curve's view box."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._rects, self._lines = Rects(), Lines()
        self.shape_of_curve: CurveShape | None = None
        self.amounts: Sequence[float] = ()
        self.currency = USD
        self._pointed: tuple[float, float, float] | None = None

    def show_curve(self, shape: CurveShape) -> None:
        """Draw this from the next paint on."""
        self.shape_of_curve = shape
        self.place(shape.x_range, shape.y_range)

    def point(self, pointed: tuple[float, float, float] | None) -> None:
        """Say the money at a moment beside x; None takes the crosshair away."""
        self._pointed = pointed

    def draw(self, canvas: Canvas) -> None:
        """Shading, grid, line, crosshair."""
        shape = self.shape_of_curve
        if shape is None:
            return
        x = shape.xs()
        self._drawdown(canvas, shape, x)
        self._grid(canvas, shape)
        self._curve(canvas, shape, x)
        if self._pointed is not None:
            self._crosshair(canvas, shape, *self._pointed)

    @staticmethod
    def _drawdown(canvas: Canvas, shape: CurveShape, x: Floats) -> None:
        outline_x, outline = drawdown_outline(x, shape.columns.last, shape.columns.high)
        canvas.fill_soft("down", _DRAWDOWN_SHARE)
        canvas.painter.drawPolygon(polygon(outline_x, shape.scale.ys(outline)))

    def _grid(self, canvas: Canvas, shape: CurveShape) -> None:
        canvas.pen("grid")
        for amount in self.amounts:
            canvas.hline(shape.scale.y(amount), 0, shape.width)
        canvas.pen("crosshair")
        canvas.hline(shape.scale.y(0.0), 0, shape.width)

    def _curve(self, canvas: Canvas, shape: CurveShape, x: Floats) -> None:
        """A line through the runs' last values over a faint band of all they touched."""
        columns, scale, painter = shape.columns, shape.scale, canvas.painter
        newest = float(columns.last[-1])
        role = "up" if newest > 0 else "down" if newest < 0 else "text"
        top = scale.ys(columns.high)
        canvas.fill_soft(role, _BAND_SHARE)
        height = np.maximum(scale.ys(columns.low) - top, 0.0)
        self._rects.draw(painter, x, top, np.append(np.diff(x), 1.0), height)
        canvas.smooth(True)
        painter.setPen(QPen(canvas.theme.colour(role), 1.0))
        self._lines.polyline(painter, x, scale.ys(columns.last))
        canvas.fill(role)
        painter.drawEllipse(QPointF(float(x[-1]), scale.y(newest)), 3.0, 3.0)
        canvas.smooth(False)

    def _crosshair(
        self, canvas: Canvas, shape: CurveShape, x: float, moment: float, value: float
    ) -> None:
        canvas.pen("crosshair")
        canvas.vline(x, 0, shape.height)
        day = f"{day_text(moment)}  " if shape.span > _DAYS_S else ""
        amount = signed_money(value, currency=self.currency)
        text = f"{day}{clock_text(moment, seconds=not day)}   {amount}"
        canvas.font(FontRole.CAPTION)
        width = canvas.width(text) + 16.0
        box = QRectF(min(max(0.0, x + 8.0), shape.width - width), 2, width, 20)
        canvas.painter.fillRect(box, canvas.theme.colour("raised"))
        canvas.text(text, box, "text", Qt.AlignmentFlag.AlignHCenter)

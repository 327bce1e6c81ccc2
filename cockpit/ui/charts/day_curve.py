"""The day's P&L as a curve: zero line, running peak, shaded drawdown, any number of points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from cockpit.ui.charts.arrays import Lines, Rects
from cockpit.ui.charts.canvas import TIME_AXIS, mixed
from cockpit.ui.charts.pyramid import Pyramid
from cockpit.ui.charts.sessions import clock_text
from cockpit.ui.charts.ticks import price_ticks, round_step
from cockpit.ui.charts.viewport import PriceScale
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import money, signed_money

Floats = NDArray[np.float64]

_PX_PER_TICK = 34.0
_TIME_STEPS = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 604_800)
_PX_PER_TIME = 70.0
_DRAWDOWN_SHARE = 0.16
_BAND_SHARE = 0.4
_MIN_SPAN = 1.0
_TOP = 8.0


class Columns(NamedTuple):
    """A curve for the screen: where each run begins, its exact extremes, its last value."""

    ts: Floats
    low: Floats
    high: Floats
    last: Floats


class DayCurve(QWidget):
    """Shows a curve of money over time. Points are appended; only the newest may change."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pyramid = Pyramid()
        self._ts: Floats = np.empty(0)
        self._newest = 0.0
        self._rects, self._lines = Rects(), Lines()
        self._pointer: QPointF | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(160, 72)
        self.setAccessibleName("Day P&L curve")
        theme.changed.connect(self.update)

    def show_curve(self, ts: Floats, pnl: Floats) -> None:
        """Take the curve: `ts` in seconds UTC, `pnl` in money; it only grows at its end."""
        if len(ts) < len(self._pyramid) + 1:  # another session
            self._pyramid = Pyramid()
        self._ts = ts
        self._pyramid.extend(pnl[len(self._pyramid) : max(0, len(pnl) - 1)])
        self._newest = float(pnl[-1]) if len(pnl) else 0.0
        self.update()

    def columns(self, count: int) -> Columns:
        """The curve in at most about `count` runs."""
        body = self._pyramid.envelope(0, len(self._pyramid), count)
        return Columns(
            np.append(self._ts[body.start], self._ts[-1]),
            np.append(body.low, self._newest),
            np.append(body.high, self._newest),
            np.append(self._pyramid.values[body.stop - 1], self._newest),
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the curve at the resolution of the screen."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._theme.colour("surface"))
            if len(self._ts) > 1:
                self._paint(painter)
            else:
                self._say_empty(painter)

    def _say_empty(self, painter: QPainter) -> None:
        painter.setFont(self._theme.font(FontRole.BODY))
        painter.setPen(self._theme.colour("muted"))
        text = "The curve begins with the first fill"
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)

    def _paint(self, painter: QPainter) -> None:
        axis = QFontMetricsF(self._theme.font(FontRole.MICRO)).horizontalAdvance("+$0,000") + 14
        plot = self.width() - axis
        shown = self.columns(max(1, int(plot)))
        ts = shown.ts
        bottom, top = min(0.0, float(shown.low.min())), max(0.0, float(shown.high.max()))
        height = self.height() - TIME_AXIS - 2 * _TOP
        scale = PriceScale.fitting(bottom, top, _TOP, height, _MIN_SPAN)
        span = max(1.0, float(ts[-1] - ts[0]))
        x = (ts - ts[0]) / span * (plot - 8)
        self._drawdown(painter, scale, x, shown)
        self._grid(painter, scale, plot, axis)
        self._times(painter, plot, float(ts[0]), span)
        self._curve(painter, scale, x, shown)
        self._crosshair(painter, scale, plot, span)

    def _grid(self, painter: QPainter, scale: PriceScale, plot: float, axis: float) -> None:
        painter.setFont(self._theme.font(FontRole.MICRO))
        count = max(3, int(scale.height / _PX_PER_TICK))
        step = round_step(scale.high - scale.low, count, 0.01)
        places = 0 if step >= 1 else 2
        for value in price_ticks(scale.low, scale.high, count, 0.01):
            y = round(scale.y(value))
            painter.setPen(self._theme.colour("grid"))
            painter.drawLine(0, y, round(plot), y)
            painter.setPen(self._theme.colour("muted"))
            box = QRectF(plot + 6, y - 8, axis - 6, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, money(value, places=places))
        zero = round(scale.y(0.0))
        painter.setPen(self._theme.colour("crosshair"))
        painter.drawLine(0, zero, round(plot), zero)

    def _times(self, painter: QPainter, plot: float, start: float, span: float) -> None:
        wanted = span / max(1.0, plot / _PX_PER_TIME)
        step = next((s for s in _TIME_STEPS if s >= wanted), _TIME_STEPS[-1])
        top = self.height() - TIME_AXIS
        painter.setPen(self._theme.colour("line"))
        painter.drawLine(0, top, self.width(), top)
        painter.setPen(self._theme.colour("muted"))
        first = int(-(-start // step) * step)
        for moment in range(first, int(start + span) + 1, step):
            x = (moment - start) / span * (plot - 8)
            box = QRectF(x - 40, top, 80, TIME_AXIS)
            if box.left() > -14 and box.right() < self.width():
                text = clock_text(float(moment), seconds=step < 60)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _drawdown(self, painter: QPainter, scale: PriceScale, x: Floats, shown: Columns) -> None:
        """Shade from the running peak (never below zero) down to the curve."""
        peak = np.maximum(np.maximum.accumulate(shown.high), 0.0)
        top, bottom = scale.ys(peak)[:-1], scale.ys(shown.last)[:-1]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._soft("down", _DRAWDOWN_SHARE))
        self._rects.draw(painter, x[:-1], top, np.diff(x), np.maximum(bottom - top, 0.0))

    def _curve(self, painter: QPainter, scale: PriceScale, x: Floats, shown: Columns) -> None:
        """A line through the runs' last values over a faint band of all they touched."""
        role = "up" if self._newest > 0 else "down" if self._newest < 0 else "text"
        top = scale.ys(shown.high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._soft(role, _BAND_SHARE))
        height = np.maximum(scale.ys(shown.low) - top, 0.0)
        self._rects.draw(painter, x, top, np.append(np.diff(x), 1.0), height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour(role), 1.0))
        self._lines.polyline(painter, x, scale.ys(shown.last))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(role))
        painter.drawEllipse(QPointF(float(x[-1]), scale.y(self._newest)), 3.0, 3.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _soft(self, role: str, share: float) -> QColor:
        return mixed(self._theme.colour(role), self._theme.colour("surface"), share)

    def _crosshair(self, painter: QPainter, scale: PriceScale, plot: float, span: float) -> None:
        if self._pointer is None or self._pointer.x() > plot - 8:
            return
        moment = float(self._ts[0]) + self._pointer.x() / (plot - 8) * span
        at = int(np.searchsorted(self._ts, moment, side="right")) - 1
        inside = at < len(self._pyramid)
        value = float(self._pyramid.values[at]) if inside else self._newest
        x = round(self._pointer.x())
        painter.setPen(self._theme.colour("crosshair"))
        painter.drawLine(x, 0, x, self.height() - TIME_AXIS)
        painter.setFont(self._theme.font(FontRole.CAPTION))
        text = f"{clock_text(moment, seconds=True)}   {signed_money(value)}"
        width = painter.fontMetrics().horizontalAdvance(text) + 16.0
        left = min(max(0.0, x + 8.0), plot - width)
        box = QRectF(left, 2, width, 20)
        painter.fillRect(box, self._theme.colour("raised"))
        painter.setPen(self._theme.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say time and money under the pointer."""
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(event)
        self._pointer = None
        self.update()

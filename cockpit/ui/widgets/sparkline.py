"""A small curve with its zero line: the equity of a day in the corner of an eye."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cockpit.ui.theme import Theme


class Sparkline(QWidget):
    """Values at equal distances, filled towards zero."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._values: tuple[float, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(56)

    def sizeHint(self) -> QSize:
        """A wide strip."""
        return QSize(200, 56)

    def show_values(self, values: Sequence[float]) -> None:
        """Draw these, oldest first."""
        if tuple(values) != self._values:
            self._values = tuple(values)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw zero, ground and curve."""
        if len(self._values) < 2:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            points, zero = self._points()
            colour = self._theme.colour("up" if self._values[-1] >= 0 else "down")
            painter.setPen(QPen(self._theme.colour("line_strong"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(0, zero), QPointF(self.width(), zero))
            curve = QPainterPath(points[0])
            for point in points[1:]:
                curve.lineTo(point)
            ground = QPainterPath(curve)
            ground.lineTo(points[-1].x(), zero)
            ground.lineTo(points[0].x(), zero)
            soft = self._theme.colour("up" if self._values[-1] >= 0 else "down")
            soft.setAlphaF(0.14)
            painter.fillPath(ground, soft)
            painter.setPen(QPen(colour, 1))
            painter.drawPath(curve)

    def _points(self) -> tuple[list[QPointF], float]:
        low, high = min(0.0, *self._values), max(0.0, *self._values)
        span = (high - low) or 1.0
        room = self.height() - 6

        def y(value: float) -> float:
            return 3 + (high - value) / span * room

        step = self.width() / (len(self._values) - 1)
        return [QPointF(i * step, y(v)) for i, v in enumerate(self._values)], y(0.0)

"""The small shapes beside words, drawn so that they stay crisp at any scale."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from cockpit.ui.models.columns import Mark

MARK_SIZE = 9.0
_Draw = Callable[[QPainter, QRectF, QColor], None]


def _pen(colour: QColor, width: float = 1.5) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _ring(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box.adjusted(1, 1, -1, -1))


def _dot(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))


def _half(painter: QPainter, box: QRectF, colour: QColor) -> None:
    _ring(painter, box, colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPie(box.adjusted(1, 1, -1, -1), 90 * 16, 180 * 16)


def _strokes(*lines: tuple[float, float, float, float]) -> _Draw:
    def draw(painter: QPainter, box: QRectF, colour: QColor) -> None:
        painter.setPen(_pen(colour, 1.7))
        for x1, y1, x2, y2 in lines:
            start = QPointF(box.x() + x1 * box.width(), box.y() + y1 * box.height())
            stop = QPointF(box.x() + x2 * box.width(), box.y() + y2 * box.height())
            painter.drawLine(QLineF(start, stop))

    return draw


def _question(painter: QPainter, box: QRectF, colour: QColor) -> None:
    path = QPainterPath(QPointF(box.left() + 2, box.top() + 2.6))
    path.cubicTo(
        QPointF(box.left() + 2.4, box.top() - 0.8),
        QPointF(box.right() - 0.8, box.top() + 0.2),
        QPointF(box.right() - 2, box.top() + 3.4),
    )
    path.lineTo(box.center().x(), box.top() + 5.6)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour))
    painter.drawPath(path)
    painter.drawPoint(QPointF(box.center().x(), box.bottom() - 0.6))


def _triangle(up: bool) -> _Draw:
    def draw(painter: QPainter, box: QRectF, colour: QColor) -> None:
        tip, base = (box.top() + 1, box.bottom() - 1) if up else (box.bottom() - 1, box.top() + 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        corners = [(box.center().x(), tip), (box.right(), base), (box.left(), base)]
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))

    return draw


def _diamond(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    middle, inner = box.center(), box.adjusted(0.5, 0.5, -0.5, -0.5)
    corners = [
        QPointF(middle.x(), inner.top()),
        QPointF(inner.right(), middle.y()),
        QPointF(middle.x(), inner.bottom()),
        QPointF(inner.left(), middle.y()),
    ]
    painter.drawPolygon(QPolygonF(corners))


_SHAPES: dict[Mark, _Draw] = {
    Mark.RING: _ring,
    Mark.DOT: _dot,
    Mark.HALF: _half,
    Mark.CHECK: _strokes((0.08, 0.55, 0.38, 0.85), (0.38, 0.85, 0.94, 0.18)),
    Mark.CROSS: _strokes((0.14, 0.14, 0.86, 0.86), (0.86, 0.14, 0.14, 0.86)),
    Mark.QUESTION: _question,
    Mark.PAUSE: _strokes((0.3, 0.12, 0.3, 0.88), (0.7, 0.12, 0.7, 0.88)),
    Mark.ELSEWHERE: _diamond,
    Mark.UP: _triangle(up=True),
    Mark.DOWN: _triangle(up=False),
}


def draw_mark(painter: QPainter, mark: Mark, x: float, middle: float, colour: QColor) -> None:
    """Draw `mark` with its left edge at `x` around the height `middle`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _SHAPES[mark](painter, QRectF(x, middle - MARK_SIZE / 2, MARK_SIZE, MARK_SIZE), colour)
    painter.restore()

"""Own fills and horizontal levels on a price chart."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from cockpit.domain.order import Side
from cockpit.ui.charts.annotations import FillMark, Level
from cockpit.ui.charts.canvas import PILL_HEIGHT, Canvas, Geometry
from cockpit.ui.theme import FontRole

_HALF_WIDTH = 6.5
_HEIGHT = 10.0
_GAP = 3.0
_LEVEL_X = 8.0
_BELOW_READOUT = 28.0


def fill_box(canvas: Geometry, mark: FillMark) -> QRectF:
    """Where a fill's triangle lies: below its price for a buy, above for a sell."""
    x, y = canvas.x(mark.bar), canvas.scale.y(mark.price)
    top = y + _GAP if mark.side is Side.BUY else y - _GAP - _HEIGHT
    return QRectF(x - _HALF_WIDTH, top, 2 * _HALF_WIDTH, _HEIGHT)


def draw_fills(canvas: Canvas, marks: Sequence[FillMark]) -> None:
    """Triangles whose tip touches the price, with a rim that lifts them off the candles."""
    painter = canvas.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for mark in marks:
        if canvas.first <= mark.bar < canvas.last and canvas.scale.holds(mark.price):
            painter.setPen(QPen(canvas.theme.colour("text"), 1.0))
            painter.setBrush(canvas.theme.colour("up" if mark.side is Side.BUY else "down"))
            painter.drawPolygon(_triangle(fill_box(canvas, mark), up=mark.side is Side.BUY))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _triangle(box: QRectF, *, up: bool) -> QPolygonF:
    tip, base = (box.top(), box.bottom()) if up else (box.bottom(), box.top())
    corners = [(box.center().x(), tip), (box.right(), base), (box.left(), base)]
    return QPolygonF([QPointF(x, y) for x, y in corners])


def mark_at(canvas: Geometry, marks: Sequence[FillMark], at: QPointF) -> str:
    """The tooltips of the fills under the pointer, one a line; empty when none is there."""
    near = [m.text for m in marks if fill_box(canvas, m).adjusted(-3, -3, 3, 3).contains(at)]
    return "\n".join(near)


def draw_levels(canvas: Canvas, levels: Sequence[Level]) -> None:
    """Lines across the plot, each with its words at the left; labels give way to each other."""
    taken: list[QRectF] = []
    for level in sorted(levels, key=lambda each: each.price, reverse=True):
        if not canvas.scale.holds(level.price):
            continue
        y = canvas.y(level.price)
        canvas.pen(level.role, dashed=level.dashed)
        canvas.hline(y, 0, canvas.areas.plot)
        box = _free_box(canvas, level.text, y, taken)
        taken.append(box)
        canvas.pill(level.text, box, "raised", level.role)
        canvas.outline(box, level.role)


def _free_box(canvas: Canvas, text: str, y: float, taken: Sequence[QRectF]) -> QRectF:
    width = canvas.metrics(FontRole.MICRO).horizontalAdvance(text) + 12
    top = max(y - PILL_HEIGHT / 2, _BELOW_READOUT)
    box = QRectF(_LEVEL_X, top, width, PILL_HEIGHT)
    while any(box.intersects(other) for other in taken):
        box.translate(width + 4, 0)
    return box

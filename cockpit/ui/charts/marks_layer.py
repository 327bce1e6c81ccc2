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
_QUOTE_ROOM = 12.0  # bid and ask are ticked at the right edge


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
    shown = [level for level in levels if canvas.scale.holds(level.price)]
    for level in shown:  # all lines first, so that none runs through another's words
        canvas.pen(level.role, dashed=level.dashed)
        canvas.hline(canvas.y(level.price), 0, canvas.areas.plot)
    taken: list[QRectF] = []
    for level in sorted(shown, key=lambda each: each.price, reverse=True):
        box = _free_box(canvas, level.text, canvas.y(level.price), taken)
        taken.append(box)
        canvas.pill(level.text, box, "raised", level.role)
        canvas.outline(box, level.role)


def _free_box(canvas: Canvas, text: str, y: float, taken: Sequence[QRectF]) -> QRectF:
    """Where a level's words go: at the side without candles, beside what stands there."""
    width = canvas.metrics(FontRole.MICRO).horizontalAdvance(text) + 12
    top = max(y - PILL_HEIGHT / 2, _BELOW_READOUT)
    right_is_empty = canvas.x(canvas.last) < canvas.areas.plot / 2
    left = canvas.areas.plot - width - _LEVEL_X - _QUOTE_ROOM if right_is_empty else _LEVEL_X
    step = -(width + 4) if right_is_empty else width + 4
    box = QRectF(left, top, width, PILL_HEIGHT)
    while any(box.intersects(other) for other in taken):
        box.translate(step, 0)
    return box

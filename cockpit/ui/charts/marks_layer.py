"""Own fills, order and cost lines, the last price and the quote, on top of the candles."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPen, QPolygonF

from cockpit.domain.order import Side
from cockpit.ui.charts.annotations import FillMark, Level
from cockpit.ui.charts.canvas import PILL_HEIGHT, Canvas
from cockpit.ui.charts.content import ContentLayer
from cockpit.ui.charts.edges import label_text, label_y, lines_in
from cockpit.ui.charts.ticks import decimals_for
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.theme import FontRole

_HALF_WIDTH = 6.5
_HEIGHT = 10.0
_GAP = 3.0
_LEVEL_X = 8.0
_BELOW_READOUT = 28.0
_QUOTE_ROOM = 12.0  # bid and ask are ticked at the right edge
_QUOTE_TICK = 10.0
_LAST_ALPHA = 150


class MarksLayer(ContentLayer):
    """What the trader did and left standing, and where the market is."""

    def draw(self, canvas: Canvas) -> None:
        """All lines first, so that none runs through a label; then labels, fills, the quote."""
        levels = lines_in(self.geometry, self.content.levels)
        self._last_price(canvas)
        for level in levels:
            canvas.pen(level.role, dashed=level.dashed)
            canvas.hline(self.geometry.y(level.price), 0, self.geometry.width)
        self._labels(canvas, [x for x in self.content.levels if x.lasting or x in levels])
        self._fills(canvas)
        self._quote(canvas)

    def _fills(self, canvas: Canvas) -> None:
        """Triangles whose tip touches the price, with a rim that lifts them off the candles."""
        shown, painter = self.geometry, canvas.painter
        canvas.smooth(True)
        for mark in self.content.fills:
            if shown.first <= mark.bar < shown.last and shown.scale.holds(mark.price):
                painter.setPen(QPen(canvas.theme.colour("text"), 1.0))
                painter.setBrush(canvas.theme.colour("up" if mark.side is Side.BUY else "down"))
                painter.drawPolygon(_triangle(fill_box(shown, mark), up=mark.side is Side.BUY))
        canvas.smooth(False)

    def _labels(self, canvas: Canvas, levels: Sequence[Level]) -> None:
        """The words of each level; they give way to each other."""
        shown = self.geometry
        taken: list[QRectF] = []
        places = decimals_for(self.content.tick)
        canvas.font(FontRole.MICRO)
        for level in sorted(levels, key=lambda each: each.price, reverse=True):
            text = label_text(shown, level, places)
            width = canvas.width(text) + 12
            box = _free_box(shown, width, label_y(shown, level.price), taken)
            taken.append(box)
            canvas.pill(text, box, "raised", level.role, frame=level.role)

    def _last_price(self, canvas: Canvas) -> None:
        """A dotted line; its pill is the axis's."""
        price, role = self.content.last
        if self.geometry.scale.holds(price):
            canvas.pen(role, dashed=True, alpha=_LAST_ALPHA)
            canvas.hline(self.geometry.y(price), 0, self.geometry.width)

    def _quote(self, canvas: Canvas) -> None:
        """Short ticks at bid and ask on the edge of the plot."""
        right = self.geometry.width
        for price, role in ((self.content.bid, "up"), (self.content.ask, "down")):
            if price is not None and self.geometry.scale.holds(price):
                y = self.geometry.y(price)
                canvas.pen(role)
                canvas.hline(y, right - _QUOTE_TICK, right)
                canvas.hline(y + 1, right - _QUOTE_TICK, right)


def fill_box(shown: Geometry, mark: FillMark) -> QRectF:
    """Where a fill's triangle lies: below its price for a buy, above for a sell."""
    x, y = shown.x(mark.bar), shown.scale.y(mark.price)
    top = y + _GAP if mark.side is Side.BUY else y - _GAP - _HEIGHT
    return QRectF(x - _HALF_WIDTH, top, 2 * _HALF_WIDTH, _HEIGHT)


def mark_at(shown: Geometry, marks: Sequence[FillMark], at: QPointF) -> str:
    """The tooltips of the fills under the pointer, one a line; empty when none is there."""
    near = [m.text for m in marks if fill_box(shown, m).adjusted(-3, -3, 3, 3).contains(at)]
    return "\n".join(near)


def _triangle(box: QRectF, *, up: bool) -> QPolygonF:
    tip, base = (box.top(), box.bottom()) if up else (box.bottom(), box.top())
    corners = [(box.center().x(), tip), (box.right(), base), (box.left(), base)]
    return QPolygonF([QPointF(x, y) for x, y in corners])


def _free_box(shown: Geometry, width: float, y: float, taken: Sequence[QRectF]) -> QRectF:
    """Where a level's words go: at the side without candles, beside what stands there."""
    top = max(y - PILL_HEIGHT / 2, _BELOW_READOUT)
    right_is_empty = shown.x(shown.last) < shown.width / 2
    left = shown.width - width - _LEVEL_X - _QUOTE_ROOM if right_is_empty else _LEVEL_X
    step = -(width + 4) if right_is_empty else width + 4
    box = QRectF(left, top, width, PILL_HEIGHT)
    while any(box.intersects(other) for other in taken):
        box.translate(step, 0)
    return box

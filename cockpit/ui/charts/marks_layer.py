"""Own fills, order and cost lines, the last price and the quote, on top of the candles."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPen, QPolygonF

from cockpit.domain.order import Side
from cockpit.ui.charts.annotations import FillMark, Level
from cockpit.ui.charts.canvas import PILL_HEIGHT, Canvas
from cockpit.ui.charts.content import ContentLayer
from cockpit.ui.charts.edges import (
    EDGE_GAP,
    EDGE_X,
    QUOTE_ROOM,
    EdgePill,
    beyond,
    edge_pills,
    label_text,
    label_y,
    lines_in,
)
from cockpit.ui.charts.ticks import decimals_for
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.theme import FontRole

_HALF_WIDTH = 6.5
_HEIGHT = 10.0
_GAP = 3.0
_BELOW_READOUT = 28.0
_TRIES = 200
_QUOTE_TICK = 10.0
_LAST_ALPHA = 150


class MarksLayer(ContentLayer):
    """What the trader did and left standing, and where the market is.

    `edges` are the pills of lines out of sight, as they were last painted.
    """

    edges: Sequence[EdgePill] = ()

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
        """The words of each level, which give way to each other; those out of sight at an edge."""
        shown, places = self.geometry, decimals_for(self.content.tick)
        canvas.font(FontRole.MICRO)
        right = _at_the_right(shown)
        self.edges = edge_pills(
            shown, levels, _BELOW_READOUT, lambda text: canvas.width(text) + 12, places, right=right
        )
        taken = [pill.box for pill in self.edges]
        for pill in self.edges:
            role = pill.levels[0].role if len(pill.levels) == 1 else "muted"
            canvas.pill(pill.text, pill.box, "raised", role, frame=role)
        inside = [level for level in levels if not beyond(shown, level.price)]
        for level in sorted(inside, key=lambda each: each.price, reverse=True):
            text = label_text(shown, level, places)
            box = _free_box(shown, canvas.width(text) + 12, label_y(shown, level.price), taken)
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


def _at_the_right(shown: Geometry) -> bool:
    """True while the candles leave the right side empty: words stand there then."""
    return shown.x(shown.last) < shown.width / 2


def _free_box(shown: Geometry, width: float, y: float, taken: Sequence[QRectF]) -> QRectF:
    """Where a level's words go: at the side without candles, beside what stands there.

    Where a line is full they go on in the one below, and above when there is none.
    """
    top = max(y - PILL_HEIGHT / 2, _BELOW_READOUT)
    right = _at_the_right(shown)
    left = shown.width - width - EDGE_X - QUOTE_ROOM if right else EDGE_X
    step = -(width + EDGE_GAP) if right else width + EDGE_GAP
    box, down = QRectF(left, top, width, PILL_HEIGHT), PILL_HEIGHT + EDGE_GAP
    for _ in range(_TRIES):
        if not any(box.intersects(other) for other in taken):
            break
        box.translate(step, 0)
        if box.left() < 0 or box.right() > shown.width - QUOTE_ROOM:
            box.moveLeft(left)
            if box.bottom() + down > shown.height:
                down = -down
            box.translate(0, down)
    return box

"""Trend lines on a price chart: where they lie, what the pointer is on, and how they look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPen

from cockpit.ui.charts.canvas import PILL_HEIGHT, Canvas
from cockpit.ui.charts.content import ChartContent, ContentLayer
from cockpit.ui.charts.hours import BarAxis
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.drawings import Anchor, TrendLine
from cockpit.ui.theme import FontRole

END_REACH_PX = 8.0
BODY_REACH_PX = 5.0
_HANDLE = 4.0
_WIDTH = 1.5
_ROLE = "notice"


class Part(StrEnum):
    """What of a line the pointer is on."""

    A = "a"
    B = "b"
    BODY = "body"


class Hit(NamedTuple):
    """A line, and the part of it that can be taken hold of."""

    line: TrendLine
    part: Part


@dataclass(frozen=True, slots=True)
class TrendView:
    """Between the ends of trend lines and pixels of the plot, on this axis and scale."""

    content: ChartContent
    geometry: Geometry

    @property
    def axis(self) -> BarAxis:
        """Where moments lie among the bars."""
        content = self.content
        return BarAxis(content.candles.ts, content.look.interval_s, content.hours)

    def point(self, anchor: Anchor) -> QPointF:
        """Where an end lies."""
        shown = self.geometry
        x = shown.window.x(self.axis.index_of(anchor.ts), shown.width)
        return QPointF(x, shown.scale.y(anchor.price))

    def anchor(self, at: QPointF) -> Anchor:
        """The end that lies there: on the middle of a bar, at a price on the tick."""
        shown = self.geometry
        bar = round(shown.window.index_at(at.x(), shown.width))
        return Anchor(self.axis.moment_at(float(bar)), self._on_tick(shown.scale.price(at.y())))

    def moved(self, line: TrendLine, by: QPointF) -> TrendLine:
        """The whole line, `by` pixels away, by whole bars."""
        bars = round(by.x() / self.geometry.window.px_per_bar)

        def end(anchor: Anchor) -> Anchor:
            at = self.axis.index_of(anchor.ts) + bars
            y = self.geometry.scale.y(anchor.price) + by.y()
            price = self._on_tick(self.geometry.scale.price(y))
            return Anchor(self.axis.moment_at(at) if bars else anchor.ts, price)

        return TrendLine(end(line.a), end(line.b), line.extended)

    def _on_tick(self, price: float) -> float:
        tick = self.content.tick
        return round(max(1, round(price / tick)) * tick, 8)

    def segment(self, line: TrendLine) -> QLineF | None:
        """What of `line` is in the plot; straight on the screen, on any scale of prices."""
        a, b = self.point(line.a), self.point(line.b)
        far = math.inf if line.extended and a.x() != b.x() else 1.0
        if far > 1.0 and b.x() < a.x():
            a, b = b, a
        return _clipped(a, b, far, QRectF(0, 0, self.geometry.width, self.geometry.height))

    def hit(self, lines: Sequence[TrendLine], at: QPointF) -> Hit | None:
        """What is under the pointer: the nearest end within reach, else the nearest line."""
        found: list[tuple[float, Hit]] = []
        for line in lines:
            for part, anchor in ((Part.A, line.a), (Part.B, line.b)):
                distance = QLineF(self.point(anchor), at).length()
                if distance <= END_REACH_PX:
                    found.append((distance - END_REACH_PX, Hit(line, part)))
            segment = self.segment(line)
            if segment is not None and (away := _distance(segment, at)) <= BODY_REACH_PX:
                found.append((away, Hit(line, Part.BODY)))
        return min(found, key=lambda each: each[0], default=(0.0, None))[1]


class TrendLayer(ContentLayer):
    """Draws the lines it is given, handles on the one in hand, and a hint while one is drawn."""

    lines: Sequence[TrendLine] = ()
    marked: TrendLine | None = None
    hint = ""

    def draw(self, canvas: Canvas) -> None:
        """Each line where it lies; nothing without a bar to measure from."""
        if len(self.content.candles) and self.lines:
            view = TrendView(self.content, self.geometry)
            canvas.smooth(True)
            for line in self.lines:
                self._line(canvas, view, line)
            canvas.smooth(False)
        if self.hint:
            canvas.font(FontRole.CAPTION)
            width = canvas.width(self.hint) + 16
            left, top = (self.geometry.width - width) / 2, self.geometry.height - 2 * PILL_HEIGHT
            canvas.pill(
                self.hint, QRectF(left, top, width, PILL_HEIGHT + 2), "raised", "text", frame=_ROLE
            )

    def _line(self, canvas: Canvas, view: TrendView, line: TrendLine) -> None:
        segment = view.segment(line)
        if segment is not None:
            canvas.painter.setPen(QPen(canvas.theme.colour(_ROLE), _WIDTH))
            canvas.painter.drawLine(segment)
        if line == self.marked:
            canvas.pen(_ROLE)
            canvas.painter.setBrush(canvas.theme.colour("surface"))
            for end in (line.a, line.b):
                canvas.painter.drawEllipse(view.point(end), _HANDLE, _HANDLE)


def _clipped(a: QPointF, b: QPointF, far: float, box: QRectF) -> QLineF | None:
    """What lies in `box` of the points a + t * (b - a), t from 0 to `far` (Liang and Barsky)."""
    dx, dy = b.x() - a.x(), b.y() - a.y()
    first, last = 0.0, far
    for way, room in (
        (-dx, a.x() - box.left()),
        (dx, box.right() - a.x()),
        (-dy, a.y() - box.top()),
        (dy, box.bottom() - a.y()),
    ):
        if way == 0:
            if room < 0:
                return None
        elif way < 0:
            first = max(first, room / way)
        else:
            last = min(last, room / way)
    if first > last or math.isinf(last):
        return None
    return QLineF(
        QPointF(a.x() + first * dx, a.y() + first * dy),
        QPointF(a.x() + last * dx, a.y() + last * dy),
    )


def _distance(line: QLineF, at: QPointF) -> float:
    """From `at` to the nearest point of `line`."""
    length = line.length()
    if length == 0:
        return QLineF(line.p1(), at).length()
    along = QPointF.dotProduct(at - line.p1(), line.p2() - line.p1()) / length**2
    return QLineF(line.pointAt(max(0.0, min(1.0, along))), at).length()

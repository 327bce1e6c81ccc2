"""The hand that draws trend lines and moves them: by mouse, or by the arrows and Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QObject, QPointF, Qt, Signal

from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.trends import Hit, Part, TrendLayer, TrendView
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.drawings import TrendLine

SLIP_PX = 4.0
_STEP_PX = 6.0
BEGIN = "Click where the line begins (or arrows, Enter)"
END = "Click where it ends (or arrows, Enter)"
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class TrendHand(QObject):
    """`changed` carries the line before and the line after: None for one that is not there.

    `pointed` asks for the crosshair at a place of the plot, for those who draw by key.
    """

    changed = Signal(object, object)
    pointed = Signal(QPointF)

    def __init__(self, layer: TrendLayer) -> None:
        super().__init__()
        self._layer = layer
        self._view: TrendView | None = None
        self._held: Hit | None = None
        self._now: TrendLine | None = None
        self._down = QPointF()
        self.drawing = False

    @property
    def busy(self) -> bool:
        """True while a line is in hand."""
        return self._held is not None or (self.drawing and self._now is not None)

    def see(self, content: ChartContent, geometry: Geometry) -> None:
        """What is shown from now on."""
        self._view = TrendView(content, geometry)
        self._show()

    def _lines(self) -> Sequence[TrendLine]:
        """Those that stand, the one in hand where it is now."""
        stand = () if self._view is None else self._view.content.trends
        if self._now is None:
            return stand
        if self._held is None:
            return (*stand, self._now)
        return [self._now if line == self._held.line else line for line in stand]

    def _show(self) -> None:
        self._layer.lines = self._lines()
        if self._now is not None:
            self._layer.marked = self._now
        self._layer.hint = "" if not self.drawing else BEGIN if self._now is None else END

    def under(self, at: QPointF) -> Hit | None:
        """What can be taken hold of there."""
        view = self._view
        return None if view is None else view.hit(view.content.trends, at)

    def hover(self, at: QPointF | None) -> Hit | None:
        """Mark the line under the pointer."""
        found = None if at is None else self.under(at)
        if self._now is None:
            self._layer.marked = None if found is None else found.line
        return found

    # Drawing and moving.

    def begin(self, at: QPointF | None = None) -> None:
        """Draw a line with the next two clicks; the first end is `at` when it is given."""
        self.cancel()
        self.drawing = True
        if at is not None:
            self._start(at)
        self._show()

    def _start(self, at: QPointF) -> None:
        if self._view is not None:
            anchor = self._view.anchor(at)
            self._now, self._down = TrendLine(anchor, anchor), at

    def press(self, at: QPointF) -> bool:
        """The button went down there; False when it is nothing of a trend line's."""
        if self.drawing:
            if self._now is None:
                self._start(at)
            else:
                self.move(at)
            self._show()
            return True
        self._held = self.under(at)
        if self._held is None:
            return False
        self._now, self._down = self._held.line, at
        self._show()
        return True

    def move(self, at: QPointF) -> None:
        """The pointer is there now, and the line in hand with it."""
        view, now, held = self._view, self._now, self._held
        if view is None or now is None:
            return
        if held is None:
            self._now = TrendLine(now.a, view.anchor(at))
        elif held.part is Part.BODY:
            self._now = view.moved(held.line, at - self._down)
        elif self._far(at):
            line, end = held.line, view.anchor(at)
            ends = (end, line.b) if held.part is Part.A else (line.a, end)
            self._now = TrendLine(*ends, line.extended)
        self._show()

    def release(self, at: QPointF) -> None:
        """The button came up: what was moved stays there, a line that has two ends is drawn."""
        held, now, far = self._held, self._now, self._far(at)
        if self.drawing and now is not None:
            self.move(at)
            drawn = self._now
            if far and drawn is not None and drawn.sound:
                self.cancel()
                self.changed.emit(None, drawn)
        elif held is not None:
            self.cancel()
            if far and now is not None and now.sound and now != held.line:
                self.changed.emit(held.line, now)

    def _far(self, at: QPointF) -> bool:
        """A hand that shook has moved nothing."""
        return QLineF(self._down, at).length() > SLIP_PX

    def cancel(self) -> None:
        """Let everything be as it was."""
        self.drawing, self._held, self._now = False, None, None
        self._layer.marked = None
        self._show()

    # Keys.

    def key(self, key: Qt.Key, at: QPointF | None) -> bool:
        """What a key does to a line, the pointer being `at`; False when it is none of ours."""
        if key is Qt.Key.Key_Escape and (self.drawing or self._held is not None):
            self.cancel()
            return True
        if key is Qt.Key.Key_Delete and not self.drawing and self._layer.marked is not None:
            line, self._layer.marked = self._layer.marked, None
            self.changed.emit(line, None)
            return True
        return self.drawing and self._drawn_by(key, at)

    def _drawn_by(self, key: Qt.Key, at: QPointF | None) -> bool:
        view = self._view
        if view is None:
            return False
        shown = view.geometry
        place = at if at is not None else QPointF(shown.width / 2, shown.height / 2)
        if key in _ARROWS:
            right, down = _ARROWS[key]
            wide = max(_STEP_PX, shown.window.px_per_bar)
            x = min(shown.width - 1, max(0.0, place.x() + right * wide))
            y = min(shown.height - 1, max(0.0, place.y() + down * _STEP_PX))
            self.move(QPointF(x, y))
            self.pointed.emit(QPointF(x, y))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.press(place)
            self.release(place)
            return True
        return False

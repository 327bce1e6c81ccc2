"""How many of what: bars from a common ground, those below zero in the colour of losses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cockpit.ui.theme import FontRole, Theme

_LABELS = 14
_COUNTS = 13
_OVER = 8  # so far a label may stand over its bar's sides


class Histogram(QWidget):
    """Bars with a label below and a count above each; `loss` says which are of losses."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme, self._name = theme, name
        self._bars: tuple[tuple[str, str, int, bool], ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(56)
        theme.changed.connect(self.update)

    def show_bars(self, bars: Sequence[tuple[str, str, int, bool]]) -> None:
        """Show (label, the whole of it in words, count, loss), from left to right."""
        if tuple(bars) != self._bars:
            self._bars = tuple(bars)
            said = ", ".join(f"{words} {count}" for _, words, count, _ in bars if count)
            self.setAccessibleDescription(said)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars, their counts and labels."""
        most = max((count for *_, count, _ in self._bars), default=0)
        if not most:
            return
        with QPainter(self) as painter:
            painter.setFont(self._theme.font(FontRole.MICRO))
            told = self._labels_with_room(painter)
            for place, (label, _, count, loss) in enumerate(self._bars):
                box = self._box(place)
                if place in told:
                    painter.setPen(self._theme.colour("muted"))
                    painter.drawText(
                        QRectF(box.x() - _OVER, self.height() - _LABELS,
                               box.width() + 2 * _OVER, _LABELS),
                        Qt.AlignmentFlag.AlignCenter,
                        label,
                    )  # fmt: skip
                if count:
                    self._draw(painter, box, count, most, loss=loss)

    def _labels_with_room(self, painter: QPainter) -> set[int]:
        """The bars whose labels touch no other: all, or as many as fit from the left."""
        told: set[int] = set()
        end = 0.0
        for place, (label, *_) in enumerate(self._bars):
            wide = painter.fontMetrics().horizontalAdvance(label) + 4
            left = self._box(place).center().x() - wide / 2
            if left >= end and left + wide <= self.width():
                told.add(place)
                end = left + wide
        return told

    def _draw(self, painter: QPainter, box: QRectF, count: int, most: int, *, loss: bool) -> None:
        room = self.height() - _LABELS - _COUNTS
        tall = max(2.0, room * count / most)
        colour = self._theme.colour("down" if loss else "up")
        bottom = self.height() - _LABELS
        painter.fillRect(QRectF(box.x() + 1, bottom - tall, box.width() - 2, tall), colour)
        painter.setPen(self._theme.colour("text"))
        above = QRectF(box.x() - 8, bottom - tall - _COUNTS, box.width() + 16, _COUNTS)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, f"{count:,}")

    def _box(self, place: int) -> QRectF:
        width = self.width() / max(1, len(self._bars))
        return QRectF(place * width, 0, width, self.height())

    def event(self, event: QEvent) -> bool:
        """Say the bar under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            place = int(event.pos().x() * len(self._bars) / max(1, self.width()))
            told = ""
            if 0 <= place < len(self._bars):
                _, words, count, _ = self._bars[place]
                told = f"{self._name}\n{words}: {count:,}"
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return super().event(event)

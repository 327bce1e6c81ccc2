"""The axes of the charts: round prices and money at the right, New York time below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from cockpit.ui.charts._pg import AxisItem
from cockpit.ui.charts.canvas import PILL_HEIGHT, Canvas, letters_of
from cockpit.ui.charts.ticks import TimeTick
from cockpit.ui.theme import FontRole, Theme

_FROM_PLOT = 8.0
_TOP = 4.0
_HALF_TIME = 40.0
_END = 4.0  # a moment nearer to an end of its axis has no label
_AIR = 2.0  # so that none loses a digit there
_FLAT = 1e-12


class Pill(NamedTuple):
    """A label at `at` pixels along an axis."""

    at: float
    text: str
    ground: str
    ink: str
    frame: str = ""


class ThemedAxis(AxisItem):
    """An axis with the labels it is given, in the theme's type and colours, and pills on top.

    It stands at the right of the plot; one that lies below it places its labels anew.
    """

    align = Qt.AlignmentFlag.AlignLeft

    def __init__(self, theme: Theme, orientation: str) -> None:
        super().__init__(orientation)
        self._theme = theme
        self._labels: Sequence[tuple[float, str]] = ()
        self._placed: Sequence[tuple[QRectF, str]] | None = None
        self._placed_for: tuple[float, float, QSizeF] | None = None
        self.pills: Sequence[Pill] = ()
        self.enableAutoSIPrefix(False)
        self.dress()

    def dress(self) -> None:
        """Take the theme's look."""
        self.setPen(QPen(self._theme.colour("line"), 1.0))
        self.setTextPen(QPen(self._theme.colour("muted")))
        self._placed = None

    def show_labels(self, labels: Sequence[tuple[float, str]]) -> None:
        """Label these values; nothing is laid out anew while they stay."""
        if labels != self._labels:
            self._labels = labels
            self._placed = None

    def placed(self) -> Sequence[tuple[QRectF, str]]:
        """The labels that fit and their boxes; measured anew only when something moved."""
        low, high = self.range
        now = low, high, self.size()
        if self._placed is None or now != self._placed_for:
            span = max(high - low, _FLAT)
            boxes = [
                (self.box_at((value - low) / span, text), text) for value, text in self._labels
            ]
            self._placed_for = now
            self._placed = [(box, text) for box, text in boxes if box is not None]
        return self._placed

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """As on the screen; pyqtgraph would search for ticks and lay out each label anew."""
        self.draw(Canvas(painter, self._theme))

    def draw(self, canvas: Canvas) -> None:
        """Line and labels, then the pills; the top left of the axis is 0, 0."""
        canvas.pen("line")
        canvas.painter.drawLine(*self.edge())
        canvas.font(FontRole.MICRO)
        for box, text in self.placed():
            canvas.text(text, box, self.ink(text), self.align)
        for pill in self.pills:
            box = self.pill_box(pill, canvas.width(pill.text))
            canvas.pill(pill.text, box, pill.ground, pill.ink, frame=pill.frame)

    def ink(self, text: str) -> str:
        """The colour role of a label."""
        return "muted"

    def edge(self) -> tuple[QPointF, QPointF]:
        """The left side."""
        return QPointF(0, 0), QPointF(0, self.size().height())

    def box_at(self, share: float, text: str) -> QRectF | None:
        """Beside its height, when it fits in whole."""
        height, half = self.size().height(), PILL_HEIGHT / 2
        y = round((1.0 - share) * height)
        if not half < y < height - half:
            return None
        return QRectF(_FROM_PLOT, y - half, self.size().width() - _FROM_PLOT, PILL_HEIGHT)

    def pill_box(self, pill: Pill, text_width: float) -> QRectF:
        """The width of the axis, at the height of the price."""
        return QRectF(2, pill.at - PILL_HEIGHT / 2, self.size().width() - 4, PILL_HEIGHT)


class PriceAxis(ThemedAxis):
    """Prices or money at the right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "right")


def crowded(at: float, pills: Sequence[Pill]) -> bool:
    """True when a label at that height would touch a pill."""
    return any(abs(pill.at - at) < PILL_HEIGHT - 2 for pill in pills)


class VolumeAxis(PriceAxis):
    """Beside the volume: the most of it that is shown."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.most = ""

    def draw(self, canvas: Canvas) -> None:
        """The axis and one figure at its top."""
        super().draw(canvas)
        canvas.pen("line")
        canvas.hline(0, 0, self.size().width())
        box = QRectF(_FROM_PLOT, _TOP, self.size().width() - _FROM_PLOT, PILL_HEIGHT)
        canvas.text(self.most, box, "faint")


class TimeAxis(ThemedAxis):
    """Times below, by index of bar or by the second; the first bar of a day says its date."""

    align = Qt.AlignmentFlag.AlignHCenter

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "bottom")
        self._days: frozenset[str] = frozenset()

    def show_ticks(self, ticks: Sequence[TimeTick]) -> None:
        """Label the bars of `ticks`."""
        self._days = frozenset(tick.text for tick in ticks if tick.day)
        self.show_labels([(float(tick.bar), tick.text) for tick in ticks])

    def edge(self) -> tuple[QPointF, QPointF]:
        """The upper side."""
        return QPointF(0, 0), QPointF(self.size().width(), 0)

    def box_at(self, share: float, text: str) -> QRectF | None:
        """Below its moment, unless an end of the axis would cut it."""
        width = self.size().width()
        x = round(share * width)
        if not _END < x < width - _END:
            return None
        half = letters_of(self._theme).words(FontRole.MICRO, text).width / 2 + _AIR
        x = min(max(x, half), width - half)
        return QRectF(x - _HALF_TIME, 0, 2 * _HALF_TIME, self.size().height())

    def ink(self, text: str) -> str:
        """Dates are stronger."""
        return "text" if text in self._days else "muted"

    def pill_box(self, pill: Pill, text_width: float) -> QRectF:
        """As wide as its words, inside the axis."""
        width = text_width + 14
        left = min(max(0.0, pill.at - width / 2), self.size().width() - width)
        return QRectF(left, 3, width, PILL_HEIGHT)

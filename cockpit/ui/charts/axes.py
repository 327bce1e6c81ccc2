"""The axes of the charts: round prices and money at the right, New York time below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from cockpit.ui.charts._pg import AxisItem
from cockpit.ui.charts.canvas import PILL_HEIGHT, Canvas
from cockpit.ui.charts.ticks import TimeTick
from cockpit.ui.theme import FontRole, Theme

if TYPE_CHECKING:
    from cockpit.ui.charts._pg import Segment, Text

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

    def __init__(self, theme: Theme, orientation: str) -> None:
        super().__init__(orientation)
        self._theme = theme
        self._labels: Sequence[tuple[float, str]] = ()
        self.pills: Sequence[Pill] = ()
        self.enableAutoSIPrefix(False)
        self.dress()

    def dress(self) -> None:
        """Take the theme's look."""
        self.setPen(QPen(self._theme.colour("line"), 1.0))
        self.setTextPen(QPen(self._theme.colour("muted")))

    def show_labels(self, labels: Sequence[tuple[float, str]]) -> None:
        """Label these values; nothing is laid out anew while they stay."""
        if labels != self._labels:
            self._labels = labels
            self.picture = None

    def generateDrawSpecs(self, p: QPainter) -> tuple[Segment, Sequence[Segment], Sequence[Text]]:
        """Where line and labels go; pyqtgraph would search for ticks and measure them anew."""
        p.setFont(self._theme.font(FontRole.MICRO))
        low, high = self.range
        span = max(high - low, _FLAT)
        texts = [self.text_at((value - low) / span, text) for value, text in self._labels]
        line = QPen(self._theme.colour("line"), 1.0), *self.edge()
        return line, (), [text for text in texts if text is not None]

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Line and labels from pyqtgraph's recording of them, then the pills."""
        super().paint(painter, option, widget)
        if self.pills:
            canvas = Canvas(painter, self._theme)
            metrics = canvas.metrics(FontRole.MICRO)
            for pill in self.pills:
                box = self.pill_box(pill, metrics.horizontalAdvance(pill.text))
                canvas.pill(pill.text, box, pill.ground, pill.ink, frame=pill.frame)

    def edge(self) -> tuple[QPointF, QPointF]:
        """The left side."""
        return QPointF(0, 0), QPointF(0, self.size().height())

    def text_at(self, share: float, text: str) -> Text | None:
        """Beside its height, when it fits in whole."""
        height, half = self.size().height(), PILL_HEIGHT / 2
        y = round((1.0 - share) * height)
        if not half < y < height - half:
            return None
        box = QRectF(_FROM_PLOT, y - half, self.size().width() - _FROM_PLOT, PILL_HEIGHT)
        return box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text

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

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The axis and one figure at its top."""
        super().paint(painter, option, widget)
        canvas = Canvas(painter, self._theme)
        canvas.pen("line")
        canvas.hline(0, 0, self.size().width())
        canvas.metrics(FontRole.MICRO)
        box = QRectF(_FROM_PLOT, _TOP, self.size().width() - _FROM_PLOT, PILL_HEIGHT)
        canvas.text(self.most, box, "faint")


class TimeAxis(ThemedAxis):
    """Times below, by index of bar or by the second; the first bar of a day says its date."""

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

    def text_at(self, share: float, text: str) -> Text | None:
        """Below its moment, unless an end of the axis would cut it."""
        width = self.size().width()
        x = round(share * width)
        if not _END < x < width - _END:
            return None
        half = QFontMetricsF(self._theme.font(FontRole.MICRO)).horizontalAdvance(text) / 2 + _AIR
        x = min(max(x, half), width - half)
        box = QRectF(x - _HALF_TIME, 0, 2 * _HALF_TIME, self.size().height())
        return box, Qt.AlignmentFlag.AlignCenter, text

    def drawPicture(
        self,
        p: QPainter,
        axisSpec: Segment,  # noqa: N803 -- pyqtgraph's name
        tickSpecs: Sequence[Segment],  # noqa: N803 -- pyqtgraph's name
        textSpecs: Sequence[Text],  # noqa: N803 -- pyqtgraph's name
    ) -> None:
        """As pyqtgraph does, with the dates in a stronger ink."""
        days = [spec for spec in textSpecs if spec[2] in self._days]
        times = [spec for spec in textSpecs if spec[2] not in self._days]
        super().drawPicture(p, axisSpec, tickSpecs, times)
        p.setPen(self._theme.colour("text"))
        for box, flags, text in days:
            p.drawText(box, int(flags), text)

    def pill_box(self, pill: Pill, text_width: float) -> QRectF:
        """As wide as its words, inside the axis."""
        width = text_width + 14
        left = min(max(0.0, pill.at - width / 2), self.size().width() - width)
        return QRectF(left, 3, width, PILL_HEIGHT)

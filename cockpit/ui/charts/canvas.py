"""The ground a chart's layers paint on: areas, scales, fonts and colours of one paint event."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from cockpit.ui.charts.viewport import PriceScale, TimeWindow
from cockpit.ui.theme import FontRole, Theme

TIME_AXIS = 24
VOLUME_SHARE = 0.18
PILL_HEIGHT = 18.0


@dataclass(frozen=True, slots=True)
class Areas:
    """Where the parts of a price chart lie, in logical pixels."""

    plot: float  # width of the plot; the price axis begins here
    axis: float  # width of the price axis
    price: float  # height of the price strip
    volume_top: float
    volume: float
    time_top: float

    @staticmethod
    def of(width: float, height: float, axis: float) -> Areas:
        """Split a widget: prices above, volume below, times at the bottom, axis right."""
        inner = max(40.0, height - TIME_AXIS)
        volume = round(inner * VOLUME_SHARE)
        return Areas(
            plot=max(40.0, width - axis), axis=axis, price=inner - volume,
            volume_top=inner - volume + 4, volume=volume - 4, time_top=inner,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Geometry:
    """Turns bars and prices into pixels; outlives the paint event it was made for."""

    areas: Areas
    window: TimeWindow
    scale: PriceScale
    first: int
    last: int

    def x(self, bar: float) -> float:
        """The centre of a bar, on a whole pixel."""
        return float(round(self.window.x(bar, self.areas.plot)))

    def y(self, price: float) -> float:
        """The height of a price, on a whole pixel."""
        return float(round(self.scale.y(price)))


@dataclass(frozen=True, slots=True)
class Canvas(Geometry):
    """A geometry with the painter and the looks of one paint event; never kept beyond it."""

    painter: QPainter
    theme: Theme

    def pen(self, role: str, *, dashed: bool = False, alpha: int = 255) -> None:
        """Draw in the colour of `role`, one pixel wide."""
        colour = self.theme.colour(role)
        colour.setAlpha(alpha)
        pen = QPen(colour, 1.0)
        if dashed:
            pen.setDashPattern([4.0, 3.0])
        self.painter.setPen(pen)

    def fill(self, role: str) -> None:
        """Fill with the colour of `role`, without an outline."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.theme.colour(role))

    def fill_soft(self, role: str, share: float) -> None:
        """Fill with `share` of the colour of `role` over the surface, without an outline."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(mixed(self.theme.colour(role), self.theme.colour("surface"), share))

    def hline(self, y: float, start: float, stop: float) -> None:
        """A crisp horizontal line with the current pen."""
        self.painter.drawLine(round(start), round(y), round(stop), round(y))

    def metrics(self, role: FontRole) -> QFontMetricsF:
        """Measures of a role's font, which becomes the painter's."""
        font = self.theme.font(role)
        self.painter.setFont(font)
        return QFontMetricsF(font)

    def text(
        self,
        text: str,
        box: QRectF,
        role: str,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        """Paint `text` vertically centred in `box` with the painter's font."""
        self.painter.setPen(self.theme.colour(role))
        self.painter.drawText(box, int(align | Qt.AlignmentFlag.AlignVCenter), text)

    def pill(self, text: str, box: QRectF, ground: str, ink: str) -> None:
        """A rounded label; grounds are opaque, so that lines don't run through words."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.fill(ground)
        self.painter.drawRoundedRect(box, 3, 3)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.text(text, box, ink, Qt.AlignmentFlag.AlignHCenter)

    def outline(self, box: QRectF, role: str) -> None:
        """A rounded one-pixel frame."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.pen(role)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """`share` of `colour` over `ground`, opaque: as translucent, but cheap to fill with."""
    rest = 1.0 - share
    return QColor(
        round(colour.red() * share + ground.red() * rest),
        round(colour.green() * share + ground.green() * rest),
        round(colour.blue() * share + ground.blue() * rest),
    )


def faded(colour: QColor, alpha: int) -> QColor:
    """A copy of `colour` with that alpha (0 to 255)."""
    result = QColor(colour)
    result.setAlpha(alpha)
    return result

"""A painter that knows the theme: pens, fills, text and pills by the names of their roles."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from cockpit.ui.theme import FontRole, Theme

PILL_HEIGHT = 18.0


@dataclass(frozen=True, slots=True)
class Canvas:
    """The painter and the looks of one paint event; never kept beyond it."""

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

    def smooth(self, wanted: bool) -> None:
        """Antialias what follows, or stop it."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, wanted)

    def hline(self, y: float, start: float, stop: float) -> None:
        """A crisp horizontal line with the current pen."""
        self.painter.drawLine(round(start), round(y), round(stop), round(y))

    def vline(self, x: float, start: float, stop: float) -> None:
        """A crisp vertical line with the current pen."""
        self.painter.drawLine(round(x), round(start), round(x), round(stop))

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

    def pill(self, text: str, box: QRectF, ground: str, ink: str, *, frame: str = "") -> None:
        """A rounded label, framed in the role `frame`; opaque, so that no line runs through it."""
        self.smooth(True)
        self.fill(ground)
        self.painter.drawRoundedRect(box, 3, 3)
        if frame:
            self.pen(frame)
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        self.smooth(False)
        self.text(text, box, ink, Qt.AlignmentFlag.AlignHCenter)


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

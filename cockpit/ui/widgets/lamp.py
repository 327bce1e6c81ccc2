"""A connection's lamp: shape, word and age, never colour alone."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cockpit.domain.connection import Health
from cockpit.ui.theme import FontRole, Inset, Theme

WORDS: dict[Health, tuple[str, str]] = {
    Health.CONNECTING: ("connecting", "notice"),
    Health.UP: ("up", "up"),
    Health.STALE: ("stale", "warning"),
    Health.PAUSED: ("paused", "muted"),
    Health.ENDED: ("ended", "muted"),
    Health.DOWN: ("down", "critical"),
    Health.AUTH_FAILED: ("sign-in refused", "critical"),
}
"""Word and colour role of each state."""

_SIGN = 10
_GAP = int(Inset.LAMP)


class Lamp(QWidget):
    """One line: shape, name, word and age.

    An age moves all the time: while the state is the same it keeps the room of its widest text.
    """

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._health = Health.CONNECTING
        self._detail = ""
        self._room = 0
        self.setFont(theme.font(FontRole.CAPTION))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_health(Health.CONNECTING, "")

    def show_health(self, health: Health, detail: str, tooltip: str = "") -> None:
        """Show a state; `detail` is the age or latency beside the word."""
        before = self._room if health is self._health else 0
        if (health, detail) != (self._health, self._detail) or not self._room:
            self._health, self._detail = health, detail
            self.setAccessibleName(f"{self._name}: {self.text}")
            self.update()
        self.setToolTip(tooltip or self.accessibleName())
        words = self.fontMetrics().horizontalAdvance(f"{self._name}  {self.text}")
        room = max(before, words)
        if room != self._room:
            self._room = room
            self.updateGeometry()

    @property
    def text(self) -> str:
        """Word and detail as shown."""
        return f"{WORDS[self._health][0]} {self._detail}".strip()

    def sizeHint(self) -> QSize:
        """Room for sign, name and text."""
        return QSize(_SIGN + _GAP + self._room + 2, self.fontMetrics().height() + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shape of the state, then name and word."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = self._theme.colour(WORDS[self._health][1])
            painter.setPen(QPen(colour, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            centre = QPointF(_SIGN / 2 + 0.5, self.height() / 2)
            draw_shape(painter, self._health, centre, _SIGN / 2 - 1)
            self._draw_words(painter)

    def _draw_words(self, painter: QPainter) -> None:
        metrics = self.fontMetrics()
        x, y = _SIGN + _GAP, (self.height() + metrics.ascent() - metrics.descent()) // 2
        painter.setFont(self.font())
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(x, y, self._name)
        painter.setPen(self._theme.colour(WORDS[self._health][1]))
        painter.drawText(x + metrics.horizontalAdvance(f"{self._name}  "), y, self.text)


def draw_shape(painter: QPainter, health: Health, centre: QPointF, radius: float) -> None:
    """Disc up, ring connecting, triangle stale, bars paused, square ended, cross down."""
    brush = painter.pen().color()
    if health is Health.UP:
        painter.setBrush(brush)
        painter.drawEllipse(centre, radius, radius)
    elif health is Health.CONNECTING:
        painter.drawEllipse(centre, radius, radius)
    elif health is Health.STALE:
        painter.drawPolygon(_triangle(centre, radius))
    elif health is Health.PAUSED:
        for dx in (-radius / 2, radius / 2):
            painter.drawLine(centre + QPointF(dx, -radius), centre + QPointF(dx, radius))
    elif health is Health.ENDED:
        painter.drawRect(QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius))
    else:
        for sign in (-1, 1):
            step = QPointF(radius, radius * sign)
            painter.drawLine(centre - step, centre + step)


def _triangle(centre: QPointF, radius: float) -> QPolygonF:
    corners = (math.radians(angle) for angle in (-90, 30, 150))
    return QPolygonF([centre + QPointF(math.cos(a), math.sin(a)) * radius for a in corners])

"""A short word on a tinted, rounded ground: modes, states, counts."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cockpit.ui.theme import FontRole, Theme

_PAD_X, _PAD_Y = 8, 3


class Pill(QWidget):
    """Painted, so that colour and width follow the word; the word always says it too."""

    def __init__(self, theme: Theme, text: str = "", role: str = "accent", *, solid: bool = False):
        super().__init__()
        self._theme = theme
        self._text, self._role, self._solid = text, role, solid
        self.setFont(theme.font(FontRole.CAPTION))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    @property
    def text(self) -> str:
        """The word shown."""
        return self._text

    def show_text(self, text: str, role: str, *, solid: bool = False) -> None:
        """Change word and colour role; `solid` fills the ground for what must not be missed."""
        if (text, role, solid) == (self._text, self._role, self._solid):
            return
        self._text, self._role, self._solid = text, role, solid
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the word."""
        metrics = self.fontMetrics()
        return QSize(
            metrics.horizontalAdvance(self._text) + 2 * _PAD_X, metrics.height() + 2 * _PAD_Y
        )

    def minimumSizeHint(self) -> QSize:
        """Never clip the word."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.colour(self._role)
        ground = QColor(colour)
        ground.setAlphaF(1.0 if self._solid else 0.14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        area = QRectF(self.rect())
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setPen(self._theme.colour("on_critical") if self._solid else colour)
        painter.setFont(self.font())
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._text)

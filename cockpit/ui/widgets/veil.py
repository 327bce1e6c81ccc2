"""A veil over what is no longer of now."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cockpit.ui.theme import Theme

ALPHA = 150


class Veil(QWidget):
    """Lies over `under` while it is drawn, fades it towards the background and takes its clicks."""

    def __init__(self, under: QWidget, theme: Theme) -> None:
        super().__init__(under)
        self._theme = theme
        self.setAccessibleName("Veil")
        self.hide()
        under.installEventFilter(self)

    def draw(self, over: bool) -> None:
        """Cover, or uncover."""
        parent = self.parentWidget()
        if over and parent is not None:
            self.setGeometry(parent.rect())
            self.raise_()
        self.setVisible(over)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the size of what lies below."""
        parent = self.parentWidget()
        if event.type() == QEvent.Type.Resize and parent is not None:
            self.setGeometry(parent.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the background's colour, half through."""
        colour = QColor(self._theme.colours.canvas)
        colour.setAlpha(ALPHA)
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), colour)

"""What stands in an empty panel: not a void but what to do."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label


class Glyph(QWidget):
    """An icon that follows the theme."""

    def __init__(self, theme: Theme, name: str, size: int = 28, role: str = "faint") -> None:
        super().__init__()
        self._theme, self._name, self._role = theme, name, role
        self.setFixedSize(QSize(size, size))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it in the theme's colour of now."""
        with QPainter(self) as painter:
            self._theme.icon(self._name, self._role).paint(painter, self.rect())


class EmptyState(QWidget):
    """An icon, a line that says what is missing and one that says what to do."""

    def __init__(self, theme: Theme, icon: str, title: str, text: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        column.addStretch(1)
        column.addWidget(Glyph(theme, icon), 0, Qt.AlignmentFlag.AlignHCenter)
        self.title = label(theme, title, FontRole.STRONG, wrap=True)
        self.text = label(theme, text, FontRole.BODY, "muted", wrap=True)
        for line in (self.title, self.text):
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(line)
        column.addStretch(2)
        self.say(title, text)

    def say(self, title: str, text: str) -> None:
        """Other words."""
        self.title.setText(title)
        self.text.setText(text)
        self.setAccessibleName(f"{title}. {text}")

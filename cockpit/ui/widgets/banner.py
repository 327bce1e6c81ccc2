"""A line over the whole width of the window: what holds for everything below it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.empty import Glyph
from cockpit.ui.widgets.labels import label, set_property, set_tone


class Banner(QFrame):
    """Says one thing in a tone (accent, warning or critical), with buttons at its end."""

    def __init__(self, theme: Theme, name: str, *, icon: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "banner")
        self.setAccessibleName(name)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        self._row.setSpacing(Space.S)
        if icon:
            self._row.addWidget(Glyph(theme, icon, 18, "critical"))
        self.text = label(theme, "", FontRole.STRONG, wrap=True)
        self.text.setAccessibleName(f"{name} banner")
        self._row.addWidget(self.text, 1, Qt.AlignmentFlag.AlignVCenter)

    def say(self, text: str, tone: str) -> None:
        """Show `text` on the ground of `tone`."""
        set_property(self, "tone", tone)
        set_tone(self.text, tone)
        self.text.setText(text)

    def add_button(self, text: str, on_click: Callable[[], None]) -> QPushButton:
        """Put a button at the end."""
        made = button(self._theme, text, on_click)
        self._row.addWidget(made)
        return made

"""What stands in place of the settings when the search finds none: why, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cockpit.ui.models.settings import title_of
from cockpit.ui.theme import Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.empty import EmptyState


class NothingFound(QWidget):
    """Leads back by a click: to all sections where they have a hit, or to no search at all."""

    everywhere_wanted = Signal()
    clear_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.told = EmptyState(theme, "search", "No setting is found", "")
        self.everywhere = button(theme, "Search all settings", self.everywhere_wanted.emit)
        self.clear = button(theme, "Clear the search", self.clear_wanted.emit)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for one in (self.everywhere, self.clear):
            row.addWidget(one)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self.told)
        column.addLayout(row)
        column.addStretch(2)

    def tell(self, words: str, section: str | None, elsewhere: int) -> None:
        """Nothing holds `words` in `section`, None for all of them; `elsewhere` so many do."""
        self.everywhere.setVisible(section is not None and elsewhere > 0)
        where = "" if section is None else f" under {title_of(section)}"
        self.told.say("No setting is found", f'Nothing{where} holds "{words}". {_what(elsewhere)}')


def _what(elsewhere: int) -> str:
    if elsewhere:
        return f"In all settings {elsewhere} {'do' if elsewhere > 1 else 'does'}."
    return "Try fewer letters, or a word of its meaning, e.g. loss, timeout, price."

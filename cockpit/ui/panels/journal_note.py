"""The trader's own words about the day: note, tags, rating, beside the drafted entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from cockpit.ports.entries import JournalEntry
from cockpit.ui.asking import ask
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import ElidedLabel

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.journal.journal import Journal
    from cockpit.ports.store import Store


def split_tags(text: str) -> tuple[str, ...]:
    """Tags typed with commas, in order, each once, without the sign of a hash."""
    cleaned = (part.strip().lstrip("#").strip() for part in text.split(","))
    return tuple(dict.fromkeys(filter(None, cleaned)))


class NoteEditor(QWidget):
    """Keeps what was typed until it is saved; a changed day loads that day's note."""

    def __init__(self, journal: Journal, store: Store, commands: Commands, theme: Theme) -> None:
        super().__init__()
        self._journal, self._store, self._commands, self._theme = journal, store, commands, theme
        self._day = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText("What did you see, do and learn today?")
        self.text.setAccessibleName("Note of the day")
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self._on_typed)
        column.addWidget(self.text, 1)
        column.addLayout(self._fields())
        column.addLayout(self._foot())

    def _fields(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.tags = QLineEdit()
        self.tags.setPlaceholderText("Tags, with commas")
        self.tags.setAccessibleName("Tags")
        self.tags.textEdited.connect(self._on_typed)
        self.rating = QComboBox()
        self.rating.setAccessibleName("Rating of the day")
        for words, value in (("No rating", 0), *((f"{n} of 5", n) for n in range(1, 6))):
            self.rating.addItem(words, value)
        self.rating.activated.connect(self._on_typed)
        row.addWidget(self.tags, 1)
        row.addWidget(self.rating)
        return row

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.told = ElidedLabel(self._theme, "", FontRole.CAPTION, "muted")
        self.save_button = button(
            self._theme, "Save note", self.save, kind="primary", tooltip="Keep it in the journal"
        )
        self.save_button.setEnabled(False)
        row.addWidget(self.told, 1)
        row.addWidget(self.save_button)
        return row

    def follow(self, day: str) -> None:
        """Show the note of `day` when it is another than before."""
        if day != self._day:
            self._day = day
            body = self._store.entry(self._journal.account_id, day)
            ask(self._commands, body, "read-note", done=self._show)

    def _show(self, entry: JournalEntry | None) -> None:
        if self.save_button.isEnabled():
            return  # something was typed meanwhile: it is worth more
        self.text.setPlainText(entry.note if entry else "")
        self.tags.setText(", ".join(entry.tags) if entry else "")
        self.rating.setCurrentIndex((entry.rating or 0) if entry else 0)
        self._settle("")

    def save(self) -> None:
        """Keep what stands here."""
        rating = int(self.rating.currentData()) or None
        tags = split_tags(self.tags.text())
        self.save_button.setEnabled(False)
        body = self._commands.write_note(self._day, self.text.toPlainText(), tags, rating)
        ask(self._commands, body, "save-note", done=lambda _entry: self._settle("Saved"),
            failed=self._not_saved)  # fmt: skip

    def _not_saved(self, why: str) -> None:
        self.told.set_text(f"Not saved, your text is still here. {why}")
        self.save_button.setEnabled(True)

    def _settle(self, words: str) -> None:
        self.told.set_text(words)
        self.save_button.setEnabled(False)

    def _on_typed(self, *_args: object) -> None:
        self.told.set_text("Not saved yet")
        self.save_button.setEnabled(True)

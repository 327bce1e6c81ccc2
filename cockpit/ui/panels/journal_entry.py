"""The entry of a day or a trade: the trader's own words beside the facts, kept as versions."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cockpit.domain.errors import CockpitError
from cockpit.journal.entries import EntryWords
from cockpit.journal.versions import changes
from cockpit.kernel.errors import KernelError
from cockpit.ports.entries import Attachment, JournalEntry
from cockpit.ui.asking import ask
from cockpit.ui.panels.journal_files import FilesBeside
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import new_york_date, new_york_time
from cockpit.ui.widgets.buttons import button, icon_button
from cockpit.ui.widgets.labels import ElidedLabel, label
from cockpit.ui.widgets.prose import unbroken
from cockpit.ui.widgets.tall_area import TallArea
from cockpit.ui.widgets.ticks import TickList

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.app.settings import JournalSettings
    from cockpit.journal.tradebook import TradeBook
    from cockpit.ports.entries import EntryStore

_MOST_VERSIONS = 20


def split_words(text: str) -> tuple[str, ...]:
    """Words typed with commas, in order, each once, without the sign of a hash."""
    cleaned = (part.strip().lstrip("#").strip() for part in text.split(","))
    return tuple(dict.fromkeys(filter(None, cleaned)))


def _named(day: str) -> str:
    told = date.fromisoformat(day)
    return f"{told:%A} {told.day} {told:%b %Y}"


class EntryEditor(QWidget):
    """Keeps what was typed until it is saved; another subject waits until then.

    `facts_of` tells a trade's plan and outcome in a line, by its id.
    """

    saved = Signal()

    def __init__(
        self,
        book: TradeBook,
        store: EntryStore,
        commands: Commands,
        theme: Theme,
        *,
        lists: JournalSettings,
        facts_of: Callable[[str], str] = lambda _trade_id: "",
    ) -> None:
        super().__init__()
        self._book, self._store, self._commands, self._theme = book, store, commands, theme
        self._lists, self._facts_of = lists, facts_of
        self._day = self._trade_id = ""
        self._versions: Sequence[JournalEntry] = ()
        self._menu: QMenu | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(Space.XS)
        outer.addLayout(self._head())
        outer.addWidget(self._body(), 1)
        outer.addLayout(self._foot())
        self.files.told.connect(self.told.set_text)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.XS)
        self.title = ElidedLabel(self._theme, "", FontRole.STRONG)
        self.rating = QComboBox()
        self.rating.setAccessibleName("Rating")
        self.rating.setToolTip("How well you traded it, 1 to 5")
        for words, value in (("Rate", 0), *((f"{n}/5", n) for n in range(1, 6))):
            self.rating.addItem(words, value)
        self.rating.activated.connect(self._on_typed)
        self.history = icon_button(self._theme, "clock", "Earlier versions", self._show_versions)
        row.addWidget(self.title, 1)
        row.addWidget(self.rating)
        row.addWidget(self.history)
        return row

    def _body(self) -> TallArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, Space.XS, 0)
        column.setSpacing(Space.XS)
        self.facts = label(self._theme, "", FontRole.CAPTION, "muted", wrap=True)
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText("What did you see, do and learn?")
        self.text.setAccessibleName("Note")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(72)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.text.textChanged.connect(self._on_typed)
        self.tags = self._line("Tags", "Tags, with commas: setup/orb, patience")
        self.mistakes = self._line("Mistakes", "Mistakes, with commas", self._lists.mistakes)
        self.rules = TickList(self._theme, "Rules followed", self._on_typed)
        self.checklist = TickList(self._theme, "Checklist", self._on_typed)
        self.files = FilesBeside(self._theme, self._commands)
        column.addWidget(self.facts)
        column.addWidget(self.text, 1)
        for part in (self.tags, self.mistakes, self.rules, self.checklist):
            column.addWidget(part)
        column.addWidget(self.files)
        self._area = TallArea("Entry", inside)
        return self._area

    def _line(self, name: str, hint: str, offered: Sequence[str] = ()) -> QLineEdit:
        made = QLineEdit()
        made.setPlaceholderText(hint)
        made.setAccessibleName(name)
        made.textEdited.connect(self._on_typed)
        if offered:
            completer = QCompleter(list(offered), made)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            made.setCompleter(completer)
            made.setToolTip(f"For example: {', '.join(offered)}")
        return made

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.told = ElidedLabel(self._theme, "", FontRole.CAPTION, "muted")
        self.attach_button = button(
            self._theme, "Attach...", self._ask_file, kind="quiet", tooltip="Keep a file beside it"
        )
        self.save_button = button(
            self._theme, "Save", self.save, kind="primary", name="Save entry",
            tooltip="Keep it in the journal, as a new version",
        )  # fmt: skip
        self.save_button.setEnabled(False)
        row.addWidget(self.told, 1)
        row.addWidget(self.attach_button)
        row.addWidget(self.save_button)
        return row

    def mute(self) -> None:
        """Show, and let nothing be changed."""
        for part in (self.text, self.tags, self.mistakes, self.rules, self.checklist):
            part.setEnabled(False)
        for part in (self.rating, self.attach_button, self.save_button):
            part.setEnabled(False)

    # Following

    @property
    def shows_trade(self) -> bool:
        """True while it is about a trade, not about a day."""
        return bool(self._trade_id)

    @property
    def typed(self) -> bool:
        """True while something is not saved yet."""
        return self.save_button.isEnabled()

    @property
    def unsaved(self) -> str:
        """What the entry that is not saved yet is about; empty when all of it is."""
        return self.title.accessibleName() if self.typed else ""

    def follow(self, day: str, trade_id: str = "", *, about: str = "") -> bool:
        """Show the entry of another day or trade; False when something typed is in the way."""
        if (day, trade_id) == (self._day, self._trade_id):
            return True
        if self.typed:
            self.told.set_text("Not saved yet: save it before you go on to another entry")
            return False
        self._day, self._trade_id = day, trade_id
        self.title.set_text(about or _named(day))
        self._area.verticalScrollBar().setValue(0)
        self.text.setAccessibleName(f"Note of {about or day}")
        self.refresh()
        return True

    def turn_to(self, book: TradeBook) -> bool:
        """Write about another account from the next subject on; False when something is typed."""
        if self.typed:
            self.told.set_text("Not saved yet: save it before you go on to another account")
            return False
        self._book = book
        self._day = self._trade_id = ""
        return True

    def refresh(self) -> None:
        """Read the entry anew; what was typed stays."""
        account, day, trade_id = self._book.account_id, self._day, self._trade_id
        self._tell_facts()
        ask(self._commands, self._store.entry_versions(account, day, trade_id), "read-entry",
            done=partial(self._show, (day, trade_id)))  # fmt: skip
        ask(self._commands, self._store.attachments(account, day, trade_id), "read-files",
            done=partial(self._show_files, (day, trade_id)))  # fmt: skip

    def _tell_facts(self) -> None:
        facts = self._facts_of(self._trade_id) if self._trade_id else ""
        self.facts.setText(unbroken(facts))
        self.facts.setVisible(bool(facts))

    def _show(self, asked: tuple[str, str], versions: Sequence[JournalEntry]) -> None:
        if asked != (self._day, self._trade_id):
            return  # somebody has gone on meanwhile
        self._versions = versions
        self.history.setEnabled(len(versions) > 1)
        if self.typed:
            return  # something was typed meanwhile: it is worth more
        entry = versions[0] if versions else None
        self.text.setPlainText(entry.note if entry else "")
        self.tags.setText(", ".join(entry.tags) if entry else "")
        self.mistakes.setText(", ".join(entry.mistakes) if entry else "")
        self.rating.setCurrentIndex((entry.rating or 0) if entry else 0)
        self.rules.show_ticks(self._lists.rules, entry.rules if entry else ())
        offered = () if self._trade_id else self._lists.checklist
        self.checklist.show_ticks(offered, entry.checklist if entry else ())
        self._settle("" if entry is None else f"Version {entry.version}")

    # Saving

    def save(self) -> None:
        """Keep what stands here."""
        body = self._write()
        ask(self._commands, body, "save-entry", done=self._saved, failed=self._not_saved)

    async def save_and_wait(self) -> bool:
        """Keep what stands here before somebody leaves; False, and told why, when it failed."""
        try:
            self._saved(await self._write())
        except (CockpitError, KernelError) as error:
            self._not_saved(error.user_text)
            return False
        return True

    def _write(self) -> Coroutine[Any, Any, JournalEntry]:
        words = EntryWords(
            note=self.text.toPlainText(),
            tags=split_words(self.tags.text()),
            rating=int(self.rating.currentData()) or None,
            mistakes=split_words(self.mistakes.text()),
            rules=self.rules.ticks(),
            checklist=self.checklist.ticks(),
        )
        self.save_button.setEnabled(False)
        return self._commands.write_entry(self._day, words, self._trade_id, of=self._book)

    def _saved(self, entry: JournalEntry) -> None:
        self._settle("Saved")
        self.saved.emit()
        self._versions = (entry, *self._versions)
        self.history.setEnabled(len(self._versions) > 1)

    def _not_saved(self, why: str) -> None:
        self.told.set_text(f"Not saved, your text is still here. {why}")
        self.save_button.setEnabled(True)

    def _settle(self, words: str) -> None:
        self.told.set_text(words)
        self.save_button.setEnabled(False)

    def _on_typed(self, *_args: object) -> None:
        self.told.set_text("Not saved yet")
        self.save_button.setEnabled(True)

    # Versions

    def _show_versions(self) -> None:
        menu = self._menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        befores = [*self._versions[1:], None]
        pairs = list(zip(self._versions, befores, strict=False))
        for entry, before in pairs[:_MOST_VERSIONS]:
            when = f"{new_york_date(entry.updated_ns)} {new_york_time(entry.updated_ns)} NY"
            changed = changes(before, entry)
            action = menu.addAction(
                f"Bring back version {entry.version}, {when}", partial(self._restore, entry.version)
            )
            action.setToolTip("\n".join(changed) or "Only the drafted text changed")
            action.setEnabled(entry.version != self._versions[0].version and not self.typed)
        menu.popup(self.history.mapToGlobal(self.history.rect().bottomLeft()))

    def _restore(self, version: int) -> None:
        body = self._commands.restore_entry(self._day, version, self._trade_id, of=self._book)
        ask(self._commands, body, "restore-entry", done=self._restored,
            failed=self.told.set_text)  # fmt: skip

    def _restored(self, _entry: JournalEntry) -> None:
        self.refresh()
        self.saved.emit()

    # Files

    def look_again(self, trade_id: str) -> None:
        """A picture of this trade was kept; it is shown if the entry is."""
        if trade_id == self._trade_id:
            self.refresh()

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Attach a file")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.attach)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def attach(self, path: str) -> None:
        """Keep a copy of a file beside the entry."""
        body = self._commands.attach_file(self._day, Path(path), self._trade_id, of=self._book)
        ask(self._commands, body, "attach-file", done=lambda _file: self.refresh(),
            failed=self.told.set_text)  # fmt: skip

    def _show_files(self, asked: tuple[str, str], files: Sequence[Attachment]) -> None:
        if asked != (self._day, self._trade_id):
            return
        self.files.show_files(files)

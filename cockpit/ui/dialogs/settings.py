"""Every setting with its meaning, its default and where it comes from; searched and changed."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cockpit.app.configuring.desk import Changed, Setting
from cockpit.app.configuring.kinds import as_text
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.dialogs.data_keys import DataKeys
from cockpit.ui.dialogs.setting_detail import SettingDetail
from cockpit.ui.dialogs.settings_empty import NothingFound
from cockpit.ui.models.settings import (
    EVERYTHING,
    found,
    from_words,
    in_a_line,
    sections_of,
    title_of,
)
from cockpit.ui.spawning import OneAtATime
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import ElidedLabel
from cockpit.ui.widgets.row_table import row_table

if TYPE_CHECKING:
    from cockpit.app.configuring.room import SettingsRoom
    from cockpit.ui.spawning import Spawn

HEADS = ("Setting", "Value", "From")
KEYS = "Data keys"
_SECTION = Qt.ItemDataRole.UserRole


class SettingsDialog(CockpitDialog):
    """Sections on the left, what was found on the right, the chosen one below."""

    def __init__(
        self, theme: Theme, parent: QWidget | None, room: SettingsRoom, spawn: Spawn
    ) -> None:
        super().__init__(theme, "Settings", parent, width=940)
        self._desk = room.desk
        self._all: Sequence[Setting] = ()
        self._shown: Sequence[Setting] = ()
        self._work = OneAtATime(spawn, "settings", failed=self._failed)
        self.left = False
        self.search = QLineEdit()
        self.sections = QListWidget()
        self.table = self._make_table()
        self.detail = SettingDetail(theme, room.desk)
        self.keys = DataKeys(theme, room.keys, spawn)
        self.nothing = NothingFound(theme)
        self.pages = QStackedWidget()
        self.undo_button = button(theme, "Undo", self.undo, tooltip="Take the last change back")
        self.undo_button.setEnabled(False)
        self._lay_out()
        self.begin(self._read())

    def _make_table(self) -> QTableWidget:
        table = row_table("Settings", HEADS)
        table.setMinimumHeight(220)
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setStretchLastSection(True)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate((270, 210)):
            table.setColumnWidth(column, width)
        table.itemSelectionChanged.connect(self._chosen_changed)
        return table

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("Search by name, meaning or value, e.g. loss, timeout, SPY")
        self.search.setAccessibleName("Search settings")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text="": self.fill())
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        self.sections.setAccessibleName("Sections")
        self.sections.setFixedWidth(240)
        self.sections.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sections.currentRowChanged.connect(lambda _row=0: self.fill())
        self.detail.change_wanted.connect(self.change)
        self.nothing.everywhere_wanted.connect(lambda: self.sections.setCurrentRow(0))
        self.nothing.clear_wanted.connect(self._clear_search)
        self.body.addWidget(self.search)
        self.body.addLayout(self._middle(), 1)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        below.addWidget(self.undo_button)
        place = ElidedLabel(self.theme, f"In {self._desk.file}", FontRole.CAPTION, "muted")
        below.addWidget(place, 1)
        self.body.addLayout(below)
        close = self.end_with("Close", reject="")
        close.setDefault(False)  # Enter in a field is a change, and never the end
        close.setAutoDefault(False)
        self.resize(1000, 660)
        self.search.setFocus()

    def _middle(self) -> QHBoxLayout:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self.table, 1)
        column.addWidget(self.detail)
        self.pages.addWidget(right)
        self.pages.addWidget(self.keys)
        self.pages.addWidget(self.nothing)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self.sections)
        row.addWidget(self.pages, 1)
        return row

    # what is shown

    async def _read(self) -> None:
        self._all = await self._desk.read()
        self._list_sections()
        self.fill()

    def _list_sections(self) -> None:
        if self.sections.count():
            return
        for title, section in [
            (EVERYTHING, None),
            *((title_of(section), section) for section in sections_of(self._all)),
            (KEYS, KEYS),
        ]:
            item = QListWidgetItem(title)
            item.setData(_SECTION, section)
            self.sections.addItem(item)
        self.sections.setCurrentRow(0)

    @property
    def section(self) -> str | None:
        """The chosen section, None for all of them."""
        item = self.sections.currentItem()
        return item.data(_SECTION) if item is not None else None  # pyright: ignore[reportUnnecessaryComparison] -- none is chosen while there are none

    def choose_section(self, title: str) -> None:
        """Go to the section of that title."""
        for item in self.sections.findItems(title, Qt.MatchFlag.MatchExactly):
            self.sections.setCurrentItem(item)

    @property
    def chosen(self) -> Setting | None:
        """The setting of the selected row."""
        row = self.table.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def fill(self) -> None:
        """Show what fits the section and the words; the choice stays if it can."""
        if self.section == KEYS:
            self.pages.setCurrentWidget(self.keys)
            self.keys.refresh()
            return
        before, words = self.chosen, self.search.text()
        self._shown = found(self._all, words, self.section)
        missed = bool(self._all) and not self._shown
        self.pages.setCurrentIndex(2 if missed else 0)
        if missed:
            self.nothing.tell(words.strip(), self.section, len(found(self._all, words)))
        self.table.setRowCount(len(self._shown))
        for line, setting in enumerate(self._shown):
            self._put_row(line, setting)
        names = [setting.known.dotted for setting in self._shown]
        name = before.known.dotted if before is not None else ""
        self.table.clearSelection()
        if names:
            self.table.selectRow(names.index(name) if name in names else 0)
        self._chosen_changed()
        self.undo_button.setEnabled(self._desk.last_change is not None)

    def _put_row(self, line: int, setting: Setting) -> None:
        known = setting.known
        name = known.key if self.section is not None else known.dotted
        texts = (name, in_a_line(setting, setting.value), from_words(setting))
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(known.meaning if column == 0 else text)
            self.table.setItem(line, column, item)

    def _chosen_changed(self) -> None:
        self.detail.show_setting(self.chosen)

    # what is done

    def change(self, text: str | None, typed: str) -> None:
        """Set the chosen one; the core has the last word."""
        if self.chosen is not None:
            self.begin(self._changed(self.chosen, text, typed))

    async def _changed(self, setting: Setting, text: str | None, typed: str) -> None:
        changed = await self._desk.change(setting.known, text, typed=typed)
        await self._read()
        self.detail.say(_done(changed, at_once=setting.at_once), "up")

    def undo(self) -> None:
        """Take the last change back, by the same way."""
        self.begin(self._undone())

    async def _undone(self) -> None:
        typed = self.detail.typed.text()
        phrase = self._desk.undo_phrase()
        if phrase and typed.strip() != phrase:
            self._go_to_last()
            self.detail.typed.setVisible(True)
            self.detail.typed.setPlaceholderText(f"Type {phrase}")
            words = f"Taking it back allows more, with real money. Type {phrase}, then Undo."
            self.detail.say(words, "warning")
            return
        changed = await self._desk.undo(typed=typed)
        await self._read()
        if changed is not None:
            self.detail.say(f"{changed.known.dotted} is as it was before.", "up")

    def _clear_search(self) -> None:
        self.search.clear()
        self.search.setFocus()

    def _go_to_last(self) -> None:
        last = self._desk.last_change
        for line, setting in enumerate(self._shown):
            if last is not None and setting.known.path == last.known.path:
                self.table.selectRow(line)

    def begin(self, body: Coroutine[Any, Any, None]) -> None:
        """Do one thing at a time."""
        self._work.begin(body)

    def _failed(self, text: str) -> None:
        if not self.left:
            self.detail.say(text, "critical")

    def stop(self) -> None:
        """Leave; what is being written is finished."""
        self.left = True
        self.keys.stop()


def _done(changed: Changed, *, at_once: bool) -> str:
    if changed.after is None:
        what = f"{changed.known.dotted} has its default again"
    else:
        text = ", ".join(as_text(changed.after).splitlines()) or "nothing"
        what = f"{changed.known.dotted} is {text}"
    return f"{what} {'from now on' if at_once else 'from the next start on'}."


async def show_settings(
    theme: Theme, parent: QWidget, room: SettingsRoom, spawn: Spawn, section: str = ""
) -> None:
    """Open the dialog, at `section` if named, and wait until it is closed."""
    dialog = SettingsDialog(theme, parent, room, spawn)
    if section:
        dialog.choose_section(section)
    try:
        await answered(dialog)
    finally:
        dialog.stop()

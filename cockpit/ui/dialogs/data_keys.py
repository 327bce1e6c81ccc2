"""The keys of data vendors: tried at the vendor before they are kept, never shown again."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cockpit.ports.plugin import Plugin
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.dialogs.credentials import CredentialFields
from cockpit.ui.spawning import OneAtATime
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.busy import BusyBar
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import label, set_tone
from cockpit.ui.widgets.row_table import row_table

if TYPE_CHECKING:
    from cockpit.app.data.keys import KeyDesk
    from cockpit.ui.spawning import Spawn

HEADS = ("Vendor", "Key")


class DataKeys(QWidget):
    """A table of vendors, a field for a key, and what the vendor said to it."""

    def __init__(self, theme: Theme, desk: KeyDesk, spawn: Spawn) -> None:
        super().__init__()
        self._theme, self._desk = theme, desk
        self._vendors: list[Plugin] = []
        self._stored: set[str] = set()
        self._work = OneAtATime(
            spawn,
            "data-keys",
            failed=lambda text: self._tell(text, "critical"),
            ended=self._ended,
        )
        self._left = False
        self.table = self._make_table()
        self.fields = CredentialFields(theme)
        self.busy = BusyBar(theme, "Asking the vendor")
        self.said = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self.store_button = button(theme, "Try and store", self.store, kind="primary")
        self.test_button = button(theme, "Test the stored key", self.test)
        self.remove_button = button(theme, "Remove...", self.remove)
        self.fields.changed.connect(self._judge)
        self._lay_out()

    def _make_table(self) -> QTableWidget:
        table = row_table("Data vendors", HEADS)
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.itemSelectionChanged.connect(self._chosen_changed)
        return table

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        words = (
            "A key is tried at the vendor with one request of your plan, then kept in the vault. "
            "Nothing shows it again. A session that runs takes a new key at its next start."
        )
        column.addWidget(label(self._theme, words, FontRole.BODY, "muted", wrap=True))
        column.addWidget(self.table)
        column.addWidget(self.fields)
        self.busy.keep_room()
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for part in (self.store_button, self.test_button, self.remove_button):
            row.addWidget(part)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.busy)
        self.said.setMinimumHeight(self.said.fontMetrics().height() * 2)
        column.addWidget(self.said)
        column.addStretch(1)

    @property
    def vendor(self) -> str:
        """The chosen vendor, empty for none."""
        row = self.table.currentRow()
        return self._vendors[row].name if 0 <= row < len(self._vendors) else ""

    def refresh(self) -> None:
        """Look anew which keys are stored."""
        self._begin(self._read())

    async def _read(self) -> None:
        self._vendors = self._desk.vendors()
        self._stored = set(await self._desk.stored())
        self._fill()

    def _fill(self) -> None:
        row = max(0, self.table.currentRow())
        self.table.setRowCount(len(self._vendors))
        for line, plugin in enumerate(self._vendors):
            kept = "stored" if plugin.name in self._stored else "none"
            for column, text in enumerate((_title(plugin.name), kept)):
                self.table.setItem(line, column, QTableWidgetItem(text))
        tall = sum(map(self.table.rowHeight, range(len(self._vendors))))
        head = self.table.horizontalHeader().height() + 2 * self.table.frameWidth()
        self.table.setFixedHeight(tall + head)
        if self._vendors:
            self.table.selectRow(min(row, len(self._vendors) - 1))
        self._chosen_changed()

    def _chosen_changed(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self._vendors):
            self.fields.forget()
            self.fields.ask_for(self._vendors[row].credentials[:1])
        self._judge()

    def _judge(self) -> None:
        free, vendor = self._work.free, self.vendor
        self.fields.setEnabled(free)
        self.store_button.setEnabled(free and bool(vendor) and self.fields.complete)
        for part in (self.test_button, self.remove_button):
            part.setEnabled(free and vendor in self._stored)

    def store(self) -> None:
        """Try what was typed at the vendor, and keep it if it works."""
        if self.vendor and self.fields.complete:
            [key] = self.fields.values().values()
            self._begin(self._stored_now(self.vendor, key), asks=True)

    async def _stored_now(self, vendor: str, key: str) -> None:
        said = await self._desk.add(vendor, key, self._tell)
        self.fields.forget()
        await self._read()
        self._tell(said, "up")

    def test(self) -> None:
        """Try the key that is kept."""
        if self.vendor:
            self._begin(self._tested(self.vendor), asks=True)

    async def _tested(self, vendor: str) -> None:
        self._tell(await self._desk.test(vendor, self._tell), "up")

    def remove(self) -> None:
        """Ask, then delete the chosen key."""
        if self.vendor:
            self._begin(self._removed(self.vendor))

    async def _removed(self, vendor: str) -> None:
        if not await _may_remove(self._theme, self, vendor):
            return
        await self._desk.remove(vendor)
        await self._read()
        self._tell(f"The key of {_title(vendor)} is deleted here. It stays valid there: revoke it.")

    def _begin(self, body: Coroutine[Any, Any, None], *, asks: bool = False) -> None:
        if self._work.begin(body):
            self.busy.setVisible(asks)
            self._judge()

    def _ended(self) -> None:
        if not self._left:
            self.busy.hide()
            self._judge()

    def _tell(self, text: str, tone: str = "muted") -> None:
        if self._left:
            return
        self.said.setText(text)
        self.said.setAccessibleName(text)
        set_tone(self.said, tone)

    def stop(self) -> None:
        """Stop what goes on, and forget what was typed."""
        self.fields.forget()
        self._left = True
        self._work.cancel()


def _title(vendor: str) -> str:
    return vendor.replace("_", " ").title()


async def _may_remove(theme: Theme, parent: QWidget, vendor: str) -> bool:
    dialog = CockpitDialog(theme, f"Remove the key of {_title(vendor)}?", parent)
    dialog.say("It is deleted from the vault, and the vendor is not asked any more.", "")
    dialog.say("It stays valid at the vendor until you revoke it there.")
    dialog.end_with("Remove key", kind="danger")
    return await answered(dialog)

"""The stored accounts: listed, tested, added and removed."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from cockpit.domain.errors import CockpitError
from cockpit.domain.values import utc
from cockpit.ui.dialogs.account import ask_account, found_words
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.spawning import OneAtATime
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.busy import BusyBar
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.empty import EmptyState
from cockpit.ui.widgets.labels import label, set_tone

if TYPE_CHECKING:
    from cockpit.app.signing.accounts import AccountRecord
    from cockpit.app.signing.desk import AccountDesk
    from cockpit.ui.spawning import Spawn

HEADS = ("Name", "Broker", "Mode", "Number", "Keys are in", "Since")
PLACES = {"keyring": "the system's keyring", "file": "the encrypted file"}


class AccountsDialog(CockpitDialog):
    """A table to choose from; what was found or went wrong stands below it."""

    def __init__(
        self, theme: Theme, parent: QWidget | None, desk: AccountDesk, spawn: Spawn
    ) -> None:
        super().__init__(theme, "Accounts", parent, width=760)
        self._desk, self._spawn = desk, spawn
        self._records: Sequence[AccountRecord] = ()
        self._work = OneAtATime(
            spawn,
            "accounts",
            failed=lambda text: self._tell(text, "critical"),
            ended=self._ended,
            called_off=self._called_off,
        )
        self.left = False
        self.table = self._make_table()
        self.empty = EmptyState(
            theme,
            "account",
            "No account is stored",
            "Add one to trade at a broker. Keys are tried there before they are stored.",
        )
        self.stack = QStackedWidget()
        self.stack.setMinimumHeight(220)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.busy = BusyBar(theme, "Asking the broker")
        self.note = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self.add_button = button(theme, "Add...", self.add)
        self.test_button = button(theme, "Test", self.test)
        self.remove_button = button(theme, "Remove...", self.remove)
        self._lay_out()
        self.refresh()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(HEADS))
        table.setAccessibleName("Accounts")
        table.setHorizontalHeaderLabels(HEADS)
        table.verticalHeader().hide()
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.itemSelectionChanged.connect(self._judge)
        return table

    def _lay_out(self) -> None:
        self.body.addWidget(self.stack)
        self.busy.keep_room()
        self.note.setMinimumHeight(self.note.fontMetrics().height() * 3)
        self.body.addWidget(self.busy)
        self.body.addWidget(self.note)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for part in (self.add_button, self.test_button, self.remove_button):
            row.addWidget(part)
        row.addStretch(1)
        self.body.addLayout(row)
        self.end_with("Close", reject="")

    @property
    def chosen(self) -> AccountRecord | None:
        """The account of the selected row."""
        row = self.table.currentRow()
        return self._records[row] if 0 <= row < len(self._records) else None

    def refresh(self) -> None:
        """Show what is stored now."""
        try:
            self._records = self._desk.book.records()
        except CockpitError as error:
            self._tell(error.user_text, "critical")
        self.table.setRowCount(len(self._records))
        for row, record in enumerate(self._records):
            for column, text in enumerate(_texts(record)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.stack.setCurrentWidget(self.table if self._records else self.empty)
        if self._records and self.table.currentRow() < 0:
            self.table.selectRow(0)
        self._judge()

    def add(self) -> None:
        """Ask for an account's keys."""
        self._begin(self._added())

    async def _added(self) -> None:
        added = await ask_account(self.theme, self, self._desk, self._spawn)
        if added is not None:
            record, found = added
            self._tell(f"{record.name} is stored. {found_words(found)}", "up")

    def test(self) -> None:
        """Sign in with the chosen account's keys, and say what was found."""
        if self.chosen is not None:
            self._begin(self._tested(self.chosen.name), asks=True)

    async def _tested(self, name: str) -> None:
        _, found = await self._desk.test(name, self._tell)
        self._tell(f"{name} works. {found_words(found)}", "up")

    def remove(self) -> None:
        """Ask, then delete the chosen account and its keys."""
        if self.chosen is not None:
            self._begin(self._removed(self.chosen))

    async def _removed(self, record: AccountRecord) -> None:
        if not await may_remove(self.theme, self, record):
            return
        await self._desk.remove(record.name)
        where = record.broker.capitalize()
        self._tell(f"{record.name} is removed. Its keys stay valid at {where}: revoke them there.")

    def _begin(self, body: Coroutine[Any, Any, None], *, asks: bool = False) -> None:
        if self._work.begin(body):
            self.busy.setVisible(asks)
            self._judge()

    def _called_off(self) -> None:
        if not self.left:
            self._tell("Stopped. Nothing was changed.")

    def _ended(self) -> None:
        if not self.left:
            self.busy.hide()
            self.refresh()

    def _judge(self) -> None:
        free, chosen = self._work.free, self.chosen is not None
        self.add_button.setEnabled(free)
        self.test_button.setEnabled(free and chosen)
        self.remove_button.setEnabled(free and chosen)

    def _tell(self, text: str, tone: str = "muted") -> None:
        self.note.setText(text)
        self.note.setAccessibleName(text)
        set_tone(self.note, tone)

    def stop(self) -> None:
        """Stop what goes on."""
        self._work.cancel()


def _texts(record: AccountRecord) -> tuple[str, ...]:
    return (
        record.name,
        record.broker.capitalize(),
        record.mode.value.upper(),
        record.number or "-",
        PLACES.get(record.kept_in, record.kept_in),
        f"{utc(record.created_ns):%Y-%m-%d}",
    )


async def show_accounts(theme: Theme, parent: QWidget, desk: AccountDesk, spawn: Spawn) -> None:
    """Open the list and wait until it is closed."""
    dialog = AccountsDialog(theme, parent, desk, spawn)
    try:
        await answered(dialog)
    finally:
        dialog.left = True
        dialog.stop()


async def may_remove(theme: Theme, parent: QWidget, record: AccountRecord) -> bool:
    """Say what goes and what stays; True when the account shall go."""
    dialog = CockpitDialog(theme, f"Remove {record.name}?", parent)
    dialog.say(
        f"{record.broker.capitalize()}, {record.mode.value.upper()} {record.number}. Its keys are "
        "deleted here, and Cockpit can't sign in to it any more.",
        "",
    )
    dialog.say(
        "The ledger keeps its orders, fills and journal. A session that runs with it goes on until "
        "it is stopped. The keys stay valid at the broker."
    )
    dialog.end_with("Remove account", kind="danger")
    return await answered(dialog)

"""Adding an account: keys typed, tried at the broker while one watches, then stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from cockpit.domain.account import Mode
from cockpit.domain.errors import CockpitError
from cockpit.kernel.errors import KernelError
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.dialogs.credentials import CredentialFields
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import money
from cockpit.ui.widgets.busy import BusyBar
from cockpit.ui.widgets.labels import label, set_tone

if TYPE_CHECKING:
    from cockpit.app.signing.accounts import AccountRecord
    from cockpit.app.signing.desk import AccountDesk
    from cockpit.ports.plugin import Plugin
    from cockpit.trading.trial import Found
    from cockpit.ui.spawning import Spawn

MODES = {Mode.PAPER: "Paper, practice money", Mode.LIVE: "Live, real money"}
READ_ONLY = "Live, read only"


class AccountDialog(CockpitDialog):
    """Add is there once nothing is missing; while keys are tried the other button stops it."""

    def __init__(
        self, theme: Theme, parent: QWidget | None, desk: AccountDesk, spawn: Spawn
    ) -> None:
        super().__init__(theme, "Add an account", parent, width=480)
        self._desk, self._spawn = desk, spawn
        self._brokers: Sequence[Plugin] = desk.brokers()
        self._trying: asyncio.Task[None] | None = None
        self.left = False
        self.added: tuple[AccountRecord, Found] | None = None
        self.say(
            "Keys are tried at the broker first. Only when they work are they stored, in your "
            "system's keyring or encrypted in the data folder."
        )
        self.broker, self.mode, self.name = QComboBox(), QComboBox(), QLineEdit()
        self.keys, self.typed = CredentialFields(theme), QLineEdit()
        self.busy = BusyBar(theme, "Trying the keys")
        self.note = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self._lay_out()
        self.go = self.end_with("Test and store")
        self.go.clicked.disconnect(self.accept)
        self.go.clicked.connect(self.add)
        for plugin in self._brokers:
            self.broker.addItem(plugin.name.capitalize(), plugin.name)
        self._choose_broker()
        self.broker.currentIndexChanged.connect(self._choose_broker)
        self.mode.currentIndexChanged.connect(self._choose_mode)
        for field in (self.name, self.typed):
            field.textChanged.connect(self.judge)
        self.keys.changed.connect(self.judge)
        self._first_key().setFocus()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setVerticalSpacing(Space.XS)
        grid.setHorizontalSpacing(Space.M)
        for column, (words, widget) in enumerate((("Broker", self.broker), ("Mode", self.mode))):
            self._captioned(grid, 0, column, words, widget)
        self._captioned(grid, 2, 0, "Your name for it", self.name, span=2)
        self.name.setMaxLength(32)
        self.body.addLayout(grid)
        self.body.addWidget(self.keys)
        self.body.addWidget(self.typed)
        self.busy.keep_room()
        self.note.setMinimumHeight(self.note.fontMetrics().height() * 4)
        self.body.addWidget(self.busy)
        self.body.addWidget(self.note)

    def _captioned(  # noqa: PLR0917 -- where, what and how wide, as in a grid's own call
        self, grid: QGridLayout, row: int, column: int, words: str, widget: QWidget, span: int = 1
    ) -> None:
        caption = label(self.theme, words, FontRole.CAPTION, "muted")
        caption.setBuddy(widget)
        widget.setAccessibleName(words)
        grid.addWidget(caption, row, column, 1, span)
        grid.addWidget(widget, row + 1, column, 1, span)

    @property
    def chosen_broker(self) -> str:
        """The broker's name as a plug-in; empty where none has accounts."""
        return str(self.broker.currentData() or "")

    @property
    def chosen_mode(self) -> Mode:
        """Paper or live."""
        return Mode(self.mode.currentData() or Mode.PAPER)

    def _choose_broker(self, _index: int = 0) -> None:
        plugin = next((p for p in self._brokers if p.name == self.chosen_broker), None)
        self.mode.clear()
        read_only = plugin is not None and plugin.read_only
        for mode in () if plugin is None else plugin.modes:
            words = READ_ONLY if read_only and mode is Mode.LIVE else MODES[mode]
            self.mode.addItem(words, mode.value)
        self.keys.ask_for(() if plugin is None else plugin.credentials)
        self._choose_mode()

    def _choose_mode(self, _index: int = 0) -> None:
        taken = {record.name for record in self._desk.book.records()}
        plain = f"{self.chosen_broker}-{self.chosen_mode.value}"
        names = (plain, *(f"{plain}-{number}" for number in range(2, 100)))
        if not self.name.isModified():
            self.name.setText(next((name for name in names if name not in taken), ""))
        self.judge()

    def judge(self, _text: str = "") -> None:
        """Say what is missing, and let it be added when nothing is."""
        live = self._trades_money()
        name = self.name.text().strip()
        self.typed.setVisible(live)
        self.typed.setPlaceholderText(f"Real money: type {name} to confirm")
        self.typed.setAccessibleName("Type the account's name to confirm real money")
        why = self._why_not(name)
        self._tell(why, "warning" if why else "muted")
        confirmed = not live or self.typed.text() == name
        self.go.setEnabled(not why and confirmed and self.keys.complete)

    def _trades_money(self) -> bool:
        chosen = self.chosen_broker
        return bool(chosen) and self._desk.moves_money(chosen, self.chosen_mode)

    def _why_not(self, name: str) -> str:
        if not self._brokers:
            return "No installed broker has accounts to sign in to."
        try:
            self._desk.check(name, self.chosen_broker, self.chosen_mode)
        except (CockpitError, KernelError) as error:
            return error.user_text
        return ""

    def add(self) -> None:
        """Try the keys, and store them when they work."""
        if self._trying is None:
            self._lock(trying=True)
            self._trying = cast("asyncio.Task[None]", self._spawn(self._added(), "add-account"))

    async def _added(self) -> None:
        name = self.name.text().strip()
        try:
            self.added = await self._desk.add(
                name,
                self.chosen_broker,
                self.chosen_mode,
                self.keys.values(),
                confirmed=self.typed.text(),
                tell=self._tell,
            )
        except (CockpitError, KernelError) as error:
            self._stopped(error.user_text, "critical")
        except asyncio.CancelledError:
            if not self.left:
                self._stopped("Stopped. Nothing was stored.", "")
            raise
        else:
            self.keys.forget()
            self._trying = None
            self.accept()

    def _stopped(self, text: str, tone: str) -> None:
        """Ready for another try; what was typed is still there."""
        self._trying = None
        self._lock(trying=False)
        self.judge()
        self._tell(text, tone)
        self._first_key().setFocus()

    def _lock(self, *, trying: bool) -> None:
        for part in (self.broker, self.mode, self.name, self.keys, self.typed, self.go):
            part.setEnabled(not trying)
        self.busy.setVisible(trying)

    def _tell(self, text: str, tone: str = "") -> None:
        self.note.setText(text)
        self.note.setAccessibleName(text)
        set_tone(self.note, tone)

    def _first_key(self) -> QWidget:
        return next(iter(self.keys.fields.values()), self.name)

    def stop(self) -> bool:
        """Stop trying the keys; False when nothing was tried."""
        if self._trying is None:
            return False
        self._trying.cancel()
        return True

    def reject(self) -> None:
        """Stop trying; a second time close, with nothing stored."""
        if self.stop():
            return
        self.keys.forget()
        super().reject()


async def ask_account(
    theme: Theme, parent: QWidget, desk: AccountDesk, spawn: Spawn
) -> tuple[AccountRecord, Found] | None:
    """Ask for keys, try and store them; None when the person thought better of it."""
    dialog = AccountDialog(theme, parent, desk, spawn)
    try:
        return dialog.added if await answered(dialog) else None
    finally:
        dialog.left = True
        dialog.stop()


def found_words(found: Found) -> str:
    """What a sign-in found, in a sentence."""
    account = found.account
    return (
        f"Equity {money(account.equity)}, buying power {money(account.buying_power)}; "
        f"{found.positions} positions, {found.open_orders} open orders."
    )

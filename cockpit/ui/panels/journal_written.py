"""What is kept beside the trades that the journal shows: entries, and how far the price went."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cockpit.domain.excursion import Excursion
from cockpit.ports.entries import JournalEntry
from cockpit.ui.asking import ask

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.ports.store import Store


class Written(QObject):
    """Of one account at a time; `changed` tells that entries are there.

    `of_trades` and `excursions` go by trade id, `of_days` by day.
    """

    changed = Signal()

    def __init__(self, store: Store, commands: Commands) -> None:
        super().__init__()
        self._store, self._commands = store, commands
        self._account = ""
        self.of_trades: dict[str, JournalEntry] = {}
        self.of_days: dict[str, JournalEntry] = {}
        self.excursions: dict[str, Excursion] = {}

    def read(self, account: str) -> None:
        """Read all of an account anew; that of another one is gone at once."""
        if account != self._account:
            self._account = account
            self.of_trades, self.of_days, self.excursions = {}, {}, {}
        ask(self._commands, self._store.trade_entries(account), "read-entries",
            done=partial(self._take_trades, account))  # fmt: skip
        ask(self._commands, self._store.entries(account), "read-days",
            done=partial(self._take_days, account))  # fmt: skip
        ask(self._commands, self._store.excursions(account), "read-excursions",
            done=partial(self._take_excursions, account))  # fmt: skip

    def _take_trades(self, account: str, entries: Sequence[JournalEntry]) -> None:
        if account == self._account:  # nobody has gone on to another one meanwhile
            self.of_trades = {entry.trade_id: entry for entry in entries}
            self.changed.emit()

    def _take_days(self, account: str, entries: Sequence[JournalEntry]) -> None:
        if account == self._account:
            self.of_days = {entry.day: entry for entry in entries}
            self.changed.emit()

    def _take_excursions(self, account: str, excursions: Sequence[Excursion]) -> None:
        if account == self._account:
            self.excursions = {each.trade_id: each for each in excursions}

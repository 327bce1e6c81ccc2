"""Whose journal is looked at: the session's own account, or another one of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy

from cockpit.domain.order import Order
from cockpit.ui.asking import ask
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import quantity
from cockpit.ui.widgets.labels import label

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.books import AccountBook
    from cockpit.app.bookkeeping.shelf import Shelf
    from cockpit.app.commands import Commands
    from cockpit.journal.imported import Unmatched
    from cockpit.journal.journal import Journal
    from cockpit.journal.tradebook import TradeBook

_WIDEST = 200
_MOST_TOLD = 12

OrderOf = Callable[[str], Order | None]


class AccountChooser(QComboBox):
    """Shown once there is something to choose. `opened` asks for the names anew.

    The first one is always the session's own.
    """

    opened = Signal()
    chosen = Signal(str)

    def __init__(self, own: str) -> None:
        super().__init__()
        self._own = own
        self.setAccessibleName("Account")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMaximumWidth(_WIDEST)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._on_activated)
        self.offer(())

    @property
    def account(self) -> str:
        """The account that stands here."""
        return str(self.currentData())

    def offer(self, others: Sequence[str]) -> None:
        """Offer these beside the session's own; what is chosen stays while it is among them."""
        now = self.account if self.count() else self._own
        names = [self._own, *(name for name in others if name != self._own)]
        if names != [self.itemData(place) for place in range(self.count())]:
            self.clear()
            self.addItem("This session", self._own)
            self.setItemData(0, self._own, Qt.ItemDataRole.ToolTipRole)
            for name in names[1:]:
                self.addItem(name, name)
        self.turn_to(now)
        self.setVisible(len(names) > 1)

    def turn_to(self, account: str) -> None:
        """Let an account stand here, unasked; the session's own where it is not offered."""
        self.setCurrentIndex(max(self.findData(account), 0))
        self.setToolTip(f"Whose journal is shown: {self.account}")

    def showPopup(self) -> None:
        """Open, and have the names read anew for the next time."""
        self.opened.emit()
        super().showPopup()

    def _on_activated(self, place: int) -> None:
        self.chosen.emit(str(self.itemData(place)))


class Accounts(QObject):
    """The book that the journal shows, and the way to another one.

    `turned` tells that there is another one, `failed` why there is not. `may_turn` refuses while
    something is not saved. `wanted` is looked at first, where there is an account of that name.
    """

    turned = Signal()
    failed = Signal(str)

    def __init__(
        self,
        own: Journal,
        orders: OrderOf,
        shelf: Shelf | None,
        commands: Commands,
        theme: Theme,
        *,
        wanted: str,
        may_turn: Callable[[TradeBook], bool],
    ) -> None:
        super().__init__()
        self._own, self._orders, self._shelf, self._commands = own, orders, shelf, commands
        self._wanted, self._may_turn = wanted if shelf is not None else "", may_turn
        self.book: TradeBook = own
        self.order: OrderOf = orders
        self.unread = shelf is not None
        self.chooser = AccountChooser(own.account_id)
        self.chooser.chosen.connect(self.look_at)
        self.chooser.opened.connect(self.read)
        self.unmatched = label(theme, "", FontRole.CAPTION, "warning")
        self.unmatched.setContentsMargins(Space.S, 0, Space.S, Space.XS)
        self.unmatched.hide()

    @property
    def remembered(self) -> str:
        """The account to look at next time; empty for the session's own."""
        return self._wanted or ("" if self.book is self._own else self.book.account_id)

    def read(self) -> None:
        """Learn which accounts there are."""
        self.unread = False
        if self._shelf is not None:
            ask(self._commands, self._shelf.accounts(), "journal-accounts", done=self._offer)

    def look_at(self, account: str) -> None:
        """Show the journal of another account, or of the session's own again."""
        self.chooser.turn_to(account)
        if self._shelf is None or account == self._own.account_id:
            self._turn(self._own, self._orders)
            return
        ask(self._commands, self._shelf.book(account), "journal-book",
            done=partial(self._found, account), failed=self._not_read)  # fmt: skip

    def changed(self, accounts: Sequence[str]) -> None:
        """Something was imported for these, or taken back."""
        self.read()
        if self.book is not self._own and self.book.account_id in accounts:
            self.look_at(self.book.account_id)

    def _offer(self, names: Sequence[str]) -> None:
        self.chooser.offer(names)
        wanted, self._wanted = self._wanted, ""
        if wanted in names and wanted != self._own.account_id:
            self.look_at(wanted)

    def _not_read(self, why: str) -> None:
        self.chooser.turn_to(self.book.account_id)
        self.failed.emit(why)

    def _found(self, account: str, found: AccountBook | None) -> None:
        if account != self.chooser.account:
            return  # another one was chosen meanwhile
        if found is None:  # its import was taken back
            self._turn(self._own, self._orders)
            return
        found.trades.sessions = self._own.sessions
        self._turn(found.trades, found.orders.get, found.unmatched)

    def _turn(self, book: TradeBook, order: OrderOf, unmatched: Sequence[Unmatched] = ()) -> None:
        if not self._may_turn(book):
            self.chooser.turn_to(self.book.account_id)
            return
        self.book, self.order = book, order
        self.chooser.turn_to(book.account_id)
        self.unmatched.setText(f"{len(unmatched)} not matched: hover here for the reasons")
        self.unmatched.setAccessibleDescription(_told(unmatched))
        self.unmatched.setToolTip(_told(unmatched))
        self.unmatched.setVisible(bool(unmatched))
        self.turned.emit()


def _told(unmatched: Sequence[Unmatched]) -> str:
    """What stands in no trade and no position, and why, a line each."""
    told = [f"{quantity(each.quantity)} {each.symbol}: {each.reason}" for each in unmatched]
    more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    return "\n".join(["In no trade and no position:", *told[:_MOST_TOLD], *more])

"""What a person asks of the triggers: the dialog, and the answer handed to the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cockpit.market.triggers import Trigger
from cockpit.ui.deck import Deck
from cockpit.ui.dialogs.trigger import TriggerDialog, ask_trigger
from cockpit.ui.theme import Theme

if TYPE_CHECKING:
    from cockpit.app.core import Core
    from cockpit.ui.spawning import Spawn


class TriggerActions:
    """Verbs of triggers; the panel and the chart ask for them."""

    def __init__(self, core: Core, deck: Deck, window: QWidget, theme: Theme, spawn: Spawn) -> None:
        self._core, self._deck, self._window = core, deck, window
        self._theme, self._spawn = theme, spawn
        deck.triggers.edit_requested.connect(self._edit)
        deck.charts.trigger_requested.connect(self.make)

    def make(self, symbol: str = "", when: str = "") -> None:
        """Ask for a new one, for the chosen symbol unless another is named."""
        chosen = symbol or self._deck.linked.current.symbol or ""
        self._ask(None, chosen, when)

    def _edit(self, before: Trigger | None) -> None:
        if before is None:
            self.make()
        else:
            self._ask(before, before.symbol, before.when)

    def _ask(self, before: Trigger | None, symbol: str, when: str) -> None:
        self._deck.docks.show_panel("triggers")
        if self._core.triggers is not None:
            self._spawn(self._asked(before, symbol, when), "trigger")

    async def _asked(self, before: Trigger | None, symbol: str, when: str) -> None:
        book = self._core.book
        dialog = TriggerDialog(
            self._theme,
            self._window,
            list(book.symbols),
            book.mark,
            before,
            symbol=symbol,
            when=when,
        )
        wanted = await ask_trigger(dialog)
        if wanted is not None:
            replaces = before.name if before is not None else ""
            self._deck.triggers.keep(wanted, replaces=replaces)

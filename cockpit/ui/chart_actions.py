"""What a person asks of charts and links: one more, one less, another symbol, another group."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow

from cockpit.domain.alert import Severity
from cockpit.ui.chart_room import MOST
from cockpit.ui.deck import Deck
from cockpit.ui.dialogs.base import answered
from cockpit.ui.dialogs.palette import Palette
from cockpit.ui.links import Link
from cockpit.ui.models.palette import Entry
from cockpit.ui.order_actions import OrderActions
from cockpit.ui.spawning import Spawn
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.link_badge import LinkBadge
from cockpit.ui.widgets.toast import Toasts

if TYPE_CHECKING:
    from cockpit.app.core import Core


class ChartActions:
    """Verbs of charts; what they ask about orders goes to `orders`."""

    def __init__(  # noqa: PLR0917 -- rooms first, then what shows them
        self,
        core: Core,
        deck: Deck,
        orders: OrderActions,
        window: QMainWindow,
        theme: Theme,
        toasts: Toasts,
        spawn: Spawn,
    ) -> None:
        self._core, self._deck, self._window = core, deck, window
        self._theme, self._toasts, self._spawn = theme, toasts, spawn
        charts = deck.charts
        charts.order_requested.connect(orders.new_order_at)
        charts.move_requested.connect(orders.move)
        charts.change_requested.connect(orders.change)
        charts.cancel_requested.connect(orders.cancel)
        charts.symbol_requested.connect(self.choose_symbol)

    def new(self) -> None:
        """Open one more chart beside the others."""
        if self._deck.charts.open(self._deck.linked.current) is None:
            text = f"{MOST} charts are open. Close one of them first."
            self._toasts.tell(Severity.NOTICE, "No more charts", text)

    def close(self) -> None:
        """Close the chart in use, unless it is the first."""
        chart = self._deck.linked.current_id
        if chart in self._deck.charts.further:
            self._deck.charts.close(chart)
        else:
            text = "Click a chart you opened; the first one stays and is hidden under View, Panels."
            self._toasts.tell(Severity.INFO, "No chart to close", text)

    def link_panel(self) -> None:
        """Choose the link group of the panel in use."""
        badge = self._deck.docks.badge(self._deck.linked.current_id)
        if isinstance(badge, LinkBadge):
            badge.open_menu()

    def symbols(self, link: Link) -> list[Entry]:
        """All symbols, as entries that choose one for `link`."""
        return [Entry("Symbol", s, "", partial(link.choose, s)) for s in self._core.book.symbols]

    def choose_symbol(self, link: Link) -> None:
        """Ask for the symbol of one panel, and so of its group."""
        self._spawn(self._choose_symbol(link), "choose-symbol")

    async def _choose_symbol(self, link: Link) -> None:
        palette = Palette(self._theme, self._window, self.symbols(link), lambda _words: None)
        palette.field.setPlaceholderText("A symbol")
        await answered(palette)
        if palette.chosen is not None:
            palette.chosen.run()

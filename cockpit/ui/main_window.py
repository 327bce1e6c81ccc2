"""The window: docks and menus, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow

from cockpit.ui.selection import DEFAULT_GROUP
from cockpit.ui.start_view import StartView
from cockpit.ui.theme import Theme
from cockpit.ui.window_place import place_of, take_place
from cockpit.ui.workspace import Workspace, encoded

if TYPE_CHECKING:
    from cockpit.app.core import Core
    from cockpit.ui.actions import Actions
    from cockpit.ui.bridge import Bridge
    from cockpit.ui.deck import Deck
    from cockpit.ui.drawings import Drawings
    from cockpit.ui.menus import Menus
    from cockpit.ui.selection import Selection
    from cockpit.ui.spawning import Spawn

SMALLEST = QSize(1100, 640)


class MainWindow(QMainWindow):
    """First a start view; after `attach` the deck. Closing only asks: `quit_requested`."""

    quit_requested = Signal()

    def __init__(self, theme: Theme, workspace: Workspace, what: str) -> None:
        super().__init__()
        self._theme = theme
        self._workspace = workspace
        self._closing = False
        self.deck: Deck | None = None
        self.actions_: Actions | None = None
        self.menus: Menus | None = None
        self.selection: Selection | None = None
        self.drawings: Drawings | None = None
        self.setWindowTitle(f"Cockpit, {what}")
        self.setAccessibleName("Cockpit")
        self.start_view = StartView(theme, what)
        self.setCentralWidget(self.start_view)
        # an empty bar of the final height: nothing jumps when the menus come
        self.menuBar().addMenu("&File").addAction("&Quit", self.close)
        self.menuBar().setAccessibleName("Menu bar")
        take_place(self, workspace.window, SMALLEST)

    def attach(self, core: Core, bridge: Bridge, spawn: Spawn) -> bool:
        """Fill the window; False when the saved layout could not be used and the default stands."""
        from cockpit.ui import drawings
        from cockpit.ui.actions import Actions
        from cockpit.ui.deck import Deck
        from cockpit.ui.layouts import Layouts
        from cockpit.ui.menus import Menus
        from cockpit.ui.panels import Parts
        from cockpit.ui.selection import Selection

        self.selection = Selection(self)
        self._choose_symbols(self.selection, list(core.book.symbols))
        self.drawings = drawings.load(core.data_dir)
        self.deck = Deck(
            Parts(core, bridge, self._theme, self.selection, self._workspace, self.drawings)
        )
        self.setCentralWidget(self.deck)
        self.setWindowTitle(_title(core))
        self.actions_ = Actions(core, self.deck, self, self._theme, spawn)
        keys = self._workspace.keys
        self.menus = Menus(self, self.actions_, self._theme, self.close, keys)
        self.deck.docks.proportion(self.width(), self.height())
        kept, linked = self._workspace, self.deck.linked
        layouts = Layouts(self.deck.docks, kept.layouts, kept.layout, linked, kept.members)
        self.actions_.layouts = layouts
        linked.take(kept.panels)
        fits = not kept.docks_bytes or self.deck.docks.restore(kept.docks_bytes)
        if not fits:
            layouts.restore_default(self.size())
        return fits

    def _choose_symbols(self, selection: Selection, known: Sequence[str]) -> None:
        """As they were, as far as the feed still has them; the first group has always one."""
        saved = self._workspace.symbol
        if known:
            selection.select(saved if saved in known else known[0])
        for group, symbol in self._workspace.symbols.items():
            if symbol in known:
                selection.select(symbol, group)

    def fail(self, text: str) -> None:
        """Show why the core did not come up."""
        self.start_view.fail(text)

    def workspace(self) -> Workspace:
        """What should be remembered now."""
        before = self._workspace
        layouts = self.actions_.layouts if self.actions_ else None
        return Workspace(
            window=place_of(self),
            docks=encoded(self.deck.docks.save()) if self.deck else before.docks,
            scheme=self._theme.scheme,
            blue_orange=self._theme.blue_orange,
            reduced_motion=self._theme.reduced_motion,
            symbol=(self.selection.symbol() or "") if self.selection else before.symbol,
            chart=self.deck.chart.look if self.deck else before.chart,
            keys=self.menus.chosen_keys if self.menus else before.keys,
            layouts=layouts.kept() if layouts else before.layouts,
            layout=layouts.current if layouts else before.layout,
            symbols=self._further_symbols(),
            panels=self.deck.linked.kept() if self.deck else before.panels,
            members=layouts.kept_panels() if layouts else before.members,
            journal_account=self.deck.journal.accounts.remembered
            if self.deck
            else before.journal_account,
        )

    def _further_symbols(self) -> dict[int, str]:
        """Of the groups beyond the first."""
        if self.selection is None:
            return self._workspace.symbols
        return {g: s for g, s in self.selection.symbols.items() if g != DEFAULT_GROUP}

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the application; it closes the window once everything is stopped."""
        if self._closing:
            event.accept()
            return
        event.ignore()
        self.quit_requested.emit()

    def finish(self) -> None:
        """Close for good."""
        self._closing = True
        if self.actions_ is not None:
            self.actions_.close()
        if self.deck is not None and self.deck.pictures is not None:
            self.deck.pictures.close()
        self.close()


def _title(core: Core) -> str:
    label = f", {core.feed_label}" if core.feed_label else ""
    viewer = "" if core.viewing is None else "VIEWER, "
    return (
        f"Cockpit, {viewer}{core.mode.value.upper()}{label}, {core.account_name or core.account_id}"
    )

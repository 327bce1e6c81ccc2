"""The watchlist: live prices, and the symbol everything else follows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.links import Link
from cockpit.ui.models.watchlist import WatchRows, columns
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.blotter import Blotter


class WatchlistPanel(QWidget):
    """Symbols with live prices; a click or the arrows choose the symbol of its link.

    `bars` adds the session's sparkline, `symbols` says which symbols (all the book has).
    """

    def __init__(
        self,
        book: Book,
        bridge: Bridge,
        theme: Theme,
        link: Link,
        *,
        bars: BarBook | None = None,
        symbols: Callable[[], list[str]] | None = None,
    ) -> None:
        super().__init__()
        self.link = link
        self.setAccessibleName("Watchlist panel")
        self.blotter = Blotter(
            columns(),
            WatchRows(book, bars, symbols),
            theme,
            title="Watchlist",
            empty="No symbols yet. They appear with the first prices of the feed.",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.blotter)
        self.blotter.current_changed.connect(link.choose)
        self.blotter.activated.connect(link.choose)
        link.changed.connect(self.blotter.select)
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _on_frame(self, frame: Frame) -> None:
        if frame.symbols or frame.bars or frame.heartbeat or frame.everything:
            self.blotter.refresh()

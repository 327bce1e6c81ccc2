"""Positions: what is held, what it cost, what it is worth now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cockpit.domain.events import FillBooked, OrderChanged, PositionChanged
from cockpit.domain.position import Position
from cockpit.market.book import Book
from cockpit.trading.portfolio import Portfolio
from cockpit.ui.bridge import MONEY, Bridge, Frame
from cockpit.ui.dialogs.base import CockpitDialog
from cockpit.ui.dialogs.confirm import confirm
from cockpit.ui.links import Link
from cockpit.ui.models.positions import PositionRows, columns
from cockpit.ui.theme import Theme
from cockpit.ui.theme.format import quantity
from cockpit.ui.widgets.blotter import Blotter, RowAction

if TYPE_CHECKING:
    from cockpit.app.commands import Commands

_MOVING = (FillBooked, PositionChanged, OrderChanged)
_FLATTEN, _PROTECT = "flatten", "protect"


class PositionsPanel(QWidget):
    """Held positions first, then those closed today; Flatten asks before it acts."""

    protect_requested = Signal(str)  # symbol

    def __init__(  # noqa: PLR0917 (rooms first, then bridge, theme, link, as in all panels)
        self,
        portfolio: Portfolio,
        book: Book,
        commands: Commands,
        bridge: Bridge,
        theme: Theme,
        link: Link,
        *,
        exits: Callable[[Position], str] = lambda _position: "",
    ) -> None:
        super().__init__()
        self._portfolio, self._commands, self._theme = portfolio, commands, theme
        self.link = link
        self.setAccessibleName("Positions panel")
        rows = PositionRows(portfolio, book, exits)
        self.blotter = Blotter(
            columns(),
            rows,
            theme,
            title="Positions",
            empty="No positions. A filled order appears here at once.",
            actions=[
                RowAction(_FLATTEN, "Flatten", rows.held),  # the first is what Delete asks for
                RowAction(_PROTECT, "Protect...", rows.held),
            ],
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.blotter)
        self.question: CockpitDialog | None = None
        self.blotter.current_changed.connect(link.choose)
        self.blotter.action_requested.connect(self._act)
        link.changed.connect(self.blotter.select)
        self.destroyed.connect(bridge.on_frame(self._on_frame, every=6, turn=MONEY))

    def _on_frame(self, frame: Frame) -> None:
        if frame.symbols or frame.heartbeat or frame.touched(*_MOVING):
            self.blotter.refresh()

    def _act(self, action: str, symbol: str) -> None:
        position = self._portfolio.position(symbol)
        if action == _PROTECT and not position.flat:
            self.protect_requested.emit(symbol)
            return
        if action != _FLATTEN or position.flat:
            return
        verb = "Sell" if position.quantity > 0 else "Buy back"
        self.question = confirm(
            self._theme,
            self,
            title=f"Flatten {symbol}?",
            text=f"{verb} {quantity(abs(position.quantity))} {symbol} at the market and cancel "
            f"every working order on it.",
            verb=f"Flatten {symbol}",
            yes=lambda: self._flatten(symbol),
        )

    def _flatten(self, symbol: str) -> None:
        self._commands.run(self._commands.flatten(symbol), "flatten")

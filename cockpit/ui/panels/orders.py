"""Orders: what was asked for, where each stands, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from cockpit.domain.events import FillBooked, OrderChanged
from cockpit.domain.order import OrderState
from cockpit.ports.clock import Clock
from cockpit.trading.orders import OrderBook
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.links import Link
from cockpit.ui.models.orders import OrderRows, can_cancel, can_change, columns
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.blotter import Blotter, RowAction

if TYPE_CHECKING:
    from cockpit.app.commands import Commands

_CANCEL, _CHANGE, _RESOLVE = "cancel", "change", "resolve"
_NOTHING_OPEN = "No open orders. What is sent or waits for approval appears here."
_NOTHING = "No orders today."


class OrdersPanel(QFrame):
    """Newest first, open ones or all; a row's Cancel acts at once, as cancels must.

    `resolve_requested` names an order that a person takes for absent at the broker,
    `change_requested` one that is to get another size or price.
    """

    change_requested = Signal(str)
    resolve_requested = Signal(str)

    def __init__(  # noqa: PLR0917 (rooms first, then bridge, theme, link, as in all panels)
        self,
        orders: OrderBook,
        clock: Clock,
        commands: Commands,
        bridge: Bridge,
        theme: Theme,
        link: Link,
    ) -> None:
        super().__init__()
        self._commands, self._theme, self._clock = commands, theme, clock
        self.link = link
        self.setProperty("kind", "panel")
        self.setAccessibleName("Orders panel")
        self.rows = OrderRows(orders, clock.now_ns)
        self.blotter = Blotter(
            columns(),
            self.rows,
            theme,
            title="Orders",
            empty=_NOTHING_OPEN,
            actions=[
                RowAction(_CANCEL, "Cancel", self._can_cancel),
                RowAction(_CHANGE, "Change...", self._can_change),
                RowAction(
                    _RESOLVE, "It is not at the broker...", self._unanswered, self._resolvable
                ),
            ],
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._filter_bar())
        layout.addWidget(self.blotter)
        self.blotter.current_changed.connect(self._choose)
        self.blotter.action_requested.connect(self._act)
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def show_only_open(self, only_open: bool) -> None:
        """Filter: the open orders, or all of the day."""
        self.rows.only_open = only_open
        self.open_button.setChecked(only_open)
        self.all_button.setChecked(not only_open)
        self.blotter.set_empty_text(_NOTHING_OPEN if only_open else _NOTHING)
        self.blotter.refresh()

    def _filter_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(Space.S, Space.XS, Space.S, Space.XS)
        bar.setSpacing(Space.XS)
        choice = QButtonGroup(self)
        self.open_button = self._button("Open", "Show open orders", choice, checked=True)
        self.all_button = self._button("All", "Show all orders", choice, checked=False)
        self.open_button.clicked.connect(lambda: self.show_only_open(only_open=True))
        self.all_button.clicked.connect(lambda: self.show_only_open(only_open=False))
        bar.addWidget(self.open_button)
        bar.addWidget(self.all_button)
        bar.addStretch(1)
        return bar

    def _button(self, text: str, name: str, choice: QButtonGroup, *, checked: bool) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("kind", "quiet")
        button.setFont(self._theme.font(FontRole.CAPTION))
        button.setCheckable(True)
        button.setChecked(checked)
        button.setAccessibleName(name)
        choice.addButton(button)
        return button

    def _on_frame(self, frame: Frame) -> None:
        if frame.touched(OrderChanged, FillBooked):
            total, still_open = len(self.rows.all_keys()), self.rows.open_count()
            self.open_button.setText(f"Open {still_open}" if still_open else "Open")
            self.all_button.setText(f"All {total}" if total else "All")
            self.blotter.refresh()
        elif frame.heartbeat and self.rows.unknown():
            self.blotter.refresh()

    def _unanswered(self, key: str) -> bool:
        order = self.rows.order(key)
        return order is not None and order.state is OrderState.UNKNOWN

    def _resolvable(self, key: str) -> bool:
        return self._unanswered(key) and self._commands.resolvable(key)

    def _can_cancel(self, key: str) -> bool:
        order = self.rows.order(key)
        return order is not None and can_cancel(order)

    def _can_change(self, key: str) -> bool:
        order = self.rows.order(key)
        return order is not None and can_change(order)

    def _choose(self, key: str) -> None:
        order = self.rows.order(key)
        if order is not None:
            self.link.choose(order.symbol)

    def _act(self, action: str, key: str) -> None:
        if action == _CANCEL and self._can_cancel(key):
            self._commands.run(self._commands.cancel(key), "cancel")
        elif action == _CHANGE and self._can_change(key):
            self.change_requested.emit(key)
        elif action == _RESOLVE and self._resolvable(key):
            self.resolve_requested.emit(key)

"""The queue of proposals: approve, edit or kill, by click or by key."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from cockpit.domain.approval import ApprovalRequest
from cockpit.domain.events import (
    ApprovalRequested,
    ApprovalResolved,
    OrderChanged,
    TradingStateChanged,
)
from cockpit.domain.limits import TradingState
from cockpit.domain.order import Order
from cockpit.ui import words
from cockpit.ui.asking import ask
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.models.orders import outcome_of
from cockpit.ui.panels.approval_card import ApprovalCard, holds_focus
from cockpit.ui.panels.approval_edit import Edit
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.empty import EmptyState
from cockpit.ui.widgets.labels import label

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.market.book import Book
    from cockpit.ports.clock import Clock
    from cockpit.trading.approvals import Approvals
    from cockpit.trading.state import TradingSwitch

T = TypeVar("T")

SLIP_MS = 350
MOVED = "The proposals moved a moment ago. Click again if you mean this one."
"""A key press this soon after another card moved up was meant for the one before it."""


RESULT_MS = 8_000
LAPSED = "APPROVAL_EXPIRED"
KEYS_OFF = "Disarmed: keys send nothing. Click Approve, or arm first (Ctrl+Shift+A)."


class ApprovalsPanel(QWidget):
    """Cards, oldest first; A, E and K act on the current one, wherever the window's focus is."""

    def __init__(
        self,
        *,
        approvals: Approvals,
        commands: Commands,
        book: Book,
        switch: TradingSwitch,
        clock: Clock,
        bridge: Bridge,
        theme: Theme,
        keys_off: Callable[[], bool] = lambda: False,
        read_only: bool = False,
        order: Callable[[str], Order | None] = lambda _id: None,
    ) -> None:
        super().__init__()
        self._approvals, self._commands, self._book = approvals, commands, book
        self._switch, self._clock, self._theme = switch, clock, theme
        self._keys_off = keys_off
        self._read_only = read_only
        self._order = order
        self._approved: Order | None = None
        self.cards: dict[str, ApprovalCard] = {}
        self._current: str | None = None
        self._since_slip = QElapsedTimer()
        self._since_move = QElapsedTimer()
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.timeout.connect(self._hide_result)
        self._build()
        self.approve_action = self._action("Approve current proposal", "A", self.approve_current)
        self.edit_action = self._action("Edit current proposal", "E", self.edit_current)
        self.kill_action = self._action("Kill current proposal", "K", self.kill_current)
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _build(self) -> None:
        self.setAccessibleName("Approvals")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.result = label(self._theme, "", FontRole.CAPTION, "muted", wrap=True)
        self.result.setContentsMargins(Space.M, Space.XS, Space.M, Space.S)
        self.result.hide()
        self._stack = QStackedWidget()
        whole.addWidget(self._stack, 1)
        whole.addWidget(self.result)  # below: a line that comes and goes must move no button
        self._empty = EmptyState(
            self._theme,
            "approvals",
            "Nothing waits for you",
            "When a strategy proposes a trade it appears here with its reason and its limits. "
            "Press A to approve it, E to edit, K to kill.",
        )
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        self._column.setSpacing(Space.S)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        self._scroll.setAccessibleName("Proposals")
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._scroll)

    def _action(self, text: str, key: str, act: object) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.setAutoRepeat(False)  # a key held down must not approve the whole queue
        action.triggered.connect(act)
        action.setEnabled(False)
        self.addAction(action)
        return action

    # What the keys do.

    @property
    def current(self) -> ApprovalCard | None:
        """The card that the keys act on."""
        return self.cards.get(self._current or "")

    def approve_current(self) -> None:
        """Approve the current card's order, by the key: where real orders follow, while armed."""
        if (card := self._meant()) is None or not card.approve_button.isEnabled():
            return
        if self._keys_off():
            card.say(KEYS_OFF, "warning")
        else:
            self._approve(card.request.request_id)

    def edit_current(self) -> None:
        """Open the current card's form."""
        if (card := self.current) is not None:
            card.open_edit()

    def kill_current(self) -> None:
        """Refuse the current card's order."""
        if (card := self._meant()) is not None and card.kill_button.isEnabled():
            self._kill(card.request.request_id)

    def _meant(self) -> ApprovalCard | None:
        card = self.current
        if card is not None and not self._still_waits(card.request.request_id):
            self._sync()  # it ended within this frame: the person saw the last of it
            self._tell("That proposal ended a moment ago. Nothing was sent.")
            return None
        slipped = self._since_slip.isValid() and self._since_slip.elapsed() < SLIP_MS
        if card is not None and slipped:
            card.say("This is the next proposal. Press again if you mean it.", "muted")
            return None
        return card

    def _clicked(self, act: Callable[[str], None], request_id: str) -> None:
        """A click on a button that came under the pointer a moment ago was meant for another."""
        moved = self._since_move.isValid() and self._since_move.elapsed() < SLIP_MS
        if moved:
            self.cards[request_id].say(MOVED, "muted")
        else:
            act(request_id)

    def _still_waits(self, request_id: str) -> bool:
        return any(r.request_id == request_id for r in self._approvals.waiting())

    # What a decision does. The card may be gone before its answer comes: it is looked up anew.

    def _approve(self, request_id: str) -> None:
        self.cards[request_id].show_busy("Checking the limits again and sending...")

        def done(order: Order) -> None:
            self._tell("")
            self._approved = order
            self._follow_approved()

        self._ask(request_id, self._commands.approve(request_id), "approve", done)

    def _kill(self, request_id: str) -> None:
        self.cards[request_id].show_busy("Killing...")

        def done(order: Order) -> None:
            self._tell(f"Killed: {words.order_sentence(order.intent)}. Nothing was sent.")

        self._ask(request_id, self._commands.kill(request_id), "kill", done)

    def _edit(self, request_id: str, edit: Edit) -> None:
        card = self.cards[request_id]
        if edit.quantity is None and edit.limit_price is None:
            card.form.close_form()
            return
        card.show_busy("Checking the changed order...")

        def done(_request: ApprovalRequest) -> None:
            if (still := self.cards.get(request_id)) is not None:
                still.show_saved()

        body = self._commands.edit(request_id, quantity=edit.quantity, limit_price=edit.limit_price)
        self._ask(request_id, body, "edit", done)

    def _ask(
        self,
        request_id: str,
        body: Coroutine[Any, Any, T],
        name: str,
        done: Callable[[T], None],
    ) -> None:
        def failed(why: str) -> None:
            if (still := self.cards.get(request_id)) is not None:
                still.show_failed(why)

        ask(self._commands, body, name, done=done, failed=failed)

    def _follow_approved(self) -> None:
        """What became of the one approved last, for as long as it is told: its fill, too."""
        if self._approved is None:
            return
        order = self._order(self._approved.client_order_id) or self._approved
        text = f"Approved: {words.order_sentence(order.intent)}, {outcome_of(order)}"
        if text != self.result.text():
            self._approved = order
            self._show_result(text)

    def _tell(self, text: str) -> None:
        self._approved = None
        self._show_result(text)

    def _show_result(self, text: str) -> None:
        self.result.setText(text)
        self.result.setAccessibleName(text)
        self.result.setVisible(True)
        self._forget.start(RESULT_MS)

    def _hide_result(self) -> None:
        self._approved = None
        self.result.hide()

    # What a frame shows.

    def _on_frame(self, frame: Frame) -> None:
        if frame.touched(ApprovalRequested, ApprovalResolved):
            self._sync()
        if frame.touched(TradingStateChanged):
            self._show_halt()
        if frame.touched(OrderChanged):
            self._follow_approved()
        for card in self.cards.values():
            symbol = card.request.order.symbol
            if frame.everything or frame.heartbeat or symbol in frame.symbols:
                card.show_market(self._book.quote(symbol), self._book.age_s(symbol))
                card.show_time(self._clock.now_ns())

    def _sync(self) -> None:
        waiting = {request.request_id: request for request in self._approvals.waiting()}
        for gone in [key for key in self.cards if key not in waiting]:
            self._remove(gone)
        for key, request in waiting.items():
            if key not in self.cards:
                self._add(request)
            elif request is not self.cards[key].request:
                self.cards[key].show_request(request)
        self._choose(self._current if self._current in self.cards else next(iter(self.cards), None))
        self._turn_to(self._scroll if self.cards else self._empty)
        self._show_halt()

    def _turn_to(self, page: QWidget) -> None:
        if page is not self._stack.currentWidget():
            self._take_focus_of(self._stack)
            self._stack.setCurrentWidget(page)

    def _take_focus_of(self, part: QWidget) -> bool:
        # Before `part` is hidden: Qt would hand the focus on to another card's Approve
        # button or to the kill switch, and the next Space would act there.
        if held := holds_focus(part):
            self.setFocus()
        return held

    def _add(self, request: ApprovalRequest) -> None:
        instrument = self._book.instrument(request.order.symbol)
        tick = words.TICK if instrument is None else Decimal(instrument.tick)
        card = ApprovalCard(request, self._theme, tick)
        card.buttons.setEnabled(not self._read_only)
        card.approve.connect(partial(self._clicked, self._approve))
        card.kill.connect(partial(self._clicked, self._kill))
        card.edited.connect(self._edit)
        card.chosen.connect(self._choose)
        self.cards[request.request_id] = card
        self._column.insertWidget(self._column.count() - 1, card)
        symbol = request.order.symbol
        card.show_market(self._book.quote(symbol), self._book.age_s(symbol))
        card.show_time(self._clock.now_ns())

    def _remove(self, request_id: str) -> None:
        if list(self.cards)[-1] != request_id:
            self._since_move.start()  # those below come up under the pointer
        card = self.cards.pop(request_id)
        self._tell_lapse(card)
        focused = self._take_focus_of(card)
        if focused or request_id == self._current:
            self._since_slip.start()  # keys on their way were meant for this one
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _tell_lapse(self, card: ApprovalCard) -> None:
        """A proposal that nobody decided is gone; figures typed into its form are kept in words."""
        order = self._order(card.request.request_id)
        if order is None or order.reason_code != LAPSED:
            return
        sentence, typed = words.order_sentence(card.request.order.intent), card.form.typed
        kept = f" You had typed {typed}." if typed else ""
        self._tell(f"Lapsed: {sentence}. Nothing was sent.{kept}")
        if typed:
            self._forget.stop()  # it stands until something else is told

    def _choose(self, request_id: str | None) -> None:
        if request_id != self._current and self._current is None:
            self._since_slip.invalidate()  # the first card: nobody aimed at another one
        self._current = request_id
        for key, card in self.cards.items():
            card.show_current(key == request_id)
        for action in (self.approve_action, self.edit_action, self.kill_action):
            action.setEnabled(request_id is not None and not self._read_only)

    def _show_halt(self) -> None:
        halted = self._switch.state is TradingState.HALTED
        reason = f"Trading is halted: {self._switch.reason or 'by you'}." if halted else ""
        for card in self.cards.values():
            card.show_halted(reason)

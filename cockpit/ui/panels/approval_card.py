"""One proposal: what, why, the market now, the limits it moves, and how long it waits."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cockpit.domain.approval import ApprovalRequest
from cockpit.domain.market import Quote
from cockpit.domain.order import Side
from cockpit.ui import words
from cockpit.ui.panels.approval_edit import EditForm
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.bars import CountdownBar, LimitBar
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import ElidedLabel, label, set_property, set_tone
from cockpit.ui.widgets.pill import Pill

FRESH_S = 2.0  # the gate refuses older quotes
SECOND = 1_000_000_000


def holds_focus(part: QWidget) -> bool:
    """Whether the window's keyboard focus is on `part` or inside it, active window or not."""
    focus = part.window().focusWidget()
    return bool(focus) and (focus is part or part.isAncestorOf(focus))


class ApprovalCard(QFrame):
    """Shows a request and asks for a decision by signals; decides nothing itself."""

    approve = Signal(str)
    kill = Signal(str)
    edited = Signal(str, object)  # request id, approval_edit.Edit
    chosen = Signal(str)

    def __init__(self, request: ApprovalRequest, theme: Theme, tick: Decimal) -> None:
        super().__init__()
        self.request = request
        self._theme = theme
        self._tick = tick
        self._halted = ""
        self._busy = False
        self._editing = False
        self.setProperty("kind", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.M, Space.M, Space.M, Space.S)
        column.setSpacing(Space.S)
        self._head(column)
        self._reason(column)
        self._market(column)
        self._limits = QGridLayout()
        self._limits.setHorizontalSpacing(Space.S)
        self._limits.setVerticalSpacing(Space.XS)
        column.addLayout(self._limits)
        self._decision(column)
        self.countdown = CountdownBar(theme)
        column.addWidget(self.countdown)
        self.show_request(request)

    def _head(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.side = Pill(self._theme)
        self.sentence = label(self._theme, "", FontRole.TITLE, wrap=True)
        self.left = label(self._theme, "", FontRole.TITLE)
        row.addWidget(self.side, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.left, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)

    def _reason(self, column: QVBoxLayout) -> None:
        self.strategy = ElidedLabel(self._theme, "", FontRole.CAPTION, "accent")
        self.reason = label(self._theme, "", FontRole.BODY, "muted", wrap=True)
        column.addWidget(self.strategy)
        column.addWidget(self.reason)

    def _market(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.quote = label(self._theme, "", FontRole.STRONG)
        self.age = label(self._theme, "", FontRole.CAPTION, "muted")
        self.value = label(self._theme, "", FontRole.CAPTION, "muted")
        row.addWidget(self.quote)
        row.addWidget(self.age)
        row.addStretch(1)
        row.addWidget(self.value)
        column.addLayout(row)

    def _decision(self, column: QVBoxLayout) -> None:
        self.form = EditForm(self._theme)
        self.form.hide()
        self.form.saved.connect(self._on_saved)
        self.form.closed.connect(self._on_closed)
        self.note = label(self._theme, "", FontRole.CAPTION, "warning", wrap=True)
        self.note.hide()
        self.buttons = QWidget()
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        make = self._button
        self.approve_button = make("Approve (A)", "approve", self._on_approve)
        self.edit_button = make("Edit (E)", "", self.open_edit)
        self.kill_button = make("Kill (K)", "danger", self._on_kill)
        for part in (self.approve_button, self.edit_button, self.kill_button):
            row.addWidget(part, 2 if part is self.approve_button else 1)
        column.addWidget(self.form)
        column.addWidget(self.note)
        column.addWidget(self.buttons)

    def _button(self, text: str, kind: str, act: Callable[[], None]) -> QPushButton:
        made = button(self._theme, text, act, kind=kind)
        made.setMinimumWidth(made.fontMetrics().horizontalAdvance(text) + Space.L + Space.XXS)
        return made

    def show_request(self, request: ApprovalRequest) -> None:
        """Show a request, or the same one after an edit."""
        self.request = request
        intent = request.order.intent
        buys = intent.side is Side.BUY
        # What only closes is never asked about, so a sale on a card opens a short.
        self.side.show_text("▲ BUY" if buys else "▼ SELL SHORT", "up" if buys else "down")
        sentence = words.order_sentence(intent, self._tick)
        self.sentence.setText(sentence.partition(" ")[2])
        self.setAccessibleName(f"Proposal {sentence}")
        name = intent.strategy.replace("-", " ").capitalize()
        judged = fmt.new_york_time(request.verdict.ts_ns)
        self.strategy.set_text(f"{name}, limits as of {judged}")
        plan = words.plan_sentence(intent, self._tick)
        self.reason.setText("\n".join(filter(None, (intent.note, plan and f"Plan: {plan}"))))
        self.approve_button.setAccessibleName(f"Approve {sentence}")
        self.edit_button.setAccessibleName(f"Edit {sentence}")
        self.kill_button.setAccessibleName(f"Kill {sentence}")
        self._show_limits()

    def _show_limits(self) -> None:
        while (item := self._limits.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for row, result in enumerate(words.closest_limits(self.request.verdict.results)):
            before, after = words.limit_fractions(result) or (0.0, 0.0)
            bar = LimitBar(self._theme)
            bar.show_fractions(before, after, ok=result.passed and not result.warning)
            name = label(self._theme, result.control.capitalize(), FontRole.CAPTION, "muted")
            figures = label(self._theme, f"{before:.0%} → {after:.0%}", FontRole.CAPTION)
            figures.setAlignment(Qt.AlignmentFlag.AlignRight)
            for column, part in enumerate((name, bar, figures)):
                part.setToolTip(f"{result.control}: {words.limit_sentence(result)}")
                self._limits.addWidget(part, row, column, Qt.AlignmentFlag.AlignVCenter)
        self._limits.setColumnStretch(1, 1)

    def show_market(self, quote: Quote | None, age_s: float | None) -> None:
        """Show the quote of now; grey when too old for the gate."""
        if quote is None:
            self.quote.setText("no quote")
            return
        bid, ask = fmt.price(quote.bid, self._tick), fmt.price(quote.ask, self._tick)
        stale = age_s is None or age_s > FRESH_S
        self.quote.setText(f"{bid} / {ask}")
        set_tone(self.quote, "faint" if stale else "")
        self.age.setText(f"{'stale, ' if stale else ''}{fmt.age(age_s)} old")
        set_tone(self.age, "warning" if stale else "muted")
        intent = self.request.order.intent
        touch = quote.ask if intent.side is Side.BUY else quote.bid
        worst = float(intent.limit_price) if intent.limit_price is not None else touch
        self.value.setText(fmt.money(worst * float(intent.quantity), places=0))
        self.value.setToolTip("Value of the order at its limit, or at the far touch")

    def show_time(self, now_ns: int) -> None:
        """Show how long the proposal still waits."""
        left = self.request.expires_ns - now_ns
        whole = max(1, self.request.expires_ns - self.request.created_ns)
        self.left.setText(fmt.duration(left / SECOND))
        self.left.setAccessibleName(f"{self.left.text()} left")
        self.countdown.show_fraction(left / whole)
        role = self.countdown.role
        set_tone(self.left, "" if role == "accent" else role)

    def show_current(self, current: bool) -> None:
        """Mark the card that the keys act on."""
        set_property(self, "current", "true" if current else "false")

    def show_halted(self, reason: str) -> None:
        """Approving is off while trading is halted; killing never is."""
        if reason != self._halted:
            self._halted = reason
            self.say(f"{reason.rstrip('.')}. Approve is off; kill still works." if reason else "")
            self._enable()

    def show_busy(self, text: str) -> None:
        """The answer is on its way."""
        self._busy = True
        self.say(text, "muted")
        self._enable()

    def show_failed(self, text: str) -> None:
        """The core refused; say why and let the person choose again."""
        self._busy = False
        self.say(text)
        self._enable()

    def show_saved(self) -> None:
        """The edit was taken over."""
        self._busy = False
        self._end_edit()
        self.say("Changed. Approve sends the order as it stands now.", "muted")
        self._enable()

    def say(self, text: str, tone: str = "warning") -> None:
        """A line above the buttons; empty removes it."""
        self.note.setText(text)
        self.note.setAccessibleName(text)
        set_tone(self.note, tone)
        self.note.setVisible(bool(text))

    def open_edit(self) -> None:
        """Let quantity and limit be changed in place."""
        if self.edit_button.isEnabled():
            # Approve goes away meanwhile: it would send the order as it was.
            self._editing = True
            self.form.open(self.request.order.intent, self._tick)
            self.buttons.hide()
            self._enable()

    def _end_edit(self) -> None:
        self._editing = False
        self._take_focus_of(self.form)
        self.form.hide()
        self.buttons.show()
        self._enable()

    def _enable(self) -> None:
        free = not self._busy and not self._editing
        self._set_enabled(self.approve_button, free and not self._halted)
        self._set_enabled(self.edit_button, not self._busy and not self._halted)
        self._set_enabled(self.kill_button, not self._busy)

    def _set_enabled(self, part: QPushButton, enabled: bool) -> None:
        if not enabled:
            self._take_focus_of(part)
        part.setEnabled(enabled)

    def _take_focus_of(self, part: QWidget) -> None:
        # Qt would hand it to the next button, which may approve another order or halt everything.
        if holds_focus(part):
            self.setFocus()

    def _on_saved(self, edit: object) -> None:
        self.edited.emit(self.request.request_id, edit)

    def _on_approve(self) -> None:
        self.approve.emit(self.request.request_id)

    def _on_kill(self) -> None:
        self.kill.emit(self.request.request_id)

    def _on_closed(self) -> None:
        self._end_edit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click makes the card the current one."""
        self.chosen.emit(self.request.request_id)
        super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Focus inside makes the card the current one too."""
        if event.type() == QEvent.Type.FocusIn:
            self.chosen.emit(self.request.request_id)
        return super().event(event)

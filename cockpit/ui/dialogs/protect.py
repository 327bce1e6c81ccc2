"""Give a position its exits, change them, or take them away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from cockpit.domain.errors import DomainError
from cockpit.domain.order import Side
from cockpit.domain.position import Position
from cockpit.domain.protection import Protection
from cockpit.domain.values import to_decimal
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.dialogs.exit_fields import ExitFields
from cockpit.ui.models.exits import words_of
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import age, number, quantity
from cockpit.ui.widgets.labels import label, set_tone

REFRESH_MS = 250
FRESH_S = 2.0  # as the gate has it


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person wants; None takes the exits back."""

    plan: Protection | None


class ProtectDialog(CockpitDialog):
    """The position, four fields, and what will happen, in words."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        position: Position,
        *,
        mark: Callable[[], float | None],
        now: Protection | None,
        age_s: Callable[[], float | None] = lambda: 0.0,
    ) -> None:
        super().__init__(theme, f"Protect {position.symbol}", parent, width=460)
        self._position, self._mark, self._age_s, self._now = position, mark, age_s, now
        self._way = 1 if position.quantity > 0 else -1
        self._taken: Choice | None = None
        self.held = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self.body.addWidget(self.held)
        self.fields = ExitFields(theme)
        self.body.addWidget(self.fields)
        self.note = label(theme, "", FontRole.CAPTION, "muted", wrap=True)
        self.body.addWidget(self.note)
        self.go = self.end_with("Protect")
        if now is not None:
            self.fields.show_plan(now, self._way)
        self.fields.changed.connect(self.judge)
        self.fields.stop.setFocus()
        self.judge()
        timer = QTimer(self)
        timer.timeout.connect(self.judge)
        timer.start(REFRESH_MS)

    def _show_held(self) -> None:
        """What is held and its price of now, grey with its age once that is old."""
        held, mark, seconds = self._position, self._mark(), self._age_s()
        stale = seconds is None or seconds > FRESH_S
        old = f", {age(seconds)} old" if stale else ""
        price = "" if mark is None else f", now {number(mark)}{old}"
        side = "long" if self._way > 0 else "short"
        words = f"{quantity(abs(held.quantity))} at {number(held.average_cost)}{price}"
        self.held.setText(f"You are {side} {words}.")
        set_tone(self.held, "faint" if stale else "muted")

    @property
    def choice(self) -> Choice:
        """What stands in the fields, against the mark of now. Raises ValueError in words."""
        plan, mark = self.fields.plan(self._way), self._mark()
        if plan is not None:
            side = Side.BUY if self._way > 0 else Side.SELL
            try:
                plan.check(side, None if mark is None else to_decimal(mark))
            except DomainError as error:
                raise ValueError(error.user_text) from None
        return Choice(plan)

    @property
    def taken(self) -> Choice | None:
        """What was confirmed; it held against the mark of that moment."""
        return self._taken

    def accept(self) -> None:
        """Judge once more: the price went on while the fields stood there."""
        try:
            self._taken = self.choice
        except ValueError:
            self.judge()
            return
        super().accept()

    def judge(self) -> None:
        """Say what will happen, and let it happen when it can."""
        self._show_held()
        try:
            plan = self.choice.plan
        except ValueError as error:
            self._tell(str(error), "warning", enabled=False)
            return
        if plan is not None:
            self._tell(f"The core holds: {words_of(plan)}.", "muted", enabled=True)
            self.go.setText("Protect")
        elif self._now is None:
            self._tell("Give a stop or a trail.", "muted", enabled=False)
        else:
            self._tell("Its exits are taken back: nothing protects it then.", "warning",
                       enabled=True)  # fmt: skip
            self.go.setText("Take back exits")

    def _tell(self, text: str, tone: str, *, enabled: bool) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)
        self.go.setEnabled(enabled)


async def ask_protection(dialog: ProtectDialog) -> Choice | None:
    """Ask; None when the person thought better of it."""
    return dialog.taken if await answered(dialog) else None

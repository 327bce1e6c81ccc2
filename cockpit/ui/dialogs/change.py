"""Another size or price for a working order, with what that would do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import msgspec
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from cockpit.app.order_preview import OrderPreview
from cockpit.domain.errors import CockpitError
from cockpit.domain.order import Order, OrderIntent
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.dialogs.outlook import Outlook
from cockpit.ui.models.orders import describe
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import quantity
from cockpit.ui.widgets.labels import label, set_tone
from cockpit.ui.widgets.number_field import number_field, number_in


class Wanted(NamedTuple):
    """What is to change; None stays as it is."""

    quantity: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None


class ChangeDialog(CockpitDialog):
    """Only the prices that the order has can be changed; the rest of what is open is its size."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        order: Order,
        *,
        preview: Callable[[OrderIntent], OrderPreview],
    ) -> None:
        super().__init__(theme, f"Change {describe(order)}", parent, width=520)
        self._order, self._preview = order, preview
        if order.filled:
            self.say(f"{quantity(order.filled)} of it are filled; the rest is changed.")
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        self.quantity = number_field(theme, grid, 0, "Quantity", "shares")
        self.trigger = number_field(theme, grid, 1, "Trigger", "price")
        self.limit = number_field(theme, grid, 2, "Limit", "price")
        self.body.addLayout(grid)
        self.outlook = Outlook(theme)
        self.body.addWidget(self.outlook)
        self.note = label(theme, "", FontRole.CAPTION, "muted", wrap=True)
        self.body.addWidget(self.note)
        self.go = self.end_with("Change order")
        for field, value in self._fields():
            field.setText("" if value is None else f"{value.normalize():f}")
            field.setEnabled(value is not None)
            field.textChanged.connect(lambda _text="": self.judge())
        self.quantity.setFocus()
        self.judge()

    def _fields(self) -> tuple[tuple[QLineEdit, Decimal | None], ...]:
        intent = self._order.intent
        return (
            (self.quantity, self._order.remaining),
            (self.trigger, intent.stop_price),
            (self.limit, intent.limit_price),
        )

    @property
    def wanted(self) -> Wanted:
        """What differs from the order. Raises ValueError in words."""
        words = ("quantity", "trigger", "limit")
        values: list[Decimal | None] = []
        for (field, now), word in zip(self._fields(), words, strict=True):
            value = number_in(field, word) if now is not None else None
            if now is not None and value is None:
                raise ValueError(f"It still needs a {word}.")
            values.append(None if value == now else value)
        return Wanted(values[0], limit_price=values[2], stop_price=values[1])

    def judge(self) -> None:
        """Say what the change would do, and let it be made when it is one."""
        try:
            wanted = self.wanted
            changes = {k: v for k, v in wanted._asdict().items() if v is not None}
            rest = {"quantity": self._order.remaining, **changes}
            intent = msgspec.structs.replace(self._order.intent, **rest)
        except (ValueError, CockpitError) as error:
            text = error.user_text if isinstance(error, CockpitError) else str(error)
            self.outlook.clear()
            self._tell(text, "warning", ready=False)
            return
        if not changes:  # the order itself is no news, and least of all a duplicate
            self.outlook.clear()
            self._tell("Nothing is changed yet.", "muted", ready=False)
        else:
            self.outlook.show_preview(self._preview(intent))
            self._tell("The order keeps working until the broker has taken the new one.", "muted",
                       ready=True)  # fmt: skip

    def _tell(self, text: str, tone: str, *, ready: bool) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)
        self.go.setEnabled(ready)


async def ask_change(dialog: ChangeDialog) -> Wanted | None:
    """Ask; None when the person thought better of it."""
    return dialog.wanted if await answered(dialog) else None

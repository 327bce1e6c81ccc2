"""Changing a proposal in place: quantity and limit, checked before they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from cockpit.domain.order import OrderIntent
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import label
from cockpit.ui.widgets.number_field import number_field, positive


@dataclass(frozen=True, slots=True)
class Edit:
    """What the person changed; None where nothing changed."""

    quantity: Decimal | None
    limit_price: Decimal | None


class EditForm(QWidget):
    """Two fields, Save and Back; Return saves, Escape goes back."""

    saved = Signal(object)  # Edit
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._intent: OrderIntent | None = None
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Space.S)
        self.quantity = number_field(theme, grid, 0, "Quantity")
        self.limit = number_field(theme, grid, 1, "Limit")
        self.fault = label(theme, "", FontRole.CAPTION, "critical", wrap=True)
        grid.addWidget(self.fault, 2, 0, 1, 2)
        self.save_button = button(theme, "Save", self.save, kind="primary", name="Save the change")
        grid.addWidget(self.save_button, 3, 0)
        grid.addWidget(button(theme, "Back", self.close_form, name="Leave as it was"), 3, 1)

        for field in (self.quantity, self.limit):
            field.textChanged.connect(lambda _text="": self.judge())

    def _read(self) -> tuple[Decimal, Decimal | None]:
        """What stands in the fields. Raises ValueError in words."""
        quantity = positive(self.quantity.text(), "quantity")
        return quantity, positive(self.limit.text(), "limit") if self.limit.isEnabled() else None

    def judge(self) -> None:
        """Say what is wrong as it is typed; only what can be an order can be saved."""
        fault = ""
        try:
            self._read()
        except ValueError as error:
            fault = str(error)
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        self.save_button.setEnabled(not fault)

    @property
    def typed(self) -> str:
        """The figures that were changed and not saved, in words; empty without any."""
        intent = self._intent
        if self.isHidden() or intent is None:
            return ""
        was = (f"{intent.quantity:f}", "" if intent.limit_price is None else intent.limit_price)
        now = self.quantity.text().strip(), self.limit.text().strip()
        try:
            both = [(new, old) for new, old in zip(now, was, strict=True) if old != ""]
            changed = any(Decimal(new) != Decimal(old) for new, old in both)
        except ArithmeticError:
            changed = True
        limit = f", limit {now[1]}" if now[1] else ""
        return f"quantity {now[0]}{limit}" if changed else ""

    def open(self, intent: OrderIntent, tick: Decimal) -> None:
        """Show the order's values and take the focus."""
        self._intent = intent
        self.quantity.setText(fmt.quantity(intent.quantity).replace(",", ""))
        has_limit = intent.limit_price is not None
        self.limit.setEnabled(has_limit)
        price = fmt.price(intent.limit_price, tick).replace(",", "") if has_limit else ""
        self.limit.setText(price)
        self.limit.setPlaceholderText("" if has_limit else "no limit")
        self.judge()
        self.show()
        self.quantity.setFocus()
        self.quantity.selectAll()

    def save(self) -> None:
        """Send what changed, or say what is wrong with it."""
        if self._intent is None:
            return
        try:
            quantity, limit = self._read()
        except ValueError:
            self.judge()
            return
        self.saved.emit(
            Edit(
                quantity if quantity != self._intent.quantity else None,
                limit if limit != self._intent.limit_price else None,
            )
        )

    def close_form(self) -> None:
        """Leave everything as it was."""
        self.closed.emit()  # first: whoever listens takes the focus before its field is hidden
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return saves, Escape goes back."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.save()
        elif event.key() == Qt.Key.Key_Escape:
            self.close_form()
        else:
            super().keyPressEvent(event)

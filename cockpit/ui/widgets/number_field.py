"""A field for a number, and reading it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit

from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.widgets.labels import label

SMALLEST, LARGEST = Decimal("1e-9"), Decimal("1e12")


def number_field(  # noqa: PLR0917 -- where it stands and what it is called
    theme: Theme, grid: QGridLayout, column: int, name: str, hint: str = "", row: int = 0
) -> QLineEdit:
    """A caption over a field for a number, at a place of the grid."""
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(hint)
    field.setFont(theme.font(FontRole.STRONG))
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    grid.addWidget(label(theme, name, FontRole.CAPTION, "muted"), row, column)
    grid.addWidget(field, row + 1, column)
    return field


def number_in(field: QLineEdit, what: str) -> Decimal | None:
    """The field's number; None when empty. Raises ValueError in words."""
    text = field.text().strip()
    return positive(text, what) if text else None


def positive(text: str, what: str) -> Decimal:
    """The number in `text`, above zero. Raises ValueError in words."""
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        raise ValueError(f"The {what} must be a number, for example 100.") from None
    if not (value.is_finite() and value > 0):
        raise ValueError(f"The {what} must be more than zero.")
    if not (SMALLEST <= value <= LARGEST):  # nothing that is traded; it is not for the gate
        raise ValueError(f"The {what} is no amount that anybody trades.")
    return value

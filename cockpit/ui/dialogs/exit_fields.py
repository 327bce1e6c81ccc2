"""Three optional fields, one protection: stop, target and trail."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from cockpit.domain.errors import DomainError
from cockpit.domain.protection import Protection
from cockpit.ui.theme import Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.number_field import number_field, number_in, positive


class ExitFields(QWidget):
    """`changed` after each key. All empty means no protection."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Space.S)
        self.stop = number_field(theme, grid, 0, "Stop", "price")
        self.target = number_field(theme, grid, 1, "Target", "price")
        self.trail = number_field(theme, grid, 2, "Trail", "0.50 or 1%")
        for field in self.fields:
            field.textChanged.connect(lambda _text="": self.changed.emit())

    @property
    def fields(self) -> tuple[QLineEdit, QLineEdit, QLineEdit]:
        """Stop, target and trail."""
        return self.stop, self.target, self.trail

    def show_plan(self, plan: Protection) -> None:
        """Fill the fields."""
        self.stop.setText("" if plan.stop is None else _plain(plan.stop))
        self.target.setText("" if plan.target is None else _plain(plan.target))
        trail = "" if plan.trail is None else _plain(plan.trail)
        if plan.trail_fraction is not None:
            trail = f"{_plain(plan.trail_fraction * 100)}%"
        self.trail.setText(trail)

    def plan(self) -> Protection | None:
        """What stands in the fields; None when all are empty. Raises ValueError in words."""
        stop, target = number_in(self.stop, "stop"), number_in(self.target, "target")
        trail, fraction = self._trail()
        if stop is None and trail is None and fraction is None:
            if target is not None:
                raise ValueError("A target needs a stop or a trail beside it.")
            return None
        try:
            return Protection(stop=stop, target=target, trail=trail, trail_fraction=fraction)
        except DomainError as error:
            raise ValueError(error.user_text) from None

    def amounts(
        self,
    ) -> tuple[Decimal | None, Decimal | None, tuple[Decimal | None, Decimal | None] | None]:
        """Stop, target, and trail in money or as a fraction; None for an empty field.

        Raises ValueError in words.
        """
        trail = self._trail()
        stop, target = number_in(self.stop, "stop"), number_in(self.target, "target")
        return stop, target, None if trail == (None, None) else trail

    def _trail(self) -> tuple[Decimal | None, Decimal | None]:
        text = self.trail.text().strip()
        if not text.endswith("%"):
            return number_in(self.trail, "trail"), None
        return None, positive(text[:-1], "trail") / 100


def _plain(value: Decimal) -> str:
    return fmt.number(value).replace(",", "") if value >= 1 else f"{value.normalize():f}"

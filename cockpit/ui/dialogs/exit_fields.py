"""Four optional fields, one protection: stop, target, trail, and the limit of the stop."""

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
        self.stop_limit = number_field(theme, grid, 3, "Stop's limit", "price or -0.10")
        self.stop_limit.setToolTip(
            "With a limit the stop bounds its price, and may stay unfilled in a gap"
        )
        for field in self.fields:
            field.textChanged.connect(lambda _text="": self.changed.emit())

    @property
    def fields(self) -> tuple[QLineEdit, QLineEdit, QLineEdit, QLineEdit]:
        """Stop, target, trail and the limit of the stop."""
        return self.stop, self.target, self.trail, self.stop_limit

    def show_plan(self, plan: Protection, way: int) -> None:
        """Fill the fields; `way` is +1 for a long position, -1 for a short one."""
        self.stop.setText("" if plan.stop is None else _plain(plan.stop))
        self.target.setText("" if plan.target is None else _plain(plan.target))
        trail = "" if plan.trail is None else _plain(plan.trail)
        if plan.trail_fraction is not None:
            trail = f"{_plain(plan.trail_fraction * 100)}%"
        self.trail.setText(trail)
        offset = plan.limit_offset
        sign = "-" if way > 0 else "+"
        self.stop_limit.setText("" if offset is None else f"{sign}{_plain(offset)}")

    def plan(self, way: int) -> Protection | None:
        """What stands in the fields, for a long position (+1) or a short one (-1).

        None when all are empty. Raises ValueError in words.
        """
        stop, target = number_in(self.stop, "stop"), number_in(self.target, "target")
        trail, fraction = self._trail()
        if stop is None and trail is None and fraction is None:
            if target is not None:
                raise ValueError("A target needs a stop or a trail beside it.")
            if self.stop_limit.text().strip():
                raise ValueError("The limit of a stop needs its stop.")
            return None
        offset = self._beyond(stop, way)
        if offset == 0:
            raise ValueError("The core needs some room between a stop and its limit, like -0.10.")
        try:
            return Protection(
                stop=stop, target=target, trail=trail, trail_fraction=fraction, limit_offset=offset
            )
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

    def limit_of(self, stop: Decimal | None, way: int) -> Decimal | None:
        """The limit of the stop as a price; None for an empty field. Raises ValueError in words."""
        offset = self._beyond(stop, way)
        return None if offset is None or stop is None else stop - way * offset

    def _beyond(self, stop: Decimal | None, way: int) -> Decimal | None:
        """How far the limit is beyond the stop; `-0.10` is a distance, `99.50` a price."""
        text = self.stop_limit.text().strip()
        if not text:
            return None
        if text[0] in "+-":
            distance = positive(text[1:], "distance from the stop")
            beyond = distance * (-way if text[0] == "+" else way)
        elif stop is None:
            raise ValueError("The limit of a stop that trails is a distance, like -0.10.")
        else:
            beyond = (stop - positive(text, "limit of the stop")) * way
        if beyond < 0:
            side = "below it for a long position" if way > 0 else "above it for a short position"
            raise ValueError(f"The limit of a stop belongs {side}.")
        return beyond

    def _trail(self) -> tuple[Decimal | None, Decimal | None]:
        text = self.trail.text().strip()
        if not text.endswith("%"):
            return number_in(self.trail, "trail"), None
        return None, positive(text[:-1], "trail") / 100


def _plain(value: Decimal) -> str:
    return fmt.number(value).replace(",", "") if value >= 1 else f"{value.normalize():f}"

"""Dragging a line of the chart to another price: of an order, or one that was drawn."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.ui.charts.annotations import Level
from cockpit.ui.charts.edges import beyond
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.theme.format import number

REACH_PX = 5.0
SLIP_PX = 4.0
"""A hand that shook on a line has not moved an order."""


class LevelDrag:
    """What is being dragged and to where; nothing while `level` is None."""

    def __init__(self) -> None:
        self.level: Level | None = None
        self.price = 0.0
        self._from_y = 0.0
        self._far = False

    def begin(self, level: Level, y: float) -> None:
        """The button went down on `level`."""
        self.level, self.price = level, level.price
        self._from_y, self._far = y, False

    def move(self, y: float, shown: Geometry, tick: float) -> None:
        """The pointer is at `y` now; the price snaps to the tick."""
        self._far = self._far or abs(y - self._from_y) > SLIP_PX
        if self._far:
            price = max(tick, shown.scale.price(y))
            self.price = round(round(price / tick) * tick, 8)

    def end(self) -> tuple[Level, float] | None:
        """The line and its new price; None when it was not moved."""
        level, self.level = self.level, None
        if level is None or not self._far or self.price == level.price:
            return None
        return level, self.price

    def cancel(self) -> None:
        """Leave it where it was."""
        self.level = None

    def shown(self, levels: Sequence[Level]) -> Sequence[Level]:
        """`levels` with the dragged one where the pointer is."""
        held = self.level
        if held is None:
            return levels
        text = f"{held.text} to {number(self.price)}" if held.order_id else held.text
        moved = held._replace(price=self.price, text=text, lasting=True)
        return [moved if same_line(level, held) else level for level in levels]


def same_line(one: Level, other: Level) -> bool:
    """True for the same line, wherever it is now."""
    return (one.order_id, one.field, one.drawing) == (other.order_id, other.field, other.drawing)


def line_at(shown: Geometry, levels: Sequence[Level], y: float) -> Level | None:
    """The line that can be dragged within reach of `y`, the nearest of several."""
    near = [
        (abs(shown.y(level.price) - y), level)
        for level in levels
        if (level.order_id or level.drawing) and not beyond(shown, level.price)
    ]
    distance, level = min(near, key=lambda each: each[0], default=(REACH_PX + 1, None))
    return level if distance <= REACH_PX else None

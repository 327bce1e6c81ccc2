"""Lines whose price is above or below what the chart shows: their words wait at its edge."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.ui.charts.annotations import Level
from cockpit.ui.charts.canvas import PILL_HEIGHT
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.theme.format import arrow, number


def beyond(shown: Geometry, price: float) -> int:
    """1 above the strip, -1 below it, 0 where it can be drawn."""
    if price > shown.scale.price(0.0):
        return 1
    return -1 if price < shown.scale.price(shown.height) else 0


def lines_in(shown: Geometry, levels: Sequence[Level]) -> list[Level]:
    """The levels whose line can be drawn."""
    return [level for level in levels if not beyond(shown, level.price)]


def label_y(shown: Geometry, price: float) -> float:
    """The middle of a level's words, whole at the nearest edge when its price is out of sight."""
    side, half = beyond(shown, price), PILL_HEIGHT / 2
    y = 0.0 if side > 0 else shown.height if side < 0 else shown.y(price)
    return min(max(y, half), shown.height - half)


def label_text(shown: Geometry, level: Level, places: int) -> str:
    """A level's words; out of sight with an arrow to its side and its price."""
    side = beyond(shown, level.price)
    return (
        f"{arrow(side)} {level.text} {number(level.price, places=places)}" if side else level.text
    )

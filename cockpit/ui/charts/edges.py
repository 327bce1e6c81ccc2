"""Lines whose price is above or below what the chart shows: their words wait at its edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF

from cockpit.ui.charts.annotations import Level
from cockpit.ui.charts.canvas import PILL_HEIGHT
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.theme.format import arrow, number

EDGE_X = 8.0
EDGE_GAP = 4.0
QUOTE_ROOM = 12.0  # bid and ask are ticked at the right edge


class EdgePill(NamedTuple):
    """Words at an edge, and the lines out of sight that they tell of."""

    box: QRectF
    text: str
    levels: tuple[Level, ...]


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


def edge_pills(
    shown: Geometry,
    levels: Sequence[Level],
    top: float,
    width_of: Callable[[str], float],
    places: int,
    *,
    right: bool,
) -> list[EdgePill]:
    """A line of pills at each edge, the nearest price first; what has no room there is counted.

    The upper line begins at `top`; with `right` they begin at the right side.
    """
    made: list[EdgePill] = []
    for side, y in ((1, top), (-1, shown.height - PILL_HEIGHT)):
        mine = [level for level in levels if beyond(shown, level.price) == side]
        mine.sort(key=lambda level: side * level.price)
        made += _line(shown, mine, y, width_of, places, right=right)
    return made


def _line(
    shown: Geometry,
    levels: Sequence[Level],
    y: float,
    width_of: Callable[[str], float],
    places: int,
    *,
    right: bool,
) -> list[EdgePill]:
    texts = [label_text(shown, level, places) for level in levels]
    widths = [width_of(text) for text in texts]
    room = shown.width - EDGE_X - QUOTE_ROOM
    fitting = _fitting(widths, room, 0.0)
    if fitting < len(levels):
        rest = width_of(_counted(shown, levels)) + EDGE_GAP
        fitting = _fitting(widths, room, rest)
    groups: list[tuple[tuple[Level, ...], str]] = [
        ((level,), text) for level, text in zip(levels[:fitting], texts, strict=False)
    ]
    if fitting < len(levels):
        left_over = tuple(levels[fitting:])
        groups.append((left_over, _counted(shown, left_over)))
    made: list[EdgePill] = []
    x = EDGE_X
    for group, text in groups:
        width = min(width_of(text), room)
        left = shown.width - QUOTE_ROOM - x - width if right else x
        made.append(EdgePill(QRectF(left, y, width, PILL_HEIGHT), text, group))
        x += width + EDGE_GAP
    return made


def _fitting(widths: Sequence[float], room: float, rest: float) -> int:
    """How many stand in a line of that room, with `rest` kept for what is counted."""
    used = 0.0
    for place, width in enumerate(widths):
        used += width + EDGE_GAP * bool(place)
        if used + rest > room:
            return place
    return len(widths)


def _counted(shown: Geometry, levels: Sequence[Level]) -> str:
    side = beyond(shown, levels[0].price)
    return f"{arrow(side)} {len(levels)} lines"


def pill_at(pills: Sequence[EdgePill], at: QPointF) -> EdgePill | None:
    """The pill at an edge under the pointer."""
    return next((pill for pill in pills if pill.box.contains(at)), None)

"""Cumulative net by trade as an inline SVG: shape only, no figure of its own."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

import msgspec

WIDTH, HEIGHT, PAD = 720, 200, 12


class Curve(msgspec.Struct, frozen=True):
    """Points of the line and of the area below it, the zero line's y, and the last dot."""

    line: str
    area: str
    zero: str
    x: str
    y: str
    rising: bool


def curve_of(nets: Sequence[Decimal]) -> Curve | None:
    """The curve from zero through each trade's end; None without trades."""
    if not nets:
        return None
    values = [0.0, *(float(value) for value in accumulate(nets))]
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (WIDTH - 2 * PAD) / (len(values) - 1)

    def y_of(value: float) -> str:
        return f"{PAD + (high - value) / span * (HEIGHT - 2 * PAD):.1f}"

    points = [(f"{PAD + n * step:.1f}", y_of(value)) for n, value in enumerate(values)]
    line = " ".join(f"{x},{y}" for x, y in points)
    zero, (last_x, last_y) = y_of(0.0), points[-1]
    area = f"{points[0][0]},{zero} {line} {last_x},{zero}"
    return Curve(line, area, zero, last_x, last_y, values[-1] >= 0)

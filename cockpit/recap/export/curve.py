"""Charts as inline SVG: shapes of facts, with no figure of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate

import msgspec

from cockpit.domain.fact import Fact

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


class Bar(msgspec.Struct, frozen=True):
    """One bar: what it is of, its shown value, left edge, top and size, and whether it is up."""

    name: str
    text: str
    x: str
    y: str
    width: str
    height: str
    rising: bool


class Bars(msgspec.Struct, frozen=True):
    """Bars of days or instruments around a line at zero; `caption` says of what."""

    caption: str
    zero: str
    bars: tuple[Bar, ...]


_SETS = (
    ("day", ".date", ".net", "Net P&L, day by day"),
    ("symbol", "", ".change", "Change by symbol"),
)


def bars_of(facts: Sequence[Fact]) -> Bars | None:
    """A bar for each day of a week, or for each instrument of a digest; None below two."""
    known = {fact.id: fact for fact in facts}
    for sort, name, leaf, caption in _SETS:
        found = [
            (known[f"{root}{name}"].text, fact)
            for id_, fact in known.items()
            if id_.startswith(f"{sort}.") and id_.endswith(leaf)
            for root in (id_.removesuffix(leaf),)
            if f"{root}{name}" in known
        ]
        if len(found) > 1:
            return Bars(caption, *_drawn(found))
    return None


def _drawn(found: Sequence[tuple[str, Fact]]) -> tuple[str, tuple[Bar, ...]]:
    values = [float(fact.value or 0) for _, fact in found]
    high, low = max(0.0, *values), min(0.0, *values)
    span = (high - low) or 1.0
    step = (WIDTH - 2 * PAD) / len(found)
    scale = (HEIGHT - 2 * PAD) / span
    zero = PAD + high * scale
    return f"{zero:.1f}", tuple(_bars(found, values, zero, step, scale))


def _bars(
    found: Sequence[tuple[str, Fact]],
    values: Sequence[float],
    zero: float,
    step: float,
    scale: float,
) -> Iterable[Bar]:
    for n, ((name, fact), value) in enumerate(zip(found, values, strict=True)):
        size = abs(value) * scale
        x, y = PAD + (n + 0.15) * step, zero - size if value > 0 else zero
        yield Bar(name, fact.text, f"{x:.1f}", f"{y:.1f}", f"{step * 0.7:.1f}",
                  f"{max(size, 1.0):.1f}", value >= 0)  # fmt: skip

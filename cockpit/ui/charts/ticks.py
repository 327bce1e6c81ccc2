"""Where an axis puts its labels: round prices, round minutes of New York time."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cockpit.ui.charts.sessions import DAY, clock_text, day_text, local_seconds

Floats = NDArray[np.float64]

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_DENSER = 0.7  # a young session shows too little for the usual distance
_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 240)


class TimeTick(NamedTuple):
    """A label below bar number `bar`; `day` marks the first bar of a day."""

    bar: int
    text: str
    day: bool


def round_step(span: float, count: int, tick: float = 0.01) -> float:
    """The smallest round step, at least `tick`, that cuts `span` into at most `count` parts."""
    raw = max(span / max(1, count), tick)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    for step in _STEPS:
        if step * magnitude >= raw * (1 - 1e-9):
            return step * magnitude
    return 10.0 * magnitude


def price_ticks(low: float, high: float, count: int, tick: float = 0.01) -> list[float]:
    """Round prices inside low..high, about `count` of them."""
    if not low < high:
        return []
    step = round_step(high - low, count, tick)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


def decimals_for(step: float) -> int:
    """How many decimals tell two neighbouring ticks apart; at least 2, as money has."""
    return next((d for d in range(2, 6) if math.isclose(round(step, d), step, rel_tol=1e-6)), 6)


def time_ticks(ts: Floats, first: int, last: int, bars_apart: float) -> list[TimeTick]:
    """Labels for bars first..last-1 at least `bars_apart` bars from each other.

    The step is a round number of minutes of New York time; the first bar of a day says
    the date. When even hours are too dense, only days are labelled.
    """
    if last <= first:
        return []
    local = local_seconds(ts[first:last])
    interval = float(np.median(np.diff(local))) if len(local) > 1 else 60.0
    needed = bars_apart * max(1.0, interval)
    minutes = next((m for m in _MINUTES if m * 60 >= needed), None)
    slot = local // (minutes * 60 if minutes else DAY)
    return _spaced(ts, first, slot, local // DAY, bars_apart)


def _spaced(
    ts: Floats,
    first: int,
    slot: NDArray[np.int64],
    day: NDArray[np.int64],
    bars_apart: float,
) -> list[TimeTick]:
    changed = np.flatnonzero(slot[1:] != slot[:-1]) + 1
    ticks: list[TimeTick] = []
    for at in changed:
        new_day = bool(day[at] != day[at - 1])
        index = first + int(at)
        if ticks and index - ticks[-1].bar < bars_apart:
            if not new_day:
                continue
            ticks.pop()  # the date matters more than the hour before it
        text = day_text(float(ts[index])) if new_day else clock_text(float(ts[index]))
        ticks.append(TimeTick(index, text, new_day))
    return ticks


def ticks_in_view(ts: Floats, first: int, last: int, bars_apart: float) -> list[TimeTick]:
    """As `time_ticks`; denser, and at last the first bar's time, while a session is young."""
    view = ts, first, last
    times = time_ticks(*view, bars_apart) or time_ticks(*view, bars_apart * _DENSER)
    return times if times or first else [TimeTick(0, clock_text(float(ts[0])), False)]

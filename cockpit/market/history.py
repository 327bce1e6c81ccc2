"""Bars of a source put on our own grid, to be joined with those that are made of prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cockpit.kernel.clock import SECOND
from cockpit.market.grid import Grid
from cockpit.market.series import Values
from cockpit.ports.feed import RawBar

_INF = float("inf")


class Past(NamedTuple):
    """A bar that is over: START and end in ns, and what it is worth."""

    start: int
    end: int
    values: Values


def is_bar(bar: RawBar) -> bool:
    """Whether its numbers can be those of a bar."""
    try:
        return (
            0.0 < bar.low <= min(bar.open, bar.close)
            and max(bar.open, bar.close) <= bar.high < _INF
            and 0.0 < bar.volume < _INF
            and 0.0 <= bar.vwap < _INF
            and bool(bar.symbol)
        )
    except TypeError:  # a source's null
        return False


def folded(bars: Iterable[RawBar], grid: Grid) -> list[Past]:
    """Bars as those of the grid, oldest first; the smaller ones of one span become one.

    One that reaches over a border of the grid is left out: nobody knows how to cut it. Without a
    vwap of its own a bar counts with (high + low + close) / 3; one without volume is left out.
    """
    found: dict[int, list[RawBar]] = {}
    ends: dict[int, int] = {}
    for bar in sorted(bars, key=lambda bar: bar.ts_event):
        start, end = grid.span(bar.ts_event)
        if bar.ts_event + bar.interval_s * SECOND <= end and bar.volume > 0:
            found.setdefault(start, []).append(bar)
            ends[start] = end
    return [Past(start, ends[start], _values(parts)) for start, parts in found.items()]


def _values(bars: list[RawBar]) -> Values:
    volume = sum(bar.volume for bar in bars)
    turnover = sum(_vwap(bar) * bar.volume for bar in bars)
    return (
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        volume,
        turnover / volume,
        float(sum(bar.trades for bar in bars)),
    )


def _vwap(bar: RawBar) -> float:
    return bar.vwap or (bar.high + bar.low + bar.close) / 3

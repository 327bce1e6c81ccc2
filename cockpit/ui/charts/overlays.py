"""Lines over the candles that grow with each closed bar, and the volume by price of a view."""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cockpit.domain.market import Bar
from cockpit.market.indicators import Indicator, indicator
from cockpit.ui.charts.candles import Candles

Floats = NDArray[np.float64]
PROFILE_ROWS = 48
RELATIVE_VOLUME = "RVol"
_LOOKS = {
    "ema:9": ("EMA 9", "accent"),
    "ema:20": ("EMA 20", "paper"),
    "ema:50": ("EMA 50", "demo"),
    "sma:20": ("SMA 20", "link_4"),
    "sma:50": ("SMA 50", "link_5"),
    "sma:200": ("SMA 200", "text"),
    "bbupper:20": ("BB upper", "muted"),
    "bblower:20": ("BB lower", "muted"),
    "atr:14": ("ATR 14", "text"),
    "rvol:20": (RELATIVE_VOLUME, "text"),
    "rsi:14": ("RSI 14", "accent"),
    "macd": ("MACD 12, 26", "accent"),
    "macdsignal": ("Signal 9", "paper"),
}
_NS = 1_000_000_000


class Overlay(NamedTuple):
    """One value a bar, NaN where there are too few bars; `role` is its colour."""

    name: str
    role: str
    values: Floats


class _Growing:
    """One indicator over one run of candles: closed bars once, the live one on a copy."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._begin()

    def _begin(self) -> None:
        self._made: Indicator = indicator(self._name)
        self._values: list[float] = []
        self._seen: Floats = np.empty((0, 5))

    def over(self, candles: Candles, interval_s: int) -> Floats:
        """The values at all `candles`; what was seen before is not looked at again."""
        closed = max(0, len(candles) - 1)
        known = len(self._seen)
        told = (candles.ts, candles.high, candles.low, candles.close, candles.volume)
        now = np.column_stack([column[:closed] for column in told])
        if known > closed or not np.array_equal(self._seen, now[:known]):  # revised, or another
            self._begin()
            known = 0
        for at in range(known, closed):
            self._values.append(_number(self._made.update(_bar(candles, at, interval_s))))
        self._seen = now
        if not len(candles):
            return np.empty(0)
        live = copy.copy(self._made).update(_bar(candles, closed, interval_s))
        return np.array([*self._values, _number(live)])


class Overlays:
    """The lines over one chart's bars; forget them with `reset` when symbol or timeframe change."""

    def __init__(self) -> None:
        self._growing: dict[str, _Growing] = {}
        self._known: tuple[Candles, tuple[str, ...], list[Overlay]] | None = None

    def reset(self) -> None:
        """Begin anew with the next candles."""
        self._growing.clear()
        self._known = None

    def of(self, candles: Candles, interval_s: int, names: tuple[str, ...]) -> list[Overlay]:
        """One line a name; the same list while candles and names are the same."""
        if self._known is not None and self._known[0] is candles and self._known[1] == names:
            return self._known[2]
        for name in names:
            self._growing.setdefault(name, _Growing(name))
        made = [
            Overlay(
                *_LOOKS.get(name, (name, "accent")), self._growing[name].over(candles, interval_s)
            )
            for name in names
        ]
        self._known = (candles, names, made)
        return made


def volume_profile(candles: Candles, first: int, last: int) -> tuple[Floats, Floats]:
    """Edges of the price rows and the volume in each, of bars first..last-1.

    Each bar's volume counts at (high + low + close) / 3: what was printed inside a bar is
    not known here.
    """
    view = slice(first, last)
    low, high = float(candles.low[view].min()), float(candles.high[view].max())
    typical = (candles.high[view] + candles.low[view] + candles.close[view]) / 3
    span = (low, high) if high > low else (low, low + 1e-6)
    shares, edges = np.histogram(
        typical, bins=PROFILE_ROWS, range=span, weights=candles.volume[view]
    )
    return edges, shares


def _bar(candles: Candles, at: int, interval_s: int) -> Bar:
    start = int(candles.ts[at]) * _NS
    return Bar(
        symbol="chart",
        open=float(candles.open[at]),
        high=float(candles.high[at]),
        low=float(candles.low[at]),
        close=float(candles.close[at]),
        volume=float(candles.volume[at]),
        vwap=float(candles.vwap[at]),
        trades=0,
        interval_s=interval_s,
        ts_event=start,
        ts_init=start,
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else value

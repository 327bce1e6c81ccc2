"""Bars of any timeframe made from the market's one-minute series, as plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cockpit.ui.charts.sessions import local_days

Floats = NDArray[np.float64]


class Series(Protocol):
    """What the chart needs of `market.bars.BarSeries`: columns with the live bar last."""

    @property
    def version(self) -> int:
        """Goes up with every change."""
        ...

    @property
    def ts(self) -> Floats:
        """Start of each bar, seconds since the epoch, UTC."""
        ...

    @property
    def open(self) -> Floats:
        """First price."""
        ...

    @property
    def high(self) -> Floats:
        """Highest price."""
        ...

    @property
    def low(self) -> Floats:
        """Lowest price."""
        ...

    @property
    def close(self) -> Floats:
        """Last price."""
        ...

    @property
    def volume(self) -> Floats:
        """Units traded."""
        ...

    @property
    def vwap(self) -> Floats:
        """sum(price x size) / sum(size) of the bar."""
        ...


class Candles(NamedTuple):
    """Columns of one timeframe, oldest first; `vwap` is the session's, not the bar's."""

    ts: Floats
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    vwap: Floats

    def __len__(self) -> int:  # of bars, not of columns
        return len(self.ts)


_NOTHING = np.empty(0)
EMPTY = Candles(*([_NOTHING] * 7))


def session_vwap(ts: Floats, vwap: Floats, volume: Floats) -> Floats:
    """Running sum(price x size) / sum(size), starting anew each New York day."""
    if not len(ts):
        return _NOTHING
    days = local_days(ts)
    start = np.searchsorted(days, days, side="left")
    money = np.concatenate(([0.0], np.cumsum(vwap * volume)))
    units = np.concatenate(([0.0], np.cumsum(volume)))
    spent, traded = money[1:] - money[start], units[1:] - units[start]
    return np.divide(spent, traded, out=vwap.copy(), where=traded > 0)


def aggregate(series: Series, seconds: int) -> Candles:
    """All bars of `series` put together into bars of `seconds`, labelled with their start."""
    ts = series.ts
    if not len(ts):
        return EMPTY
    slot = np.floor(ts / seconds)
    starts = np.flatnonzero(np.concatenate(([True], slot[1:] != slot[:-1])))
    ends = np.append(starts[1:], len(ts)) - 1
    return Candles(
        ts=slot[starts] * seconds,
        open=series.open[starts].copy(),
        high=np.maximum.reduceat(series.high, starts),
        low=np.minimum.reduceat(series.low, starts),
        close=series.close[ends].copy(),
        volume=np.add.reduceat(series.volume, starts),
        vwap=session_vwap(ts, series.vwap, series.volume)[ends],
    )


class CandleCache:
    """The candles of one symbol and timeframe, made anew only when the series changed."""

    def __init__(self) -> None:
        self._key: tuple[str, int, int] | None = None
        self._candles = EMPTY

    def candles(self, symbol: str, seconds: int, series: Series | None) -> Candles:
        """Candles of `series`; the same object as before while nothing changed."""
        if series is None:
            return EMPTY
        key = (symbol, seconds, series.version)
        if key != self._key:
            self._key, self._candles = key, aggregate(series, seconds)
        return self._candles


def index_at(candles: Candles, ts: float) -> int | None:
    """The bar that holds the moment `ts` (seconds); None before the first bar."""
    index = int(np.searchsorted(candles.ts, ts, side="right")) - 1
    return index if index >= 0 else None


SeriesOf = Callable[[str], "Series | None"]

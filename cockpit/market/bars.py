"""Bars of prints, built live and closed by time."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cockpit.domain.market import Bar, TradePrint
from cockpit.kernel.bus import Bus
from cockpit.market.errors import MarketError
from cockpit.market.series import BarSeries

_NS = 1_000_000_000
NEVER = sys.maxsize


class BarBook:
    """One growing series of bars for each symbol, labelled with the START of the interval.

    All bars lie on one grid (multiples of `interval_s` since the epoch), so one due time
    serves them all: whoever drives the clock calls `close_due` when `next_due_ns` is
    reached. Publishes `Bar` for each bar that closes. Raises MarketError for an interval
    that isn't positive.
    """

    def __init__(self, bus: Bus, interval_s: int = 60) -> None:
        if not interval_s > 0:
            raise MarketError(
                f"bar interval {interval_s}", user_text="A bar must last at least one second."
            )
        self._bus = bus
        self.interval_s = interval_s
        self._interval = interval_s * _NS
        self._series: dict[str, BarSeries] = {}
        self.next_due_ns = NEVER
        self.late_prints = 0

    @property
    def symbols(self) -> Sequence[str]:
        """Symbols that have a series."""
        return tuple(self._series)

    def series(self, symbol: str) -> BarSeries:
        """The symbol's bars, empty before its first print; always the same object."""
        series = self._series.get(symbol)
        if series is None:
            series = self._series[symbol] = BarSeries(symbol)
        return series

    def on_print(self, trade: TradePrint) -> None:
        """Add a print. One that is older than the newest bar is counted in `late_prints`."""
        series = self._series.get(trade.symbol) or self.series(trade.symbol)
        ts = trade.ts_event
        offset = ts - series.start_ns
        if series.live and 0 <= offset < self._interval:
            series.extend(trade.price, trade.size)
        elif ts < series.start_ns + self._interval and series.start_ns >= 0:
            self.late_prints += 1
        else:
            self._begin(series, trade)

    def close_due(self, now_ns: int) -> None:
        """Close and publish every bar whose interval has ended at `now_ns`."""
        if now_ns < self.next_due_ns:
            return
        due = NEVER
        for series in self._series.values():
            if not series.live:
                continue
            end = series.start_ns + self._interval
            if end <= now_ns:
                self._close(series, now_ns)
            else:
                due = min(due, end)
        self.next_due_ns = due

    def close_all(self, now_ns: int) -> None:
        """Close and publish every live bar: the feed has ended."""
        for series in self._series.values():
            if series.live:
                self._close(series, now_ns)
        self.next_due_ns = NEVER

    def _begin(self, series: BarSeries, trade: TradePrint) -> None:
        if series.live:
            self._close(series, trade.ts_init)
        start = trade.ts_event - trade.ts_event % self._interval
        series.begin(start, trade.price, trade.size)
        self.next_due_ns = min(self.next_due_ns, start + self._interval)

    def _close(self, series: BarSeries, now_ns: int) -> None:
        first, high, low, last, volume, vwap, trades = series.close_live()
        self._bus.publish(
            Bar(
                symbol=series.symbol,
                open=first,
                high=high,
                low=low,
                close=last,
                volume=volume,
                vwap=vwap,
                trades=trades,
                interval_s=self.interval_s,
                ts_event=series.start_ns,
                ts_init=now_ns,
            )
        )

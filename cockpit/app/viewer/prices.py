"""Book and bars in a viewer: each holds what it was told and computes nothing."""

from __future__ import annotations

import math

import numpy as np

from cockpit.app.viewer.parts import MirrorClock
from cockpit.app.viewer.wire import Bars, Line
from cockpit.domain.market import Bar, BarRevised
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.market.bars import BarBook
from cockpit.market.book import Book


class MirrorBook(Book):
    """Prices as told; while the connection is lost each of them is infinitely old."""

    def __init__(self, clock: MirrorClock) -> None:
        super().__init__(clock)
        self.lost = False

    def take(self, line: Line) -> None:
        """One symbol's market."""
        if self.instrument(line.symbol) is None:
            return  # it comes with the next snapshot
        mine = self._lines[line.symbol]
        mine.quote, mine.last, mine.halted = line.quote, line.last, line.halted
        mine.reference, mine.volume = line.reference, line.volume
        mine.high, mine.low = line.high, line.low
        self.version += 1

    def age_s(self, symbol: str) -> float | None:
        """As the book's own, and infinite without a connection."""
        return math.inf if self.lost else super().age_s(symbol)


class MirrorBars(BarBook):
    """Bars as told."""

    def __init__(self, interval_s: int) -> None:
        super().__init__(Bus(), interval_s)

    def take(self, bars: Bars) -> None:
        """The closed bars of one symbol that are not here yet."""
        for bar in bars.bars:
            self.close_with(bar)

    def close_with(self, bar: Bar) -> None:
        """A bar has closed; the live one of that time becomes it."""
        series = self.series(bar.symbol)
        if bar.ts_event > series.start_ns or (series.live and bar.ts_event == series.start_ns):
            series.put_live(bar)
            series.close_live()

    def revise(self, revised: BarRevised) -> None:
        """A closed bar has become another, or is gone; one that is not here is left."""
        series, bar = self.series(revised.symbol), revised.bar
        row = int(np.searchsorted(series.ts[: series.closed], revised.ts_event / SECOND))
        if row >= series.closed or round(series.ts[row] * SECOND) != revised.ts_event:
            return
        if bar is None:
            series.remove(row)
        else:
            prices = (bar.open, bar.high, bar.low, bar.close)
            series.revise(row, (*prices, bar.volume, bar.vwap, bar.trades))

    def grow(self, bar: Bar) -> None:
        """The live bar as it stands."""
        series = self.series(bar.symbol)
        if bar.ts_event > series.start_ns or (series.live and bar.ts_event == series.start_ns):
            series.put_live(bar)

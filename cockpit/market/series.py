"""A growing table of bars in numpy columns; the live bar is its last row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cockpit.domain.market import Bar

Column = npt.NDArray[np.float64]
Values = tuple[float, float, float, float, float, float, float]

_NS = 1_000_000_000
_COLUMNS = 8


class BarSeries:
    """Bars of one symbol, oldest first. Times are seconds UTC of each bar's START.

    The live bar is kept in plain floats and copied into the table only when somebody
    looks. Columns are views: copy what must outlive the next change. `version` grows by
    one with every change.
    """

    __slots__ = (
        "_capacity",
        "_close",
        "_dirty",
        "_high",
        "_live",
        "_low",
        "_open",
        "_rows",
        "_table",
        "_trades",
        "_turnover",
        "_volume",
        "start_ns",
        "symbol",
        "version",
    )

    def __init__(self, symbol: str, capacity: int = 512) -> None:
        self.symbol = symbol
        self.version = 0
        self.start_ns = -1
        self._table: Column = np.empty((_COLUMNS, capacity), dtype=np.float64)
        self._capacity = capacity
        self._rows = 0
        self._live = False
        self._dirty = False
        self._open = self._high = self._low = self._close = 0.0
        self._volume = self._turnover = 0.0
        self._trades = 0

    def __len__(self) -> int:
        return self._rows + self._live

    @property
    def closed(self) -> int:
        """How many bars will not change any more: all, or all but the last."""
        return self._rows

    @property
    def live(self) -> bool:
        """True when the last row is still growing."""
        return self._live

    @property
    def ts(self) -> Column:
        """START of each bar, seconds UTC."""
        return self._column(0)

    @property
    def open(self) -> Column:
        """First price."""
        return self._column(1)

    @property
    def high(self) -> Column:
        """Highest price."""
        return self._column(2)

    @property
    def low(self) -> Column:
        """Lowest price."""
        return self._column(3)

    @property
    def close(self) -> Column:
        """Last price."""
        return self._column(4)

    @property
    def volume(self) -> Column:
        """Shares."""
        return self._column(5)

    @property
    def vwap(self) -> Column:
        """sum(price x size) / sum(size)."""
        return self._column(6)

    @property
    def trades(self) -> Column:
        """Number of prints."""
        return self._column(7)

    def range_since(self, since_s: float) -> tuple[float, float] | None:
        """Highest and lowest price of the bars from `since_s` on; None when there is none."""
        at = int(np.searchsorted(self.ts, since_s))
        if at == len(self):
            return None
        return float(self.high[at:].max()), float(self.low[at:].min())

    def begin(self, start_ns: int, price: float, size: float) -> None:
        """Start the live bar with its first print; the one before must be closed."""
        self.start_ns = start_ns
        self._open = self._high = self._low = self._close = price
        self._volume = size
        self._turnover = price * size
        self._trades = 1
        self._live = self._dirty = True
        self.version += 1

    def extend(self, price: float, size: float) -> None:
        """Add a print to the live bar."""
        if price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self._close = price
        self._volume += size
        self._turnover += price * size
        self._trades += 1
        self._dirty = True
        self.version += 1

    def put_live(self, bar: Bar) -> None:
        """Let the live bar be `bar`, as somebody else has built it."""
        self.start_ns = bar.ts_event
        self._open, self._high, self._low, self._close = bar.open, bar.high, bar.low, bar.close
        self._volume, self._turnover = bar.volume, bar.vwap * bar.volume
        self._trades = bar.trades
        self._live = self._dirty = True
        self.version += 1

    def revise(self, row: int, values: Values) -> None:
        """Let closed bar `row` be open, high, low, close, volume, vwap, number of prints."""
        self._table[1:, row] = values
        self.version += 1

    def revise_live(self, values: Values) -> None:
        """As `revise`, for the live bar."""
        self._open, self._high, self._low, self._close, self._volume, vwap, trades = values
        self._turnover, self._trades = vwap * self._volume, round(trades)
        self._dirty = True
        self.version += 1

    def remove(self, row: int) -> None:
        """Take bar `row` out, live or closed: no print of it is true any more."""
        if row == self._rows:
            self._live = self._dirty = False
        else:
            self._table[:, row : self._rows - 1] = self._table[:, row + 1 : self._rows].copy()
            self._rows -= 1
            self._dirty = self._live
        self.version += 1

    def insert(
        self, rows: Sequence[int], starts_ns: Sequence[int], values: Sequence[Values]
    ) -> None:
        """Put closed bars in, each before the closed bar that is at its place in `rows` now."""
        if not rows:
            return
        new = np.array(
            [(start / _NS, *each) for start, each in zip(starts_ns, values, strict=True)]
        ).T
        closed = np.insert(self._table[:, : self._rows], list(rows), new, axis=1)
        self._rows = closed.shape[1]
        while self._capacity <= self._rows:
            self._grow()
        self._table[:, : self._rows] = closed
        self._dirty = self._live
        self.version += 1

    def row(self, row: int) -> Values:
        """Open, high, low, close, volume, vwap, number of prints of bar `row`."""
        if self._dirty:
            self._write_live()
        first, high, low, last, volume, vwap, trades = self._table[1:, row].tolist()
        return first, high, low, last, volume, vwap, trades

    @property
    def filled(self) -> tuple[float, int]:
        """Shares and prints of the live bar."""
        return self._volume, self._trades

    def close_live(self) -> Values:
        """Make the live bar final: open, high, low, close, volume, vwap, number of prints."""
        self._write_live()
        self._rows += 1
        self._live = False
        self.version += 1
        vwap = self._turnover / self._volume
        return self._open, self._high, self._low, self._close, self._volume, vwap, self._trades

    def _column(self, index: int) -> Column:
        if self._dirty:
            self._write_live()
        return self._table[index, : self._rows + self._live]

    def _write_live(self) -> None:
        if self._rows == self._capacity:
            self._grow()
        row: Any = (
            self.start_ns / _NS,
            self._open,
            self._high,
            self._low,
            self._close,
            self._volume,
            self._turnover / self._volume,
            self._trades,
        )
        self._table[:, self._rows] = row
        self._dirty = False

    def _grow(self) -> None:
        table = np.empty((_COLUMNS, self._capacity * 2), dtype=np.float64)
        table[:, : self._capacity] = self._table
        self._table = table
        self._capacity *= 2

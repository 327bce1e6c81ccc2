"""A growing curve kept at many resolutions, so that a million points paint like a thousand.

Level k holds the minimum and maximum of blocks of FACTOR**k values. Appending costs
O(1) amortised; reading an envelope costs O(columns).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FACTOR = 4
_FIRST_ROOM = 1024


class Envelope(NamedTuple):
    """`low[i]` and `high[i]` are the exact extremes of values[start[i]:stop[i]]."""

    start: Ints
    stop: Ints
    low: Floats
    high: Floats


class _Growing:
    """A float column that doubles its room when full."""

    def __init__(self) -> None:
        self._room: Floats = np.empty(_FIRST_ROOM)
        self.size = 0

    @property
    def view(self) -> Floats:
        return self._room[: self.size]

    def extend(self, values: Floats) -> None:
        needed = self.size + len(values)
        if needed > len(self._room):
            room: Floats = np.empty(max(needed, 2 * len(self._room)))
            room[: self.size] = self.view
            self._room = room
        self._room[self.size : needed] = values
        self.size = needed


class Pyramid:
    """Values in order of time with their block extremes, level above level."""

    def __init__(self) -> None:
        self._base = _Growing()
        self._low: list[_Growing] = []
        self._high: list[_Growing] = []

    def __len__(self) -> int:
        """How many values it holds."""
        return self._base.size

    @property
    def values(self) -> Floats:
        """All values, oldest first: a view, not a copy."""
        return self._base.view

    def extend(self, values: Floats) -> None:
        """Append `values` (finite floats) and bring every level up to date."""
        self._base.extend(np.asarray(values, dtype=np.float64))
        below_low = below_high = self._base
        level = 0
        while below_low.size >= FACTOR:
            self._ensure(level)
            if below_low.size // FACTOR == self._low[level].size:
                return  # no block is full: nothing changes above either
            self._fold(below_low, self._low[level], np.minimum)
            self._fold(below_high, self._high[level], np.maximum)
            below_low, below_high = self._low[level], self._high[level]
            level += 1

    def envelope(self, first: int, last: int, columns: int) -> Envelope:
        """Extremes of values[first:last] in about `columns` consecutive runs.

        The runs cover the range without gap or overlap and their extremes are exact:
        no spike is lost. Empty when the range is.
        """
        first, last = max(0, first), min(len(self), last)
        if last <= first:
            empty: Ints = np.empty(0, np.int64)
            return Envelope(empty, empty, np.empty(0), np.empty(0))
        level = self._level_for((last - first) / max(1, columns))
        block = FACTOR ** (level + 1)
        inner_first = -(-first // block)
        inner_last = last // block
        if level < 0 or inner_last <= inner_first:
            return self._raw(first, last, columns)
        head = self._raw(first, inner_first * block, 1)
        body = self._runs(level, inner_first, inner_last, columns)
        tail = self._raw(inner_last * block, last, 1)
        return _joined((head, body, tail))

    def _ensure(self, level: int) -> None:
        if level == len(self._low):
            self._low.append(_Growing())
            self._high.append(_Growing())

    @staticmethod
    def _fold(below: _Growing, above: _Growing, pick: np.ufunc) -> None:
        start = above.size * FACTOR
        stop = below.size // FACTOR * FACTOR
        if stop > start:
            above.extend(pick.reduce(below.view[start:stop].reshape(-1, FACTOR), axis=1))

    def _level_for(self, per_column: float) -> int:
        level = -1
        while level + 1 < len(self._low) and FACTOR ** (level + 2) <= per_column:
            level += 1
        return level

    def _raw(self, first: int, last: int, columns: int) -> Envelope:
        start = _cuts(first, last, columns)
        values = self.values
        stop = np.append(start[1:], last) if len(start) else start
        if not len(start):
            return Envelope(start, stop, np.empty(0), np.empty(0))
        piece, at = values[first:last], start - first
        return Envelope(start, stop, np.minimum.reduceat(piece, at), np.maximum.reduceat(piece, at))

    def _runs(self, level: int, first: int, last: int, columns: int) -> Envelope:
        block = FACTOR ** (level + 1)
        cuts = _cuts(first, last, columns)
        at = cuts - first
        low = np.minimum.reduceat(self._low[level].view[first:last], at)
        high = np.maximum.reduceat(self._high[level].view[first:last], at)
        return Envelope(cuts * block, np.append(cuts[1:], last) * block, low, high)


def _joined(parts: Sequence[Envelope]) -> Envelope:
    return Envelope(
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.stop for part in parts]),
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
    )


def _cuts(first: int, last: int, columns: int) -> Ints:
    """Starts of at most `columns` runs of equal length (the last may be shorter)."""
    if last <= first:
        return np.empty(0, np.int64)
    length = -(-(last - first) // max(1, columns))
    return np.arange(first, last, length, dtype=np.int64)

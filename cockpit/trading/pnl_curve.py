"""The day's profit over time, for the chart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SECOND_NS = 1_000_000_000


class PnlCurve:
    """Day P&L over time: two growing float columns, one point a second at most."""

    def __init__(self) -> None:
        self._ts = np.empty(1024)
        self._pnl = np.empty(1024)
        self._length = 0
        self._last_s = -1

    def __len__(self) -> int:
        return self._length

    @property
    def ts(self) -> npt.NDArray[np.float64]:
        """Seconds since the epoch, rising."""
        return self._ts[: self._length]

    @property
    def pnl(self) -> npt.NDArray[np.float64]:
        """Money, one value a time."""
        return self._pnl[: self._length]

    def add(self, ts_ns: int, pnl: float) -> None:
        """Append, or replace the point of the same second."""
        second = ts_ns // SECOND_NS
        if second != self._last_s:
            self._last_s = second
            self._grow()
            self._length += 1
        self._ts[self._length - 1] = second
        self._pnl[self._length - 1] = pnl

    def _grow(self) -> None:
        if self._length == len(self._ts):
            self._ts = np.concatenate([self._ts, np.empty(self._length)])
            self._pnl = np.concatenate([self._pnl, np.empty(self._length)])

"""Moments on an axis of bars that skips closed hours, also where there is no bar yet."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from cockpit.domain.values import session_date
from cockpit.market.errors import MarketError
from cockpit.market.session import Session

Floats = NDArray[np.float64]

MOST_DAYS = 400
"""Farther from the bars every second counts: nobody sees where such a moment lies."""
_NS = 1_000_000_000
_KEPT = 512


class Hours:
    """Counts seconds of regular sessions; without a calendar every second counts."""

    def __init__(self, session: Callable[[date], Session | None] | None = None) -> None:
        self._session = session
        self._known: dict[tuple[float, float], float] = {}

    def between(self, start: float, end: float) -> float:
        """Open seconds from `start` to `end` (epoch seconds); below zero when `end` is before."""
        if self._session is None or start == end:
            return end - start
        if end < start:
            return -self.between(end, start)
        key = (start, end)
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = self._counted(start, end)
        return self._known[key]

    def _counted(self, start: float, end: float) -> float:
        first, last = _day(start), _day(end)
        days = (last - first).days
        if days > MOST_DAYS:
            return end - start
        open_s = 0.0
        for ahead in range(days + 1):
            opens, closes = self._span(first + timedelta(days=ahead))
            open_s += max(0.0, min(end, closes) - max(start, opens))
        return open_s

    def after(self, start: float, seconds: float) -> float:
        """The moment that is so many open seconds after `start`; before it when below zero."""
        if self._session is None or seconds == 0:
            return start + seconds
        left, at, first = abs(seconds), start, _day(start)
        step = 1 if seconds > 0 else -1
        for ahead in range(MOST_DAYS):
            opens, closes = self._span(first + timedelta(days=step * ahead))
            begin, end = (max(at, opens), closes) if step > 0 else (opens, min(at, closes))
            if end > begin:
                if left <= end - begin:
                    return begin + left if step > 0 else end - left
                left -= end - begin
        return at + step * left

    def _span(self, day: date) -> tuple[float, float]:
        """Open and close of a day in epoch seconds; empty where there is no session."""
        try:
            found = None if self._session is None else self._session(day)
        except MarketError:  # a year that the calendar does not know
            found = None
        return (0.0, 0.0) if found is None else (found.open_ns / _NS, found.close_ns / _NS)


def _day(moment: float) -> date:
    return session_date(math.floor(moment) * _NS)


class BarAxis:
    """Between moments and positions on the axis: bar i lies from i - 0.5 to i + 0.5.

    What falls between two bars lies on their common edge. Before the first and after the last
    bar the open hours go on at the pace of the bars.
    """

    def __init__(self, ts: Floats, interval_s: float, hours: Hours) -> None:
        self._ts, self._interval, self._hours = ts, interval_s, hours

    def index_of(self, moment: float) -> float:
        """Where `moment` (epoch seconds) lies; there must be a bar."""
        ts, interval = self._ts, self._interval
        last = len(ts) - 1
        bar = int(np.searchsorted(ts, moment, side="right")) - 1
        if bar < 0:
            return -0.5 - self._hours.between(moment, float(ts[0])) / interval
        start = float(ts[bar])
        if bar < last or moment <= start + interval:
            return bar - 0.5 + min(1.0, (moment - start) / interval)
        return last + 0.5 + self._hours.between(start + interval, moment) / interval

    def moment_at(self, index: float) -> float:
        """The moment at a position; the inverse of `index_of` wherever there are open hours."""
        ts, interval = self._ts, self._interval
        last = len(ts) - 1
        if index < -0.5:
            return self._hours.after(float(ts[0]), (index + 0.5) * interval)
        if index > last + 0.5:
            end = float(ts[last]) + interval
            return self._hours.after(end, (index - last - 0.5) * interval)
        bar = min(last, math.floor(index + 0.5))
        return float(ts[bar]) + (index - bar + 0.5) * interval

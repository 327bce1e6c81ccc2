"""Timer handles in order of their deadline; knows neither Qt nor a clock."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections.abc import Callable


class LoopTimer(asyncio.TimerHandle):
    """A timer that knows whether a heap still counts on it."""

    __slots__ = ("awaited",)

    awaited: bool


class TimerHeap:
    """One heap for all timers; equal deadlines fire in the order they were set.

    Cancelled timers are thrown out when they are all there is, or more than half of
    a heap worth cleaning, so a flood of cancelled `wait_for` costs amortised O(1) and
    leaves nothing behind.
    """

    WORTH_CLEANING = 64

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, LoopTimer]] = []
        self._order = itertools.count()
        self._cancelled = 0

    def __len__(self) -> int:
        """Timers held, cancelled ones not yet thrown out included."""
        return len(self._heap)

    @property
    def head(self) -> float:
        """The earliest deadline in loop time (s); infinity when there is none."""
        return self._heap[0][0] if self._heap else math.inf

    def push(self, timer: LoopTimer) -> None:
        """Add a timer. Raises ValueError for a deadline that is not a number."""
        when = timer.when()
        if math.isnan(when):
            raise ValueError("a timer needs a deadline, not NaN")
        heapq.heappush(self._heap, (when, next(self._order), timer))
        timer.awaited = True

    def note_cancelled(self, timer: LoopTimer) -> None:
        """Take note that `timer` was cancelled; harmless when it has fired already."""
        if not timer.awaited:
            return
        timer.awaited = False
        self._cancelled += 1
        held = len(self._heap)
        if self._cancelled == held or (
            self._cancelled > self.WORTH_CLEANING and self._cancelled * 2 > held
        ):
            self._clean()

    def pop_due(self, now: float, take: Callable[[asyncio.TimerHandle], object]) -> None:
        """Hand every live timer with a deadline at or before `now` to `take`, in order."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            timer = heapq.heappop(heap)[2]
            if timer.awaited:
                timer.awaited = False
                take(timer)
            else:
                self._cancelled -= 1
        if self._cancelled == len(heap):
            self.clear()

    def clear(self) -> None:
        """Forget all timers."""
        for _, _, timer in self._heap:
            timer.awaited = False
        self._heap.clear()
        self._cancelled = 0

    def _clean(self) -> None:
        self._heap = [entry for entry in self._heap if entry[2].awaited]
        heapq.heapify(self._heap)
        self._cancelled = 0

"""Keeps the garbage collector from stopping the program at a bad moment.

With a day's heap a full collection stops everything for a quarter of a second. After
the start all that lives is frozen (no collection looks at it again), the thresholds are
raised, and what is left is collected when nothing else happens. Every pause is measured.
"""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

import msgspec

from cockpit.kernel.clock import SECOND

# The first is how many young objects start a collection (most die by reference count
# and never count), the second keeps the middle generation small, the third leaves full
# collections to the idle moments. Measured in tests/bench/pauses.py.
THRESHOLDS = (20_000, 2, 100_000)
QUIET_S = 1.0  # between two looks whether the program is idle
FULL_EVERY_S = 60.0  # between two full collections, idle as well
LONG_NS = 20_000_000  # a full collection over this freezes what it left alive
KEPT = 4_096  # pauses remembered for the percentile


class PauseStats(msgspec.Struct, frozen=True, kw_only=True):
    """The collector's pauses since the start (ns); the percentile is over the last 4,096."""

    count: int
    longest_ns: int
    p99_ns: int
    full: int


@contextmanager
def no_collection() -> Generator[None]:
    """Nothing is collected meanwhile: for building up what stays, which would be walked in vain."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


class CollectorPauses:
    """Steers the collector from `start` to `stop` and measures its pauses."""

    def __init__(self, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        self._clock = clock
        self._began = 0
        self._recent: deque[int] = deque(maxlen=KEPT)
        self._count = self._longest = self._full = 0
        self._full_at = 0
        self._before: tuple[int, int, int] | None = None
        self._thaw = False

    @property
    def stats(self) -> PauseStats:
        """What the Health panel shows."""
        recent = sorted(self._recent)
        return PauseStats(
            count=self._count,
            longest_ns=self._longest,
            p99_ns=recent[int(len(recent) * 0.99)] if recent else 0,
            full=self._full,
        )

    def start(self) -> None:
        """Collect once, freeze what lives and steer; call it when the start-up is over."""
        if self._before is not None:
            return
        self._before = gc.get_threshold()
        self._thaw = gc.get_freeze_count() == 0  # else somebody else froze, and still wants it
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        gc.callbacks.append(self._measure)
        self._full_at = self._clock()

    def stop(self) -> None:
        """Give the collector back as it was found; harmless when not started."""
        if self._before is None:
            return
        gc.callbacks.remove(self._measure)
        gc.set_threshold(*self._before)
        if self._thaw:
            gc.unfreeze()
        self._before = None

    def collect(self) -> None:
        """Collect now, because nothing else happens: young objects, and all once a minute.

        When all has become much, what survived is frozen too: a day's facts grow for
        hours and must not be walked again each minute.
        """
        now = self._clock()
        if now - self._full_at < FULL_EVERY_S * SECOND:
            gc.collect(1)
            return
        self._full_at = now
        gc.collect()
        if self._clock() - now > LONG_NS:
            gc.freeze()

    async def tend(
        self, sleep: Callable[[float], Awaitable[None]], busy: Callable[[], bool]
    ) -> None:
        """Collect each second in which `busy()` says no, until cancelled."""
        while True:
            await sleep(QUIET_S)
            if not busy():
                self.collect()

    def _measure(self, phase: str, info: dict[str, int]) -> None:
        now = self._clock()
        if phase == "start":
            self._began = now
            return
        pause = now - self._began
        self._recent.append(pause)
        self._count += 1
        self._longest = max(self._longest, pause)
        self._full += info["generation"] == 2

"""Wall and virtual clocks with the same face.

Time is an int of nanoseconds since 1970-01-01 UTC. Under a `VirtualClock` a whole
trading day runs as fast as the machine allows: time moves only when a driver moves
it, and work registered with `begin_work` keeps it still until the work ends or
sleeps on the clock.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Protocol

SECOND = 1_000_000_000
MILLISECOND = 1_000_000


class Timer(Protocol):
    """A scheduled call that can be called off."""

    def cancel(self) -> None:
        """Call it off; harmless when it already ran."""
        ...


class Work:
    """One piece of work that keeps virtual time still while `held`."""

    def __init__(self, clock: VirtualClock | None) -> None:
        self._clock = clock
        self.held = False
        self.acquire()

    def acquire(self) -> None:
        """Keep time still again."""
        if self._clock is not None and not self.held:
            self.held = True
            self._clock.work_started()

    def release(self) -> None:
        """Let time move on; harmless when it already may."""
        if self._clock is not None and self.held:
            self.held = False
            self._clock.work_ended()


_current_work: ContextVar[Work | None] = ContextVar("current_work", default=None)


def enter_work(work: Work | None) -> Token[Work | None]:
    """Make `work` the one that a sleep in this context releases."""
    return _current_work.set(work)


class WallClock:
    """The machine's own time."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        return time.time_ns()

    def elapsed_ns(self) -> int:
        """Nanoseconds that have passed since some start, whatever the clock is set to."""
        return time.monotonic_ns()

    def call_at(self, when_ns: int, callback: Callable[[], None]) -> Timer:
        """Call `callback` in the running loop at `when_ns`."""
        delay = max(0.0, (when_ns - self.now_ns()) / SECOND)
        return asyncio.get_running_loop().call_later(delay, callback)

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds`."""
        await asyncio.sleep(seconds)

    def begin_work(self) -> Work:
        """Nothing to keep still: real time passes anyway."""
        return Work(None)

    async def settled(self) -> None:
        """Return at once: nobody drives this clock."""


class _VirtualTimer:
    __slots__ = ("callback", "cancelled")

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


def _fire(timer: _VirtualTimer) -> None:
    try:
        timer.callback()
    except Exception as error:  # noqa: BLE001 -- one bad timer must not stop time
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a timer raised", "exception": error}
        )


class VirtualClock:
    """Time that moves only by `advance_to`; timers fire in order of their due time."""

    def __init__(self, start_ns: int) -> None:
        self._now = start_ns
        self._heap: list[tuple[int, int, _VirtualTimer]] = []
        self._order = itertools.count()
        self._busy = 0
        self._idle: list[asyncio.Future[None]] = []

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, UTC, as far as the driver has come."""
        return self._now

    def elapsed_ns(self) -> int:
        """The same: nobody sets this clock."""
        return self._now

    def call_at(self, when_ns: int, callback: Callable[[], None]) -> Timer:
        """Call `callback` when time reaches `when_ns` (at the next advance if past)."""
        timer = _VirtualTimer(callback)
        heapq.heappush(self._heap, (when_ns, next(self._order), timer))
        return timer

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of virtual time; the current work lets time move meanwhile."""
        work = _current_work.get()
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            # Time stands still again before the sleeper runs, not after.
            if work is not None:
                work.acquire()
            if not woken.done():
                woken.set_result(None)

        timer = self.call_at(self.now_ns() + round(seconds * SECOND), wake)
        if work is not None:
            work.release()
        try:
            await woken
        finally:
            timer.cancel()
            if work is not None:
                work.acquire()

    def begin_work(self) -> Work:
        """Register work that keeps time still until it is released."""
        return Work(self)

    @property
    def busy(self) -> bool:
        """True while registered work keeps time still."""
        return self._busy > 0

    def work_started(self) -> None:
        """Count one more piece of work."""
        self._busy += 1

    def work_ended(self) -> None:
        """Count one less and wake who waits for `settled`."""
        self._busy -= 1
        if self._busy == 0:
            waiting, self._idle = self._idle, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    async def settled(self) -> None:
        """Wait until no registered work keeps time still."""
        while self._busy:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle.append(future)
            await future

    def next_timer_ns(self) -> int | None:
        """When the next timer is due; None when there is none."""
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance_to(self, when_ns: int) -> bool:
        """Move towards `when_ns`, firing due timers; stop as soon as work keeps time still.

        Returns True when `when_ns` was reached. On False, await `settled()` and call
        again, so that nothing later happens before the woken work has had its turn.
        A timer that raises is reported to the loop, as its own timers are.
        """
        heap = self._heap
        if not self._busy and (not heap or heap[0][0] > when_ns):  # mostly nothing is due
            self._now = max(self._now, when_ns)
            return True
        while not self._busy:
            due = self.next_timer_ns()
            if due is None or due > when_ns:
                self._now = max(self._now, when_ns)
                return True
            _, _, timer = heapq.heappop(self._heap)
            self._now = max(self._now, due)
            _fire(timer)
        return False

    async def run_until(self, when_ns: int) -> None:
        """Advance to `when_ns`, letting all woken work finish on the way."""
        await self.settled()
        while not self.advance_to(when_ns):
            await self.settled()
        await self.settled()

    async def run_until_done(self, task: asyncio.Task[None]) -> None:
        """Advance from timer to timer until `task`, which was given work, is done.

        Returns early when no timer is left that could wake it.
        """
        while True:
            await self.settled()
            due = self.next_timer_ns()
            if task.done() or due is None:
                return
            self.advance_to(due)

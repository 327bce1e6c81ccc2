"""Times the heartbeat of an event loop from a thread of its own."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable

import msgspec
import structlog

from cockpit.kernel.clock import MILLISECOND, SECOND

_log = structlog.get_logger(__name__)

BEAT_NS = 100 * MILLISECOND
LAG_NS = 250 * MILLISECOND  # from here it is counted, and openings are denied
STALL_NS = SECOND  # from here the culprit's stack is logged
FROZEN_NS = SECOND  # a watchdog that did not run either for so long was perhaps asleep
ASLEEP_CPU = 0.1  # share of processor time below which it was


class LoopLagged(msgspec.Struct, frozen=True, kw_only=True):
    """The loop was held up and runs again; `stack` is empty when it was below a second."""

    seconds: float
    lags: int
    stack: str


class LoopWatchdog:
    """Knows whether the loop is late, how often it was and who held it.

    A beat is scheduled in the loop every 100 ms and takes its place in the ready queue,
    so it is as late as any other callback. Over 250 ms it counts as a lag; over 1 s the
    stack of the loop's thread is logged, once per stall. A system sleep is no stall: it
    stops the watchdog's own thread too and uses no processor time. Code that holds the
    interpreter's lock for a second and idles can't be told from it; all else can.

    `clock` and `cpu` give monotonic and processor time in ns; `on_lag` is called in the
    loop when a lag is over. Start and stop it in the loop's thread.
    """

    def __init__(
        self,
        on_lag: Callable[[LoopLagged], None] | None = None,
        *,
        clock: Callable[[], int] = time.monotonic_ns,
        cpu: Callable[[], int] = time.process_time_ns,
    ) -> None:
        self._on_lag = on_lag
        self._clock = clock
        self._cpu = cpu
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.Handle | None = None
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._watched = 0
        self._beat_at = self._looked_at = self._looked_cpu = 0
        self._stack = ""
        self.lags = 0
        self.longest_ns = 0
        self.sleeps = 0

    @property
    def late_ns(self) -> int:
        """How late the next beat is now; 0 when it is not due or nobody watches."""
        if self._loop is None:
            return 0
        return max(0, self._clock() - self._beat_at - BEAT_NS)

    @property
    def lagging(self) -> bool:
        """True from 250 ms of lag until the next beat in time; any thread may ask."""
        return self.late_ns > LAG_NS

    @property
    def last_stack(self) -> str:
        """Who held the loop in the stall that lasts; empty when none does."""
        return self._stack

    def start(self) -> None:
        """Watch the running loop. Raises RuntimeError when there is none; twice is harmless."""
        if self._loop is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._watched = threading.get_ident()
        self._beat_at = self._looked_at = self._clock()
        self._looked_cpu = self._cpu()
        self._ended.clear()
        self._thread = threading.Thread(target=self._watch, name="loop-watchdog", daemon=True)
        self._thread.start()
        self._schedule(self._loop)

    def stop(self) -> None:
        """End the thread and the beat; harmless when not started."""
        self._ended.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._thread is not None:
            self._thread.join()
        self._loop = self._timer = self._thread = None
        self._stack = ""

    # In the loop.

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_later(BEAT_NS / SECOND, self._queue, loop)

    def _queue(self, loop: asyncio.AbstractEventLoop) -> None:
        # Behind what is ready already: a loop may let its timers overtake the others.
        self._timer = loop.call_soon(self.beat)

    def beat(self) -> None:
        """Take the loop's pulse; the loop calls this, a test may."""
        if self._loop is None:
            return
        self._schedule(self._loop)
        with self._lock:
            now = self._clock()
            self._forgive_sleep(now)
            late = now - self._beat_at - BEAT_NS
            self._beat_at = now
            stack, self._stack = self._stack, ""
        if late > LAG_NS:
            self._count(late, stack)

    def _count(self, late: int, stack: str) -> None:
        self.lags += 1
        self.longest_ns = max(self.longest_ns, late)
        _log.warning("loop_lagged", milliseconds=late // MILLISECOND, lags=self.lags)
        if self._on_lag is not None:
            self._on_lag(LoopLagged(seconds=late / SECOND, lags=self.lags, stack=stack))

    # In the thread.

    def _watch(self) -> None:
        while not self._ended.wait(BEAT_NS / SECOND):
            self.look()

    def look(self) -> None:
        """Look once whether the loop stalls; the thread calls this, a test may."""
        with self._lock:
            now = self._clock()
            self._forgive_sleep(now)
            self._looked_at, self._looked_cpu = now, self._cpu()
            late = self.late_ns
            if self._stack or late <= STALL_NS:
                return
            self._stack = stack = self._watched_stack()
        _log.error("loop_stalled", milliseconds=late // MILLISECOND, stack=stack)

    def _watched_stack(self) -> str:
        # Private by name only: the library documents it for exactly this.
        frames = sys._current_frames()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        frame = frames.get(self._watched)
        return "".join(traceback.format_stack(frame)) if frame else "the thread is gone"

    def _forgive_sleep(self, now: int) -> None:
        """Move the last beat past a time in which the whole process was frozen."""
        frozen = now - self._looked_at
        cpu = self._cpu()
        if frozen > FROZEN_NS and cpu - self._looked_cpu < frozen * ASLEEP_CPU:
            self.sleeps += 1
            self._beat_at += frozen
            self._looked_at, self._looked_cpu = now, cpu

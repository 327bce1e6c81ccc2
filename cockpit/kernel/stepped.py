"""An event loop and a clock that somebody outside moves, step by step.

No sockets, no threads, no wall time: the order of everything depends on nothing but the
program. So a run can be repeated, and a process can be ended between any two steps.
"""

from __future__ import annotations

import asyncio
import heapq
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from contextvars import Context, copy_context
from typing import Any, TypeVar

from cockpit.kernel.clock import SECOND, Timer, Work
from cockpit.kernel.coroutines import handed_to

T = TypeVar("T")


class _Due:
    """Something that time comes for; without a callback it was called off."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def come(self) -> None:
        if self.callback is not None:
            self.callback()

    def cancel(self) -> None:
        self.callback = None


class _Alarm(_Due):
    """Due in time, called by a loop."""

    __slots__ = ("_loop",)

    def __init__(self, callback: Callable[[], None], loop: SteppedLoop) -> None:
        self.callback = callback
        self._loop = loop

    def come(self) -> None:
        self._loop.call_soon(self._ring)

    def _ring(self) -> None:
        if self.callback is not None:
            self.callback()


class Timeline:
    """True time, and what is due in it, first come first served.

    A loop that has something to run sets `woken`; whoever lets the loops run takes it back.
    """

    def __init__(self, start_ns: int) -> None:
        self.now_ns = start_ns
        self.woken = False
        self._heap: list[tuple[int, int, _Due]] = []
        self._order = 0

    def call_at(self, when_ns: int, callback: Callable[[], None]) -> Timer:
        """Call `callback` when time has come to `when_ns`; now, if that is past."""
        return self.put(when_ns, _Due(callback))

    def put(self, when_ns: int, due: _Due) -> _Due:
        """Let `due` come when time has come to `when_ns`; now, if that is past."""
        self._order += 1
        when = when_ns if when_ns > self.now_ns else self.now_ns  # noqa: FURB136 -- quicker than max
        heapq.heappush(self._heap, (when, self._order, due))
        return due

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` in `seconds`."""
        return self.put(self.now_ns + round(seconds * SECOND), _Due(callback))

    def advance(self, until_ns: int) -> bool:
        """Do what is due up to `until_ns`, until that wakes a loop.

        False when nothing is left to do; time is there then.
        """
        heap = self._heap
        while heap and heap[0][0] <= until_ns:
            when, _, due = heapq.heappop(heap)
            if due.callback is not None:
                self.now_ns = when
                due.come()
                if self.woken:
                    return True
        self.now_ns = max(self.now_ns, until_ns)
        return False


class _Step(asyncio.Handle):
    """A handle as cheap as can be: made for each step, and nobody looks into it."""

    __slots__ = ()
    _loop: SteppedLoop

    def __init__(
        self,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: SteppedLoop,
        context: Context | None,
    ) -> None:
        self._loop = loop
        self._callback = callback
        self._args = args
        self._context = copy_context() if context is None else context
        self._cancelled = False

    def run(self) -> None:
        if self._cancelled:
            return
        self._loop.steps += 1
        try:
            self._context.run(self._callback, *self._args)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 -- the loop's edge: told, as asyncio does
            self._loop.call_exception_handler({"message": "a step raised", "exception": error})


class SteppedLoop(asyncio.AbstractEventLoop):
    """One process's event loop on a timeline. `run` runs callbacks and counts them as steps.

    It pauses once `stop_at` steps were taken, which anything that runs may change.
    `abandon` ends it as a crash does: nothing that waits ever runs again. Callbacks that
    raise are given to `on_error`.
    """

    def __init__(self, timeline: Timeline, on_error: Callable[[str], None]) -> None:
        self._timeline = timeline
        self._on_error = on_error
        self._ready: deque[_Step] = deque()
        self._tasks: list[asyncio.Task[Any]] = []
        self.steps = 0
        self.stop_at = sys.maxsize
        self.alive = True

    def run(self) -> None:
        """Run what is ready and what that makes ready, up to step `stop_at`."""
        ready = self._ready
        if not ready:
            return
        before = _enter(self)
        try:
            while ready and self.steps < self.stop_at:
                ready.popleft().run()
        finally:
            _enter(before)

    def pause(self) -> None:
        """Run nothing after the step that runs now."""
        self.stop_at = self.steps

    @contextmanager
    def entered(self) -> Generator[None]:
        """Be the running loop of this thread."""
        before = _enter(self)
        try:
            yield
        finally:
            _enter(before)

    def abandon(self) -> None:
        """Drop everything. Whoever owns the doors shuts them first: frames are torn down here."""
        self.alive = False
        self._ready.clear()
        with self.entered():
            while self._tasks:  # what is torn down may start more
                task = self._tasks.pop(0)
                if not task.done():
                    _tear_down(task)
        self._ready.clear()

    # What asyncio asks of a loop.

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Queue a callback behind what is ready."""
        handle = _Step(callback, args, self, context)
        if self.alive:
            self._ready.append(handle)
            self._timeline.woken = True
        return handle

    call_soon_threadsafe = call_soon

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Queue a callback in `delay` seconds."""
        when = self._timeline.now_ns + round(delay * SECOND)
        handle = asyncio.TimerHandle(when / SECOND, callback, args, self, context)

        def come() -> None:
            if not handle.cancelled():
                self.call_soon(callback, *args, context=context)

        self._timeline.call_at(when, come)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Queue a callback at the loop's time `when`."""
        return self.call_later(when - self.time(), callback, *args, context=context)

    def time(self) -> float:
        """Seconds on the timeline."""
        return self._timeline.now_ns / SECOND

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
        **_kwargs: Any,
    ) -> asyncio.Task[T]:
        """A task of this loop."""
        task: asyncio.Task[T] = asyncio.Task(coro, loop=self, name=name, context=context)  # pyright: ignore[reportArgumentType] -- a generator is no coroutine to the stubs
        self._tasks.append(task)
        return task

    def get_debug(self) -> bool:
        """Never slow."""
        return False

    def is_running(self) -> bool:
        """Whether it still may."""
        return self.alive

    def is_closed(self) -> bool:
        """After a crash."""
        return not self.alive

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Tell what nobody caught; a crashed process tells nothing."""
        if self.alive:
            self._on_error(f"{context.get('message')}: {context.get('exception')!r}")

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A timer that was cancelled finds that out when it is due."""


def _enter(loop: asyncio.AbstractEventLoop | None) -> asyncio.AbstractEventLoop | None:
    """Make `loop` the running one of this thread; returns the one before."""
    before = asyncio._get_running_loop()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- made for loop implementers
    asyncio._set_running_loop(loop)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- made for loop implementers
    return before


def _tear_down(task: asyncio.Task[Any]) -> None:
    """Take a suspended task's frames apart; what its finally blocks try must find shut doors."""
    body = task.get_coro()
    given = list(handed_to(body))
    for _ in range(20):
        try:
            body.close()  # pyright: ignore[reportOptionalMemberAccess] -- None for eager tasks only
        except BaseException:  # noqa: BLE001, S112 -- a dead process has nobody to tell
            continue
        break
    for coroutine in given:
        coroutine.close()  # handed to a body that never began to await it


class SteppedClock:
    """The clock of one process: true time, off by `offset_ns`, which a fault may change.

    As on a real machine a step of the wall clock moves no timer.
    """

    def __init__(self, timeline: Timeline, loop: SteppedLoop, offset_ns: int = 0) -> None:
        self._timeline = timeline
        self._loop = loop
        self.offset_ns = offset_ns

    def now_ns(self) -> int:
        """What this machine's clock shows."""
        return self._timeline.now_ns + self.offset_ns

    def elapsed_ns(self) -> int:
        """True time, which no step changes."""
        return self._timeline.now_ns

    def call_at(self, when_ns: int, callback: Callable[[], None]) -> Timer:
        """Call `callback` in the loop when as much time has passed as is missing now."""
        alarm = _Alarm(callback, self._loop)
        self._timeline.put(when_ns - self.offset_ns, alarm)
        return alarm

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds`."""
        woken = self._loop.create_future()
        timer = self.call_at(
            self.now_ns() + round(seconds * SECOND),
            lambda: None if woken.done() else woken.set_result(None),
        )
        try:
            await woken
        finally:
            timer.cancel()

    def begin_work(self) -> Work:
        """Time moves only when no step is left: nothing to hold."""
        return Work(None)

    async def settled(self) -> None:
        """Return at once."""

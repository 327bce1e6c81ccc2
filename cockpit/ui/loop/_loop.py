"""One ready queue and one heap of timers, driven by two Qt timers."""

# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001
# asyncio's way to write a loop is through its private hooks (see `_edge`).
from __future__ import annotations

import asyncio
import contextvars
import math
import sys
import threading  # noqa: TID251 (asks which thread this is, starts none)
from asyncio import BaseEventLoop, events, tasks
from asyncio.log import logger
from collections import deque
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal

from cockpit.ui.loop._edge import QtLoopBase
from cockpit.ui.loop._interrupts import interruptible
from cockpit.ui.loop._timers import LoopTimer, TimerHeap

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_LONGEST_WAIT = 3600.0  # s; a Qt timer counts milliseconds in an int


class _Waker(QObject):
    """Carries a wake-up from any thread into the loop's own."""

    woken = Signal()


def _single_shot(kind: Qt.TimerType, slot: Callable[[], None]) -> QTimer:
    timer = QTimer()
    timer.setSingleShot(True)
    timer.setTimerType(kind)
    timer.timeout.connect(slot)
    return timer


class CockpitLoop(QtLoopBase):
    """asyncio's event loop inside Qt's.

    Differs from qasync's own: timers are precise and never early, a cancelled timer
    leaves nothing in Qt, and tasks keep running while one of them sits in a nested Qt
    loop (`dialog.exec()`, `processEvents()`). A pump runs at most `TURN` seconds
    before Qt gets to paint and to read sockets; due timers and ready callbacks take
    turns, so neither flood starves the other. Everything qasync reimplements and
    asyncio does better (executor, exception handler, debug) is asyncio's again.
    """

    TURN = 0.004

    def __init__(self, app: QCoreApplication | None = None) -> None:
        """Attach to `app` or the running application. Raises RuntimeError without one."""
        app = app or QCoreApplication.instance()
        if app is None:
            raise RuntimeError("make a QApplication before its loop")
        self._qt_app = app
        self._timers = TimerHeap()
        self._due: deque[asyncio.Handle] = deque()
        self._parked: list[asyncio.Handle] = []
        self._entered: list[contextvars.Context] = []
        self._failure: BaseException | None = None
        self._pump_set = False
        self._tick_at = math.inf
        self._woken = False
        self._zero = _single_shot(Qt.TimerType.CoarseTimer, self._on_zero)
        self._tick = _single_shot(Qt.TimerType.PreciseTimer, self._on_tick)
        self._waker = _Waker()
        self._waker.woken.connect(self._on_woken)
        super().__init__(app)

    # asyncio's own again, where qasync has a lesser one.
    run_until_complete = BaseEventLoop.run_until_complete
    call_later = BaseEventLoop.call_later
    time = BaseEventLoop.time
    run_in_executor = BaseEventLoop.run_in_executor
    set_default_executor = BaseEventLoop.set_default_executor
    set_exception_handler = BaseEventLoop.set_exception_handler
    default_exception_handler = BaseEventLoop.default_exception_handler
    call_exception_handler = BaseEventLoop.call_exception_handler
    get_debug = BaseEventLoop.get_debug
    set_debug = BaseEventLoop.set_debug

    @property
    def backlog(self) -> int:
        """Callbacks that wait for their turn now."""
        return len(self._ready) + len(self._due)

    @property
    def timers(self) -> int:
        """Timers that wait for their deadline."""
        return len(self._timers)

    # Running and ending.

    def is_running(self) -> bool:
        """Return True between the start and the end of `run_forever`."""
        return self._thread_id is not None

    def run_forever(self) -> None:
        """Run Qt's loop and ours until `stop()` or the application quits.

        KeyboardInterrupt and SystemExit raised by a callback end the run and are
        raised here. Callbacks run only in here, not in a Qt loop started elsewhere.
        """
        self._check_closed()
        self._check_running()
        hooks = sys.get_asyncgen_hooks()
        self._set_coroutine_origin_tracking(self._debug)
        try:
            self._thread_id = threading.get_ident()
            sys.set_asyncgen_hooks(
                firstiter=self._asyncgen_firstiter_hook, finalizer=self._asyncgen_finalizer_hook
            )
            events._set_running_loop(self)
            self._exec()
        finally:
            self._stopping = False
            self._thread_id = None
            events._set_running_loop(None)
            self._set_coroutine_origin_tracking(False)
            sys.set_asyncgen_hooks(*hooks)
        self._raise_failure()

    def _exec(self) -> None:
        self._before_run_forever()
        try:
            with interruptible(self._wake_fd(), self._on_interrupt, self._handles_signals):
                self._set_pump()
                self._set_tick()
                self._qt_app.exec()
        finally:
            self._after_run_forever()

    def _wake_fd(self) -> int | None:
        # On Windows nobody reads the self-pipe: qasync polls the proactor in a thread.
        csock = None if sys.platform == "win32" else getattr(self, "_csock", None)
        return None if csock is None else csock.fileno()

    def _handles_signals(self) -> bool:
        return bool(getattr(self, "_signal_handlers", None))

    def stop(self) -> None:
        """End the run after the callbacks that are ready now."""
        self._stopping = True
        if self._thread_id is not None:
            self._set_pump()

    def close(self) -> None:
        """Forget all work and stop the timers. Raises RuntimeError while running."""
        super().close()
        self._zero.stop()
        self._tick.stop()
        self._pump_set, self._tick_at = False, math.inf
        self._due.clear()
        self._parked.clear()
        self._timers.clear()

    # Scheduling.

    def call_soon(
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Run `callback` in the next turn, after what is ready already."""
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_soon")
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        if not self._pump_set:
            self._set_pump()
        return handle

    def call_soon_threadsafe(
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Do as `call_soon`, from any thread."""
        if self._debug:
            self._check_callback(callback, "call_soon_threadsafe")
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        # One wake-up per turn is enough; the flag is lowered before the queue is read.
        if not self._woken:
            self._woken = True
            self._waker.woken.emit()
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run `callback` at `when` (loop time, s) or as soon after as Qt lets us.

        Raises ValueError when `when` is not a number.
        """
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_at")
        self._check_closed()
        handle = LoopTimer(when, callback, args, self, context)
        self._timers.push(handle)
        if when < self._tick_at:
            self._set_tick()
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        if isinstance(handle, LoopTimer):
            self._timers.note_cancelled(handle)

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        # asyncio hands over the handles of Unix signals here; qasync's has a delay.
        self._ready.append(handle)
        self._set_pump()
        return handle

    def _add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> None:
        # qasync would run it in the context of whatever Qt was doing at the time.
        super()._add_reader(fd, contextvars.copy_context().run, callback, *args)

    def _add_writer(self, fd: Any, callback: Callable[..., object], *args: Any) -> None:
        super()._add_writer(fd, contextvars.copy_context().run, callback, *args)

    # The two Qt timers.

    def _set_pump(self) -> None:
        self._pump_set = True
        self._zero.start(0)

    def _set_tick(self) -> None:
        head = self._timers.head
        if head >= self._tick_at:
            return  # an earlier tick stands: it costs one idle turn, a restart costs more
        now = self.time()
        self._tick_at = min(head, now + _LONGEST_WAIT)
        self._tick.start(max(0, math.ceil((self._tick_at - now) * 1000)))

    def _on_zero(self) -> None:
        self._pump_set = False
        self._pump()

    def _on_tick(self) -> None:
        self._tick_at = math.inf
        self._pump()

    def _on_woken(self) -> None:
        self._woken = False
        # Not pumped from here: posted events come before painting, a flood would starve it.
        self._set_pump()

    # Turning.

    def _pump(self) -> None:
        """Run one turn; safe inside a nested Qt loop, where a task is current already."""
        if self._thread_id is None:
            return
        outer, task = self._current_handle, asyncio.current_task(self)
        if outer is not None:
            self._entered.append(outer._context)
        if task is not None:
            tasks._leave_task(self, task)
        # A single-shot timer may fire inside its own callback: a nested loop is fed.
        self._set_pump()
        try:
            self._turn()
        except BaseException as error:  # noqa: BLE001 (Qt would print and forget it)
            self._fail(error)
        finally:
            self._current_handle = outer
            if task is not None:
                tasks._enter_task(self, task)
            if outer is not None:
                self._entered.pop()
            self._settle()

    def _turn(self) -> None:
        ready, due, timers, clock = self._ready, self._due, self._timers, self.time
        run = self._run_slowly if self._debug or self._entered else self._run
        now = clock()
        end = now + self.TURN
        while True:
            timers.pop_due(now, due.append)
            self._set_tick()
            for _ in range(max(len(ready), len(due))):
                if ready:
                    run(ready.popleft())
                if due:
                    run(due.popleft())
                now = clock()
                if (now >= end or self._failure is not None) and self._ends_early(now >= end):
                    return
            if self._stopping or not (ready or due or timers.head <= now):
                return

    def _ends_early(self, spent: bool) -> bool:
        if self._failure is not None:
            # A `processEvents` loop under us may wait for a task: it must still come.
            return spent or not self._entered
        return spent and not self._stopping  # a stop finishes its batch

    def _run(self, handle: asyncio.Handle) -> None:
        if not handle._cancelled:
            self._current_handle = handle
            handle._run()

    def _run_slowly(self, handle: asyncio.Handle) -> None:
        """Run with the checks that only a nested loop or the debug mode needs."""
        if any(context is handle._context for context in self._entered):
            # Entering it twice raises, and a task's step would be lost for ever.
            self._parked.append(handle)
            return
        start = self.time()
        self._run(handle)
        took = self.time() - start
        if self._debug and took >= self.slow_callback_duration:
            logger.warning("Executing %r took %.3f seconds", handle, took)

    def _settle(self) -> None:
        """Leave exactly the Qt timers running that the remaining work needs."""
        if self._parked and not self._entered:
            self._ready.extendleft(reversed(self._parked))
            self._parked.clear()
        if self._ready or self._due:
            if not self._pump_set:
                self._set_pump()
        elif self._pump_set:
            self._pump_set = False
            self._zero.stop()
        self._set_tick()
        if self._stopping:
            self._qt_app.exit()

    # Failing.

    def _on_interrupt(self, _signum: int, _frame: FrameType | None) -> None:
        if self._current_handle is not None:
            raise KeyboardInterrupt
        self._fail(KeyboardInterrupt())

    def _fail(self, error: BaseException) -> None:
        """End the run, nested dialogs included, and let `run_forever` raise `error`."""
        if self._failure is None:
            self._failure = error
        self._qt_app.exit()

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

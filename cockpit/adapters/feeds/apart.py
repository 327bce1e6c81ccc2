"""A stream in a process of its own: what comes in is read there, and the window paints here.

Threads of one interpreter take turns, so that a socket that brings a hundred thousand quotes a
second makes each repaint wait. From a process quotes come as columns of numbers, every
millisecond or two those that came meanwhile; all else comes as it is, in its order. What runs
in the process is `stream_process`.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any

import structlog

from cockpit.adapters.feeds import stream_process
from cockpit.adapters.feeds.crossing import Reader, told_in, widen
from cockpit.adapters.feeds.inbox import Inbox
from cockpit.adapters.feeds.market_stream import Dialect, Listeners, StreamSettings
from cockpit.adapters.feeds.stream_process import Order
from cockpit.adapters.streams import StreamState
from cockpit.ports.columns import Columns

_log = structlog.get_logger(__name__)
_FEW = 64  # so many rows are looked at faster one by one
_LOOK_S = 0.25
_PATIENCE_S = 1.0  # for a process that was told to end
_AGAIN_S, _AGAIN_AT_MOST_S = 1.0, 30.0  # from the end of one that died to the next
_SILENT_S, _STARTING_S = 5.0, 30.0  # one that says nothing for so long is given up


class StreamApart:
    """The same as a `MarketStream`, which it runs elsewhere; all may be called from any thread.

    Made in the loop, which takes what has come in its own time: a thread that reads would have to
    wait for the interpreter after each call, and only wakes a loop that found nothing. A process
    that dies is followed by another, and its end is told as `DOWN`.
    """

    def __init__(
        self,
        name: str,
        dialect: Dialect[Any, Any],
        settings: StreamSettings,
        symbols: Sequence[str],
        listeners: Listeners,
        *,
        inbox: Inbox,
    ) -> None:
        self._order = Order(name, dialect, settings, tuple(dict.fromkeys(symbols)))
        self._tell = listeners
        self._inbox = inbox
        self._loop = asyncio.get_running_loop()
        self._reader: Reader | None = None
        self._reading = Lock()
        self._names: list[str] = []
        self._lock = Lock()
        self._asked: SimpleQueue[tuple[Any, ...] | None] | None = None
        self._heard = self._again_s = 0.0
        self._stop_at: float | None = None
        self._over = False
        self._empty, self._gone = Event(), Event()

    def start(self) -> None:
        """Begin to sign in; once."""
        self._inbox.draw_from(self)
        Thread(target=self._run, name=self._order.name, daemon=True).start()

    def stop(self) -> None:
        """End it; `CLOSED` is told last."""
        self._stop_at = time.monotonic() + _PATIENCE_S
        self._ask("stop")

    def doubt(self, why: str) -> None:
        """Give the session up, and sign in again."""
        self._ask("doubt", why)

    def watch(self, symbols: Sequence[str]) -> None:
        """Want these symbols, too."""
        with self._lock:
            wanted = tuple(dict.fromkeys((*self._order.symbols, *symbols)))
            self._order = self._order._replace(symbols=wanted)
        self._ask("watch", tuple(symbols))

    def _ask(self, *what: Any) -> None:
        """Have it told by a thread: a process that does not listen must hold nobody up."""
        asked = self._asked
        if asked is not None:  # else there is none now, and the next one knows
            asked.put(what)

    # in a thread: processes come and go

    def _run(self) -> None:
        try:
            while self._wanted():
                why = self._one_process()
                if self._wanted():
                    _log.warning("stream_process_ended", stream=self._order.name, why=why)
                    self._tell.state(StreamState.DOWN, why)
                    self._again_s = min(max(_AGAIN_S, 2 * self._again_s), _AGAIN_AT_MOST_S)
                    self._wait(self._again_s)
        finally:
            self._tell.state(StreamState.CLOSED, "")

    def _wanted(self) -> bool:
        return self._stop_at is None and not self._over and not self._loop.is_closed()

    def _one_process(self) -> str:
        """Start one and have the loop take what it tells, until it has ended; how it ended."""
        context = multiprocessing.get_context("spawn")
        pipe, other = context.Pipe()
        widen(pipe)
        widen(other)
        with self._lock:
            order = self._order
        process = context.Process(
            target=stream_process.run, args=(other, order), name=order.name, daemon=True
        )
        try:
            process.start()
        except Exception as error:  # noqa: BLE001 -- no memory, no main file: DOWN, and again
            pipe.close()
            return f"its process could not be started: {error}"
        finally:
            other.close()
        silent = self._listen(pipe, process, order)
        pipe.close()
        if silent:
            return "its process said nothing any more"
        return f"its process ended with {process.exitcode}"

    def _listen(self, pipe: Connection, process: BaseProcess, order: Order) -> bool:
        """Until it has ended; True when it had to be given up."""
        self._gone.clear()
        asked = self._asked = SimpleQueue[tuple[Any, ...] | None]()
        reader = Reader(pipe)
        with self._reading:
            self._names, self._reader = [], reader
        with self._lock:
            later = self._order.symbols[len(order.symbols) :]
        if later:  # wanted while it was being started
            asked.put(("watch", later))
        if self._stop_at is not None:
            asked.put(("stop",))
        Thread(target=_write, args=(pipe, asked), name=order.name, daemon=True).start()
        silent = self._wake(pipe)
        self._asked = None
        asked.put(None)
        self._gone.set()
        with self._reading:
            self._reader = None
            reader.close()
        _end(process)  # before the pipe is closed: it may be all that a writer waits for
        return silent

    def _wake(self, pipe: Connection) -> bool:
        """Wake the loop when something comes and it does not look by itself.

        True when the process has to be given up: nothing waits, and nothing was heard for long.
        """
        self._heard = time.monotonic() + _STARTING_S - _SILENT_S
        with suppress(OSError, RuntimeError):  # the loop is closed: nobody listens any more
            while not self._gone.is_set() and not self._overdue():
                if self._loop.is_closed():
                    return False
                if pipe.poll(_LOOK_S):
                    self._empty.clear()
                    self._inbox.look()
                    while not (self._empty.wait(_LOOK_S) or self._gone.is_set()):
                        if self._overdue() or self._loop.is_closed():
                            return False
                        self._inbox.look()
                elif time.monotonic() - self._heard > _SILENT_S:
                    return True
        return False

    def _overdue(self) -> bool:
        return self._stop_at is not None and time.monotonic() > self._stop_at

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self._wanted() and time.monotonic() < until:
            time.sleep(_LOOK_S / 5)

    # in the loop

    def bring(self) -> None:
        """Take what has come out of the pipe, as of `inbox.Source`."""
        try:
            with self._reading:
                messages = [] if self._reader is None else self._reader.read()
            self._heard = max(self._heard, time.monotonic())
            self._take_all(messages)
        except (EOFError, OSError):
            self._end_this()
        except Exception as error:  # noqa: BLE001 -- what can't be read any more: another process
            _log.error("stream_process_unreadable", stream=self._order.name, error=repr(error))
            self._end_this()

    def rest(self) -> None:
        """Let the thread look for what comes next, as of `inbox.Source`."""
        self._empty.set()

    def _end_this(self) -> None:
        self._gone.set()
        self._empty.set()

    def _take_all(self, messages: Sequence[memoryview]) -> None:
        """Pass on in their order; rows that lie beside each other are one batch."""
        batches: list[Columns] = []
        try:
            for message in messages:
                kind, what = told_in(message, self._names)
                if kind == "rows":
                    batches.append(what)
                    continue
                self._put(batches)
                batches = []
                if self._take(kind, what):
                    self._end_this()
        finally:
            self._put(batches)

    def _put(self, batches: Sequence[Columns]) -> None:
        if batches:
            rows = Columns.joined(batches)
            self._inbox.put(rows if len(rows) >= _FEW else list(rows))

    def _take(self, kind: str, what: Any) -> bool:
        """Pass on; True when it was the last word."""
        tell = self._tell
        if kind == "state":
            state, why = what
            if state is StreamState.CLOSED:
                return True
            if state is not StreamState.UP:
                _log.warning("stream_ended", stream=self._order.name, state=state.value, why=why)
            else:
                self._again_s = 0.0
            self._over = state.final
            tell.state(state, why)
        elif kind == "list":
            self._inbox.put(what)
        elif kind == "left_out":
            self._inbox.leave_out(what)
        elif kind != "beat":
            {"unreadable": tell.unreadable, "refused": tell.refused, "remark": tell.remark}[kind](
                what
            )
        return False


def _write(pipe: Connection, asked: SimpleQueue[tuple[Any, ...] | None]) -> None:
    """Tell the process what is asked of it, until there is nothing more."""
    with suppress(OSError, ValueError):  # it has gone, and the pipe with it
        while (what := asked.get()) is not None:
            pipe.send(what)


def _end(process: BaseProcess) -> None:
    process.join(_PATIENCE_S)
    if process.is_alive():
        process.kill()
        process.join()

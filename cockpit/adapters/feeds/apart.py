"""A stream in a process of its own: what comes in is read there, and the window paints here.

Threads of one interpreter take turns, so that a socket that brings a hundred thousand quotes a
second makes each repaint wait. From a process quotes come as columns of numbers, every
millisecond or two those that came meanwhile; all else comes as it is, in its order.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Event, Lock, Thread
from typing import Any, NamedTuple

import structlog

from cockpit.adapters.feeds.market_stream import Dialect, Listeners, MarketStream, StreamSettings
from cockpit.adapters.streams import StreamState
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawRow

_log = structlog.get_logger(__name__)
_GATHER_S = 0.001
_REST_S = 0.003  # until the loop looks again, while something comes
_MANY = 64  # fewer rows come as they are
_IN_ONE = 320  # rows of 44 bytes: what is below 16 kB goes in one piece, and is there as a whole
_AT_ONCE = 64  # messages that the loop takes before others have their turn
_LOOK_S = 0.25
_PATIENCE_S = 1.0  # for a process that was told to end
_AGAIN_S = 1.0  # from the end of one that died to the next

_Packed = tuple[Any, ...]


class _Order(NamedTuple):
    """What a process is to do, as it goes over."""

    name: str
    dialect: Dialect[Any, Any]
    settings: StreamSettings
    symbols: tuple[str, ...]


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
    ) -> None:
        self._order = _Order(name, dialect, settings, tuple(dict.fromkeys(symbols)))
        self._tell = listeners
        self._loop = asyncio.get_running_loop()
        self._names: list[str] = []
        self._lock = Lock()
        self._pipe: Connection | None = None
        self._stop_at: float | None = None
        self._over = False
        self._empty, self._gone = Event(), Event()

    def start(self) -> None:
        """Begin to sign in; once."""
        Thread(target=self._run, name=self._order.name, daemon=True).start()

    def stop(self) -> None:
        """End it; `CLOSED` is told last."""
        with self._lock:
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
        with self._lock, suppress(OSError):  # it has gone: the next one knows
            if self._pipe is not None:
                self._pipe.send(what)

    # in a thread: processes come and go

    def _run(self) -> None:
        try:
            while self._stop_at is None and not self._over:
                ended = self._one_process()
                if self._stop_at is None and not self._over:
                    _log.warning("stream_process_ended", stream=self._order.name, why=ended)
                    self._tell.state(StreamState.DOWN, f"its process ended with {ended}")
                    self._wait(_AGAIN_S)
        finally:
            self._tell.state(StreamState.CLOSED, "")

    def _one_process(self) -> object:
        """Start one and have the loop take what it tells, until it has ended; how it ended."""
        context = multiprocessing.get_context("spawn")
        pipe, other = context.Pipe()
        with self._lock:
            order = self._order
        process = context.Process(target=_read, args=(other, order), name=order.name, daemon=True)
        try:
            process.start()
        except OSError as error:  # no memory, no room for another process
            pipe.close()
            return error
        finally:
            other.close()
        self._gone.clear()
        with self._lock:
            self._pipe, self._names = pipe, []
            if self._stop_at is not None:
                pipe.send(("stop",))
        self._wake(pipe)
        with self._lock:
            self._pipe = None
            self._gone.set()
            pipe.close()
        _end(process)
        return process.exitcode

    def _wake(self, pipe: Connection) -> None:
        """Wake the loop when something comes and it does not look by itself."""
        with suppress(OSError, RuntimeError):  # the loop is closed: nobody listens any more
            while not self._gone.is_set() and not self._overdue():
                if pipe.poll(_LOOK_S):
                    self._empty.clear()
                    self._loop.call_soon_threadsafe(self._drain, pipe)
                    while not self._empty.wait(_LOOK_S) and not self._overdue():
                        pass

    def _overdue(self) -> bool:
        return self._stop_at is not None and time.monotonic() > self._stop_at

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self._stop_at is None and time.monotonic() < until:
            time.sleep(_LOOK_S / 5)

    # in the loop

    def _drain(self, pipe: Connection) -> None:
        """Take what has come, and look again soon after if there was anything."""
        came = 0
        try:
            while came < _AT_ONCE and not self._gone.is_set() and pipe.poll(0):
                came += 1
                if self._take(pipe.recv()):
                    self._gone.set()
        except (EOFError, OSError):
            self._gone.set()
        if came and not self._gone.is_set():
            self._loop.call_later(_REST_S, self._drain, pipe)
        else:
            self._empty.set()

    def _take(self, told: tuple[str, Any]) -> bool:
        """Pass on; True when it was the last word."""
        kind, what = told
        tell = self._tell
        if kind == "rows":
            tell.rows(what)
        elif kind == "columns":
            tell.rows(self._unpacked(what))
        elif kind == "state":
            state, why = what
            if state is StreamState.CLOSED:
                return True
            if state is not StreamState.UP:
                _log.warning("stream_ended", stream=self._order.name, state=state.value, why=why)
            self._over = state.final
            tell.state(state, why)
        else:
            {"unreadable": tell.unreadable, "refused": tell.refused, "remark": tell.remark}[kind](
                what
            )
        return False

    def _unpacked(self, packed: _Packed) -> Columns:
        new, keys, ts, numbers, at, others = packed
        self._names += new
        return Columns(self._names, keys, ts, numbers, at=at, others=others)


def _end(process: BaseProcess) -> None:
    process.join(_PATIENCE_S)
    if process.is_alive():
        process.kill()
        process.join()


# in the process


def _read(pipe: Connection, order: _Order) -> None:
    """Run the stream until it is told to stop, or nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program it belongs to ends it
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.freeze()
    stream = MarketStream[Any, Any](
        order.name, order.dialect, order.settings, order.symbols, _Teller(pipe).listeners()
    )
    stream.start()
    do: dict[str, Callable[..., None]] = {
        "stop": stream.stop, "doubt": stream.doubt, "watch": stream.watch
    }  # fmt: skip
    with suppress(EOFError, OSError):
        while True:
            name, *what = pipe.recv()
            do[name](*what)
    os._exit(0)  # the other end is closed: nobody waits for anything


class _Teller:
    """Gathers rows and sends them over; all in the stream's thread."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._rows: list[RawRow] = []
        self._names: list[str] = []
        self._number_of: dict[str, int] = {}
        self._known = 0

    def listeners(self) -> Listeners:
        """For the stream."""
        return Listeners(
            rows=self._gather,
            state=lambda state, why: self._send("state", (state, why)),
            unreadable=lambda what: self._send("unreadable", what),
            refused=lambda symbols: self._send("refused", tuple(symbols)),
            remark=lambda text: self._send("remark", text),
        )

    def _gather(self, rows: Sequence[RawRow]) -> None:
        if not self._rows:
            asyncio.get_running_loop().call_later(_GATHER_S, self._flush)
        self._rows += rows

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        for at in range(0, len(rows), _IN_ONE):
            self._send_rows(rows[at : at + _IN_ONE])

    def _send_rows(self, rows: list[RawRow]) -> None:
        columns = None
        if len(rows) >= _MANY:
            columns = Columns.of(rows, self._names, self._number_of)
        if columns is None:
            self._put("rows", rows)
        else:
            new, self._known = self._names[self._known :], len(self._names)
            c = columns
            self._put("columns", (new, c.keys, c.ts, c.numbers, c.at, c.others))

    def _send(self, kind: str, what: Any) -> None:
        self._flush()
        self._put(kind, what)

    def _put(self, kind: str, what: Any) -> None:
        try:
            self._pipe.send((kind, what))
        except OSError:  # nobody listens any more
            os._exit(0)

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
from queue import SimpleQueue
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
_AGAIN_S, _AGAIN_AT_MOST_S = 1.0, 30.0  # from the end of one that died to the next
_BEAT_S = 1.0  # a process says so often that its stream is alive
_SILENT_S, _STARTING_S = 5.0, 30.0  # one that says nothing for so long is given up

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
        self._asked: SimpleQueue[tuple[Any, ...] | None] | None = None
        self._heard = self._again_s = 0.0
        self._stop_at: float | None = None
        self._over = False
        self._empty, self._gone = Event(), Event()

    def start(self) -> None:
        """Begin to sign in; once."""
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
        with self._lock:
            order = self._order
        process = context.Process(target=_read, args=(other, order), name=order.name, daemon=True)
        try:
            process.start()
        except Exception as error:  # noqa: BLE001 -- no memory, no main file: DOWN, and again
            pipe.close()
            return f"its process could not be started: {error}"
        finally:
            other.close()
        self._gone.clear()
        asked = self._asked = SimpleQueue[tuple[Any, ...] | None]()
        with self._lock:
            self._names, later = [], self._order.symbols[len(order.symbols) :]
        if later:  # wanted while it was being started
            asked.put(("watch", later))
        if self._stop_at is not None:
            asked.put(("stop",))
        Thread(target=_write, args=(pipe, asked), name=order.name, daemon=True).start()
        silent = self._wake(pipe)
        self._asked = None
        asked.put(None)
        self._gone.set()
        _end(process)  # first: it may be all that a writer waits for
        pipe.close()
        return (
            "its process said nothing any more"
            if silent
            else (f"its process ended with {process.exitcode}")
        )

    def _wake(self, pipe: Connection) -> bool:
        """Wake the loop when something comes and it does not look by itself.

        True when the process has to be given up: nothing waits, and nothing was heard for long.
        """
        self._heard = time.monotonic() + _STARTING_S - _SILENT_S
        with suppress(OSError, RuntimeError):  # the loop is closed: nobody listens any more
            while not self._gone.is_set() and not self._overdue():
                if pipe.poll(_LOOK_S):
                    self._empty.clear()
                    self._loop.call_soon_threadsafe(self._drain, pipe)
                    while not self._empty.wait(_LOOK_S) and not self._overdue():
                        pass
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
        except Exception as error:  # noqa: BLE001 -- what can't be read any more: another process
            _log.error("stream_process_unreadable", stream=self._order.name, error=repr(error))
            self._gone.set()
        self._heard = max(self._heard, time.monotonic())
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
            else:
                self._again_s = 0.0
            self._over = state.final
            tell.state(state, why)
        elif kind != "beat":
            {"unreadable": tell.unreadable, "refused": tell.refused, "remark": tell.remark}[kind](
                what
            )
        return False

    def _unpacked(self, packed: _Packed) -> Columns:
        new, keys, ts, numbers, at, others = packed
        self._names += new
        return Columns(self._names, keys, ts, numbers, at=at, others=others)


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


# in the process


def _read(pipe: Connection, order: _Order) -> None:
    """Run the stream until it is told to stop, or nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program it belongs to ends it
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.freeze()
    teller = _Teller(pipe)
    stream = MarketStream[Any, Any](
        order.name, order.dialect, order.settings, order.symbols, teller.listeners()
    )
    stream.start()
    stream.call(teller.beat)
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

    def beat(self) -> None:
        """Say now and then that the stream's loop goes on; begun in it."""
        self._put("beat", None)
        asyncio.get_running_loop().call_later(_BEAT_S, self.beat)

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
            with suppress(OverflowError, TypeError):  # a number that no column holds
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

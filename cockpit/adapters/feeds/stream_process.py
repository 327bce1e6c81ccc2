"""What runs in the process that a stream has of its own: see `apart`.

Rows are gathered for a millisecond and go over as columns. While the other side is busy they
gather here, so that they come in larger batches the busier it is; of too many only the latest
quote of each symbol stays, so that neither side ever makes the vendor wait.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import structlog

from cockpit.adapters.feeds.crossing import Writer, columns_bytes, word_bytes
from cockpit.adapters.feeds.inbox import MOST, Waiting
from cockpit.adapters.feeds.market_stream import Dialect, Listeners, MarketStream, StreamSettings
from cockpit.adapters.streams import StreamState
from cockpit.kernel.process import forbid_core_dumps
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawRow

_GATHER_S = 0.001
_BEAT_S = 1.0  # it says so often that the stream is alive


class Order(NamedTuple):
    """What a process is to do, as it goes over."""

    name: str
    dialect: Dialect[Any, Any]
    settings: StreamSettings
    symbols: tuple[str, ...]


def run(pipe: Connection, order: Order) -> None:
    """Run the stream until it is told to stop, or nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program it belongs to ends it
    forbid_core_dumps()  # it holds the key
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.freeze()
    teller = _Teller(Writer(pipe))
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

    def __init__(self, writer: Writer, most: int = MOST) -> None:
        self._writer = writer
        self._waiting = Waiting(most)
        self._names: list[str] = []
        self._number_of: dict[str, int] = {}
        self._known = self._told_conflated = 0
        self._sent_at = 0.0
        self._due = self._full = self._over = False

    def listeners(self) -> Listeners:
        """For the stream."""
        return Listeners(
            rows=self._gather,
            state=self._tell_state,
            unreadable=lambda what: self._say("unreadable", what),
            refused=lambda symbols: self._say("refused", tuple(symbols)),
            remark=lambda text: self._say("remark", text),
        )

    def beat(self) -> None:
        """Say now and then that the stream's loop goes on; begun in it."""
        if not self._writer.waiting:
            self._put(word_bytes("beat", None))
        asyncio.get_running_loop().call_later(_BEAT_S, self.beat)

    def _gather(self, rows: Sequence[RawRow]) -> None:
        """Rows that come after a pause go at once, others when they are a batch."""
        self._waiting.add(rows)
        if self._due or self._full:
            return
        loop = asyncio.get_running_loop()
        wait_s = self._sent_at + _GATHER_S - loop.time()
        if wait_s > 0:
            self._due = True
            loop.call_later(wait_s, self._flush)
        else:
            self._flush()

    def _flush(self) -> None:
        self._due = False
        if not self._full:
            self._send_rows()
            self._sent_at = asyncio.get_running_loop().time()

    def _send_rows(self) -> None:
        for rows in self._waiting.next(len(self._waiting)):
            self._put(self._packed(rows))
        left_out = self._waiting.conflated - self._told_conflated
        if left_out:
            self._told_conflated += left_out
            self._put(word_bytes("left_out", left_out))

    def _packed(self, rows: Sequence[RawRow]) -> bytes:
        with suppress(OverflowError, TypeError):  # a number that no column holds
            columns = Columns.of(rows, self._names, self._number_of)
            if columns is not None:
                known, self._known = self._known, len(self._names)
                return columns_bytes(columns, known)
        return word_bytes("list", list(rows))

    def _say(self, kind: str, what: Any) -> None:
        """Words stay behind the rows that came before them."""
        self._send_rows()
        self._put(word_bytes(kind, what))

    def _tell_state(self, state: StreamState, why: str) -> None:
        """After the last word there is nothing to stay for; the stream's loop is closed by then."""
        self._over = state is StreamState.CLOSED
        self._say("state", (state, why))
        if self._over:
            with suppress(OSError):
                self._writer.finish()
            os._exit(0)

    def _put(self, message: bytes) -> None:
        try:
            self._writer.write(message)
        except OSError:  # nobody listens any more
            os._exit(0)
        if self._writer.waiting and not (self._full or self._over):
            self._full = True
            asyncio.get_running_loop().add_writer(self._writer.fileno, self._go_on)

    def _go_on(self) -> None:
        """There is room again."""
        try:
            self._writer.go_on()
        except OSError:
            os._exit(0)
        if not self._writer.waiting:
            self._full = False
            asyncio.get_running_loop().remove_writer(self._writer.fileno)
            self._flush()

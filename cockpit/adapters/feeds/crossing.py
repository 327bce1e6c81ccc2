"""What crosses from one process to another, without either of them waiting for the other.

Messages are whole or not there: what has come of one is kept until the rest does. Quotes go as
the bytes of their columns, so that nothing is made of them but views; all else is pickled.
On Windows a pipe keeps messages whole by itself; elsewhere it is a pair of sockets that is read
and written without waiting, and each message says how long it is.
"""

from __future__ import annotations

import pickle
import sys
from collections import deque
from multiprocessing.connection import Connection
from struct import Struct
from typing import Any, cast

import numpy as np

from cockpit.ports.columns import Columns, Floats, Ints, Keys
from cockpit.ports.feed import RawRow

_HEAD = Struct("<QIIII")  # bytes of it all, kind, symbols known before, rows, quotes
_WORD, _COLUMNS = 0, 1
_AT_A_TIME = 1 << 20
_BUFFER = 1 << 20
_PAD = 8  # numbers lie where a processor likes them
_NUMBERS = 4
_MOST_BYTES = 1 << 25
_PROTOCOL = pickle.HIGHEST_PROTOCOL

Told = tuple[str, Any]


class DamagedError(Exception):
    """What came is none of ours."""


def word_bytes(kind: str, what: object) -> bytes:
    """A message in words."""
    body = pickle.dumps((kind, what), _PROTOCOL)
    body += bytes(-len(body) % _PAD)
    return _HEAD.pack(_HEAD.size + len(body), _WORD, 0, 0, 0) + body


def columns_bytes(rows: Columns, known: int) -> bytes:
    """Rows as a message; the other side knows the first `known` of their names."""
    others = (rows.names[known:], list(rows.at), list(rows.others))
    numbers = (np.ascontiguousarray(column) for column in (rows.ts, *rows.numbers))
    keys = rows.keys.tobytes()
    parts = [
        *(column.tobytes() for column in numbers),
        keys + bytes(-len(keys) % _PAD),
        pickle.dumps(others, _PROTOCOL) if any(others) else b"",
    ]
    body = b"".join(parts)
    body += bytes(-len(body) % _PAD)
    return _HEAD.pack(_HEAD.size + len(body), _COLUMNS, known, len(rows), len(rows.bid)) + body


def told_in(message: memoryview, names: list[str]) -> Told:
    """A message again; rows are `("rows", Columns)` of `names`, which new ones are added to.

    Raises DamagedError, or what pickle raises.
    """
    _, kind, known, rows, quotes = _HEAD.unpack_from(message)
    if kind == _WORD:
        return cast("Told", pickle.loads(message[_HEAD.size :]))  # noqa: S301 -- of our own process
    at = _HEAD.size + 8 * (rows + _NUMBERS * quotes)
    if kind != _COLUMNS or known != len(names) or at > len(message):
        raise DamagedError(f"a message of kind {kind}, {rows} rows and {known} symbols")
    ts: Ints = np.frombuffer(message, np.int64, rows, _HEAD.size)
    numbers: list[Floats] = [
        np.frombuffer(message, np.float64, quotes, _HEAD.size + 8 * (rows + n * quotes))
        for n in range(_NUMBERS)
    ]
    keys: Keys = np.frombuffer(message, np.uint16, rows, at)
    at += 2 * rows + -2 * rows % _PAD
    places: list[int] = []
    others: list[RawRow] = []
    if at < len(message):
        new, places, others = pickle.loads(message[at:])  # noqa: S301 -- of our own process
        names += new
    bid, ask, bid_size, ask_size = numbers
    return "rows", Columns(
        names, keys, ts, (bid, ask, bid_size, ask_size), at=places, others=others
    )


if sys.platform == "win32":
    NEVER_WAITS = False
    """Whether neither side ever waits for the other; here a writer may wait for a reader."""

    def widen(_pipe: Connection) -> None:
        """Make room in between; a pipe of Windows makes its own."""

    class Reader:
        """The end that reads."""

        def __init__(self, pipe: Connection) -> None:
            self._pipe = pipe

        def read(self) -> list[memoryview]:
            """The whole messages that came. Raises EOFError or OSError when there is no end."""
            found: list[memoryview] = []
            taken = 0
            while taken < _AT_A_TIME and self._pipe.poll(0):
                found.append(memoryview(self._pipe.recv_bytes()))
                taken += len(found[-1])
            return found

        def close(self) -> None:
            """The pipe is its owner's."""

    class Writer:
        """The end that writes. A reader that is behind holds it up: pipes can't be asked."""

        waiting = 0
        fileno = -1

        def __init__(self, pipe: Connection) -> None:
            self._pipe = pipe

        def write(self, message: bytes) -> None:
            """Send it. Raises OSError when nobody reads any more."""
            self._pipe.send_bytes(message)

        def go_on(self) -> None:
            """Nothing is ever left."""

        def finish(self) -> None:
            """Nothing is ever left."""

        def close(self) -> None:
            """The pipe is its owner's."""

else:
    import socket

    NEVER_WAITS = True

    def _socket_of(pipe: Connection) -> socket.socket:
        return socket.fromfd(pipe.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)

    def widen(pipe: Connection) -> None:
        """Make room in between: a frame's time of a fast market."""
        with _socket_of(pipe) as own:
            for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                own.setsockopt(socket.SOL_SOCKET, option, _BUFFER)

    class Reader:
        """The end that reads."""

        def __init__(self, pipe: Connection) -> None:
            self._socket = _socket_of(pipe)
            self._left = b""

        def read(self) -> list[memoryview]:
            """The whole messages that came. Raises EOFError or OSError when there is no end."""
            try:
                came = self._socket.recv(_AT_A_TIME, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return []
            if not came:
                raise EOFError
            data = memoryview(self._left + came if self._left else came)
            found: list[memoryview] = []
            at, size = 0, 0
            while len(data) - at >= _HEAD.size:
                (size, *_) = _HEAD.unpack_from(data, at)
                if size < _HEAD.size or size % _PAD:
                    raise DamagedError(f"a message of {size} bytes")
                if size > len(data) - at:
                    break
                found.append(data[at : at + size])
                at += size
            self._left = bytes(data[at:])
            return found

        def close(self) -> None:
            """Let go of it; the pipe is its owner's."""
            self._socket.close()

    class Writer:
        """The end that writes: what the other side does not take yet waits, in its order."""

        def __init__(self, pipe: Connection) -> None:
            self._socket = _socket_of(pipe)
            self._messages: deque[memoryview] = deque()
            self.waiting = 0

        @property
        def fileno(self) -> int:
            """Writable once `go_on` can send more."""
            return self._socket.fileno()

        def write(self, message: bytes) -> None:
            """Send it, or let it wait. Raises OSError when nobody reads any more."""
            self._messages.append(memoryview(message))
            self.waiting += len(message)
            self.go_on()
            while self.waiting > _MOST_BYTES:  # words without end: now somebody has to wait
                self._send(0)

        def go_on(self) -> None:
            """Send what waits, as far as it is taken."""
            try:
                while self._messages:
                    self._send(socket.MSG_DONTWAIT)
            except BlockingIOError:
                return

        def finish(self) -> None:
            """Send all that waits, however long it takes. Raises OSError when nobody reads."""
            while self._messages:
                self._send(0)

        def close(self) -> None:
            """Let go of it; the pipe is its owner's."""
            self._socket.close()

        def _send(self, flags: int) -> None:
            sent = self._socket.send(self._messages[0], flags)
            self.waiting -= sent
            rest = self._messages.popleft()[sent:]
            if rest:
                self._messages.appendleft(rest)

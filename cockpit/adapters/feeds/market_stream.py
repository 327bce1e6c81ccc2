"""A vendor's stream of market data: signs in, subscribes, delivers, and signs in again.

All of it runs in a thread and a loop of its own; the rows go out a socket read at a time. What
is the vendor's own is a `Dialect`: its words, its codes, its bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from cockpit.adapters.feeds.socket import Socket, classified
from cockpit.adapters.streams import StreamError, StreamState, StreamThread
from cockpit.ports.feed import RawRow

_MOST_UNREADABLE = 20  # messages in a row: then it speaks another language

_symbol_of = attrgetter("symbol")

M = TypeVar("M")
C = TypeVar("C")


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamSettings:
    """Where to, and how patient. The address may hold a key: it stands in no message."""

    url: str
    connect_timeout_s: float
    quiet_s: float
    reconnect_max_s: float
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    ca_file: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listeners:
    """Who is told what; all are called in the stream's thread.

    `rows` gets them in the order they came, `unreadable` what could not be made rows, `refused`
    the wanted symbols for which nothing will come, `remark` what a person should know of a
    stream that is up.
    """

    rows: Callable[[Sequence[RawRow]], None]
    state: Callable[[StreamState, str], None]
    unreadable: Callable[[str], None]
    refused: Callable[[Sequence[str]], None]
    remark: Callable[[str], None] = lambda _text: None


class Line(Generic[C]):
    """An open socket, and the words about the session that come by it, each a `C`."""

    def __init__(self, socket: Socket, within_s: float) -> None:
        self.socket = socket
        self.words: asyncio.Queue[C] = asyncio.Queue()
        self._within_s = within_s

    def send(self, message: bytes) -> None:
        """Say something."""
        self.socket.send(message)

    async def answer(self, silence: str) -> C:
        """The next word about the session. Raises StreamError, with `silence` when none comes."""
        word = asyncio.ensure_future(self.words.get())
        end = self.socket.end
        try:
            await asyncio.wait(
                {word, end}, timeout=self._within_s, return_when=asyncio.FIRST_COMPLETED
            )
            if word.done():
                return word.result()
        finally:
            word.cancel()
        if not end.done():
            raise StreamError(StreamState.STALE, silence)
        raise end.result() or StreamError(StreamState.DOWN, f"it hung up, and {silence}")


class Dialect(Protocol[M, C]):
    """How one vendor speaks: messages are `M`, those about the session `C`.

    `vendor` is its name for a person; `text` says that it wants text frames.
    """

    @property
    def vendor(self) -> str: ...  # noqa: D102 -- see above

    @property
    def text(self) -> bool: ...  # noqa: D102 -- see above

    @property
    def unreadable(self) -> tuple[type[Exception], ...]:
        """What `messages_in` raises for a frame that holds something that can't be read."""
        ...

    def messages_in(self, frame: bytes, /) -> list[M]:
        """All messages of a frame."""
        ...

    def readable_in(self, frame: bytes, unreadable: Callable[[str], None], /) -> list[M]:
        """Those that can be read; `unreadable` is told of the others."""
        ...

    def rows_of(
        self, messages: list[M], control: Callable[[C], None], unreadable: Callable[[str], None], /
    ) -> list[RawRow]:
        """The rows in the order they came; words about the session go to `control`."""
        ...

    async def sign_in(self, line: Line[C]) -> None:
        """From the open socket to where it can be subscribed. Raises StreamError."""
        ...

    async def subscribe(self, line: Line[C], symbols: Sequence[str]) -> set[str]:
        """Ask for these, too; gives those that are granted. Raises StreamError."""
        ...

    def note(self, word: C) -> set[str]:
        """A word that came while listening: the symbols that it takes back.

        Raises StreamError when it ends the session.
        """
        ...


class MarketStream(Generic[M, C]):
    """Runs until it is stopped, or until something is refused for good."""

    def __init__(
        self,
        name: str,
        dialect: Dialect[M, C],
        settings: StreamSettings,
        symbols: Sequence[str],
        listeners: Listeners,
    ) -> None:
        self._dialect = dialect
        self._settings = settings
        self._wanted = dict.fromkeys(symbols)
        self._served: set[str] = set()
        self._tell = listeners
        self._bad_in_a_row = 0
        self._line: Line[C] | None = None
        self._changed = asyncio.Event()
        self._thread = StreamThread(
            name,
            self._one_session,
            lambda error: classified(error, dialect.vendor),
            listeners.state,
            settings.reconnect_max_s,
        )

    def start(self) -> None:
        """Begin to sign in; once."""
        self._thread.start()

    def stop(self) -> None:
        """End it, from any thread; `CLOSED` is told last."""
        self._thread.stop()

    def doubt(self, why: str) -> None:
        """What should have been told was not: give the session up; from any thread."""
        self._thread.call(lambda: self._fail(StreamState.STALE, why))

    def watch(self, symbols: Sequence[str]) -> None:
        """Want these symbols, too; from any thread."""
        self._thread.call(lambda: self._want(symbols))

    def call(self, action: Callable[[], object]) -> None:
        """Do `action` in the stream's loop, from any thread; nothing once it has ended."""
        self._thread.call(action)

    def take(self, frames: Sequence[bytes]) -> None:
        """All that one read of the socket brought; it goes out at once, too."""
        messages: list[M] = []
        decoded, unreadable = self._dialect.messages_in, self._dialect.unreadable
        for frame in frames:
            try:
                messages += decoded(frame)
            except unreadable:
                messages += self._taken_apart(frame)
            else:
                self._bad_in_a_row = 0
        rows = self._dialect.rows_of(messages, self._hear, self._tell.unreadable)
        if not set(map(_symbol_of, rows)) <= self._wanted.keys():
            rows = self._asked_for(rows)
        if rows:
            self._tell.rows(rows)

    def _asked_for(self, rows: list[RawRow]) -> list[RawRow]:
        """Without those of other symbols: a price of whatever else is none of ours."""
        for row in rows:
            if row.symbol not in self._wanted:
                self._tell.unreadable(f"of {row.symbol[:20]!r}, which nobody asked for")
        return [row for row in rows if row.symbol in self._wanted]

    def _want(self, symbols: Sequence[str]) -> None:
        if new := dict.fromkeys(symbols).keys() - self._wanted.keys():
            self._wanted.update(dict.fromkeys(sorted(new)))
            self._changed.set()

    def _fail(self, state: StreamState, why: str) -> None:
        if self._line is not None:
            self._line.socket.fail(state, why)

    async def _one_session(self) -> None:
        own = self._settings
        self._served = set()
        self._bad_in_a_row = 0
        socket = Socket(self.take, text=self._dialect.text)
        line = self._line = Line[C](socket, own.connect_timeout_s)
        try:
            await socket.open(own.url, own.headers, own.connect_timeout_s, ca_file=own.ca_file)
            await self._dialect.sign_in(line)
            await self._subscribe(line)
            self._thread.came_up()
            await self._until_the_end(line)
        finally:
            self._line = None
            socket.close()

    async def _subscribe(self, line: Line[C]) -> None:
        self._changed.clear()
        if missing := [symbol for symbol in self._wanted if symbol not in self._served]:
            self._served |= await self._dialect.subscribe(line, missing)
        self._tell_refused()

    def _tell_refused(self) -> None:
        self._tell.refused([symbol for symbol in self._wanted if symbol not in self._served])

    async def _until_the_end(self, line: Line[C]) -> None:
        """Watch over it: for its end, for words about the session, new symbols, and silence."""
        while True:
            end = line.socket.end
            changed = asyncio.ensure_future(self._changed.wait())
            try:
                await asyncio.wait(
                    {end, changed},
                    timeout=self._settings.quiet_s / 2,
                    return_when=asyncio.FIRST_COMPLETED,
                )
            finally:
                changed.cancel()
            self._take_words(line)
            if end.done():
                raise end.result() or StreamError(
                    StreamState.DOWN, f"{self._dialect.vendor} hung up"
                )
            if self._changed.is_set():
                await self._subscribe(line)
            self._prove_alive(line.socket)

    def _take_words(self, line: Line[C]) -> None:
        while not line.words.empty():
            if back := self._dialect.note(line.words.get_nowait()) & self._served:
                self._served -= back
                self._tell_refused()

    def _prove_alive(self, socket: Socket) -> None:
        """A socket that says nothing may be healthy or dead: only an answered ping tells."""
        quiet_s = self._settings.quiet_s
        if socket.silent_s > 2 * quiet_s:
            raise StreamError(StreamState.STALE, "it does not answer any more")
        if socket.silent_s >= quiet_s:
            socket.ping()

    def _taken_apart(self, frame: bytes) -> list[M]:
        """One that can't be read does not take the others of its frame along."""
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= _MOST_UNREADABLE:
            self._fail(StreamState.STALE, "what it says can't be read")
        return self._dialect.readable_in(frame, self._tell.unreadable)

    def _hear(self, word: C) -> None:
        if self._line is not None:
            self._line.words.put_nowait(word)

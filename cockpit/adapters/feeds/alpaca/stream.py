"""The stream of quotes and trades: signs in, subscribes, delivers, and signs in again.

All of it runs in a thread and a loop of its own; the rows go out a socket read at a time. Every
end of a session has a word, and what only a person can mend is final.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cockpit.adapters.brokers.alpaca.keys import Keys
from cockpit.adapters.feeds.alpaca.socket import Socket, classified
from cockpit.adapters.feeds.alpaca.wire import (
    UNREADABLE,
    Control,
    Message,
    WireError,
    WireSubscription,
    WireSuccess,
    encoded,
    messages_in,
    readable_in,
    rows_of,
)
from cockpit.adapters.streams import StreamError, StreamState, StreamThread
from cockpit.ports.feed import RawRow

CHANNELS = ("quotes", "trades", "statuses")
_MOST_UNREADABLE = 20  # messages in a row: then it speaks another language
_LATE_TRIES = 3  # "not signed in" may be a slow line; after so many it is the key

NOT_SIGNED_IN, REFUSED_KEY, ALREADY_IN, TOO_LATE = 401, 402, 403, 404
SYMBOL_LIMIT, CONNECTIONS, SLOW, PLAN, SCOPE = 405, 406, 407, 409, 411
_STATES: Mapping[int, StreamState] = {
    REFUSED_KEY: StreamState.AUTH_FAILED,
    SCOPE: StreamState.AUTH_FAILED,
    CONNECTIONS: StreamState.CONNECTION_LIMIT,
    SLOW: StreamState.SLOW_CLIENT,
    PLAN: StreamState.DATA_PLAN,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketStreamSettings:
    """Where to, with what keys, and how patient."""

    keys: Keys
    url: str
    connect_timeout_s: float
    quiet_s: float
    reconnect_max_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Listeners:
    """Who is told what; all are called in the stream's thread.

    `rows` gets them in the order they came, `unreadable` what could not be made rows, `refused`
    the wanted symbols for which nothing will come.
    """

    rows: Callable[[list[RawRow]], None]
    state: Callable[[StreamState, str], None]
    unreadable: Callable[[str], None]
    refused: Callable[[Sequence[str]], None]


class MarketStream:
    """Runs until it is stopped, or until something is refused for good."""

    def __init__(
        self, settings: MarketStreamSettings, symbols: Sequence[str], listeners: Listeners
    ) -> None:
        self._settings = settings
        self._wanted = dict.fromkeys(symbols)
        self._served: set[str] = set()
        self._tell = listeners
        self._late = 0
        self._bad_in_a_row = 0
        self._messages: list[Message] = []
        self._socket: Socket | None = None
        self._answers: asyncio.Queue[Control] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._thread = StreamThread(
            "alpaca-market",
            self._one_session,
            classified,
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
        self._thread.call(lambda: self._socket and self._socket.fail(StreamState.STALE, why))

    def watch(self, symbols: Sequence[str]) -> None:
        """Want these symbols, too; from any thread."""
        self._thread.call(lambda: self._want(symbols))

    def _want(self, symbols: Sequence[str]) -> None:
        if new := dict.fromkeys(symbols).keys() - self._wanted.keys():
            self._wanted.update(dict.fromkeys(sorted(new)))
            self._changed.set()

    async def _one_session(self) -> None:
        own = self._settings
        self._answers = asyncio.Queue()
        self._messages = []
        self._served = set()
        socket = Socket(self._on_message)
        try:
            await socket.open(
                own.url, {"Content-Type": "application/msgpack"}, own.connect_timeout_s
            )
            self._socket = socket
            await self._sign_in(socket)
            await self._subscribe(socket)
            self._thread.came_up()
            await self._until_the_end(socket)
        finally:
            self._socket = None
            socket.close()

    # sign-in and subscription

    async def _sign_in(self, socket: Socket) -> None:
        await self._success(socket, "connected", "no welcome came")
        keys = self._settings.keys
        socket.send(encoded(action="auth", key=keys.key_id, secret=keys.secret_key))
        await self._success(socket, "authenticated", "no answer to the sign-in came")
        self._late = 0

    async def _success(self, socket: Socket, word: str, silence: str) -> None:
        while True:
            told = await self._answer(socket, silence)
            if isinstance(told, WireSuccess) and told.msg == word:
                return
            if isinstance(told, WireError) and told.code != ALREADY_IN:
                raise self._refusal(told)

    async def _answer(self, socket: Socket, silence: str) -> Control:
        """The next word about the session. Raises StreamError."""
        word = asyncio.ensure_future(self._answers.get())
        try:
            within_s = self._settings.connect_timeout_s
            await asyncio.wait(
                {word, socket.end}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED
            )
            if word.done():
                return word.result()
        finally:
            word.cancel()
        if not socket.end.done():
            raise StreamError(StreamState.STALE, silence)
        raise socket.end.result() or StreamError(StreamState.DOWN, f"it hung up, and {silence}")

    def _refusal(self, told: WireError) -> StreamError:
        why = f"{told.msg or 'no reason given'} ({told.code})"
        if told.code in (NOT_SIGNED_IN, TOO_LATE):
            self._late += 1
            final = self._late >= _LATE_TRIES
            return StreamError(StreamState.AUTH_FAILED if final else StreamState.DOWN, why)
        return StreamError(_STATES.get(told.code, StreamState.DOWN), why)

    async def _subscribe(self, socket: Socket) -> None:
        """Ask for all that is wanted; where the plan has too few symbols, for the first of them."""
        self._changed.clear()
        missing = [symbol for symbol in self._wanted if symbol not in self._served]
        step = len(missing)
        while missing and step:
            part = missing[:step]
            if await self._granted(socket, part):
                del missing[:step]
                step = min(step, len(missing))
            else:
                step //= 2
        self._tell.refused([symbol for symbol in self._wanted if symbol not in self._served])

    async def _granted(self, socket: Socket, symbols: Sequence[str]) -> bool:
        """Whether the plan allows so many; what is listened to is in `_served` then."""
        channels = {channel: list(symbols) for channel in CHANNELS}
        socket.send(encoded(action="subscribe", **channels))
        while True:
            told = await self._answer(socket, "no answer to the subscription came")
            if isinstance(told, WireSubscription):
                self._served = set(told.quotes or ()) & set(told.trades or ())
                return True
            if isinstance(told, WireError):
                if told.code != SYMBOL_LIMIT:
                    raise self._refusal(told)
                return False

    # listening

    async def _until_the_end(self, socket: Socket) -> None:
        """Watch over it: for its end, for words about the session, new symbols, and silence."""
        while True:
            changed = asyncio.ensure_future(self._changed.wait())
            try:
                await asyncio.wait(
                    {socket.end, changed},
                    timeout=self._settings.quiet_s / 2,
                    return_when=asyncio.FIRST_COMPLETED,
                )
            finally:
                changed.cancel()
            self._take_words()
            if socket.end.done():
                raise socket.end.result() or StreamError(StreamState.DOWN, "Alpaca hung up")
            if self._changed.is_set():
                await self._subscribe(socket)
            self._prove_alive(socket)

    def _take_words(self) -> None:
        while not self._answers.empty():
            told = self._answers.get_nowait()
            if isinstance(told, WireError):
                raise self._refusal(told)

    def _prove_alive(self, socket: Socket) -> None:
        """A socket that says nothing may be healthy or dead: only an answered ping tells."""
        quiet_s = self._settings.quiet_s
        if socket.silent_s > 2 * quiet_s:
            raise StreamError(StreamState.STALE, "it does not answer any more")
        if socket.silent_s >= quiet_s:
            socket.ping()

    def _on_message(self, message: bytes, last: bool) -> None:
        try:
            self._messages += messages_in(message)
        except UNREADABLE:
            self._take_apart(message)
        else:
            self._bad_in_a_row = 0
        if last:
            self._hand_over()

    def _take_apart(self, message: bytes) -> None:
        """One that can't be read does not take the others of its frame along."""
        self._messages += readable_in(message, self._tell.unreadable)
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= _MOST_UNREADABLE and self._socket is not None:
            self._socket.fail(StreamState.STALE, "what it says can't be read")

    def _hand_over(self) -> None:
        """All that one read of the socket brought, however many frames it was."""
        messages, self._messages = self._messages, []
        if rows := rows_of(messages, self._answers.put_nowait, self._tell.unreadable):
            self._tell.rows(rows)

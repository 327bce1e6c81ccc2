"""The stream of order updates.

A dropped stream is not told what it missed: each `listening` ack is a change to UP, after
which the books are compared. The SDK's own stream signs in for ever with a bad key, trusts a
mute socket and stops from its own loop by deadlock; so this is websockets, and its words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog

from cockpit.adapters.brokers.alpaca.keys import Keys
from cockpit.adapters.streams import StreamError, StreamState, StreamThread
from cockpit.adapters.trust import distrusted, trust

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

_log = structlog.get_logger(__name__)
UPDATES = "trade_updates"
_CLOSE_S = 1.0
_MAX_MESSAGE = 4_000_000
_LIMIT_STATUS = (406, 429)


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamSettings:
    """Where to, with what keys, and how patient."""

    keys: Keys
    url: str
    connect_timeout_s: float
    quiet_s: float
    reconnect_max_s: float
    ca_file: Path | None = None


class _Word(msgspec.Struct, frozen=True):
    stream: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Told(msgspec.Struct, frozen=True):
    status: str = ""
    message: str = ""
    error: str = ""
    code: int = 0
    streams: tuple[str, ...] = ()


class UpdateStream:
    """Signs in, listens, and signs in again. Both callbacks run in the stream's thread."""

    def __init__(
        self,
        settings: StreamSettings,
        on_update: Callable[[bytes], None],
        on_state: Callable[[StreamState, str], None],
    ) -> None:
        self._settings = settings
        self._on_update = on_update
        self._on_state = on_state
        self._session: ClientConnection | None = None
        self._thread = StreamThread(
            "alpaca-updates",
            self._sign_in_and_listen,
            _classified,
            on_state,
            settings.reconnect_max_s,
        )

    def start(self) -> None:
        """Begin to sign in; once."""
        self._thread.start()

    def stop(self) -> None:
        """End it, from any thread; `CLOSED` is told last."""
        self._thread.stop()

    def doubt(self, why: str) -> None:
        """Something that should have been told was not: give the session up and sign in anew."""
        self._thread.call(lambda: self._drop(why))

    def _drop(self, why: str) -> None:
        if self._session is not None:
            _log.warning("stream_doubted", why=why)
            self._on_state(StreamState.STALE, why)
            self._session.transport.abort()

    async def _sign_in_and_listen(self) -> None:
        from websockets.asyncio.client import connect

        own = self._settings
        line = connect(
            own.url,
            ssl=trust(own.ca_file) if own.url.startswith("wss:") else None,
            open_timeout=own.connect_timeout_s,
            close_timeout=_CLOSE_S,
            ping_interval=None,  # `_prove_alive` asks, and knows what it means
            max_size=_MAX_MESSAGE,
        )
        async with line as session:
            await self._ask(
                session,
                {
                    "action": "authenticate",
                    "data": {"key_id": own.keys.key_id, "secret_key": own.keys.secret_key},
                },
            )
            await self._expect(session, "authorization", _authorized)
            await self._ask(session, {"action": "listen", "data": {"streams": [UPDATES]}})
            await self._expect(session, "listening", _listening)
            self._session = session
            self._thread.came_up()
            try:
                await self._read(session)
            finally:
                self._session = None

    async def _ask(self, session: ClientConnection, message: dict[str, object]) -> None:
        await session.send(msgspec.json.encode(message).decode())

    async def _expect(
        self, session: ClientConnection, stream: str, check: Callable[[_Told], None]
    ) -> None:
        """Wait for the answer on `stream`; what else comes meanwhile is no answer."""
        try:
            async with asyncio.timeout(self._settings.connect_timeout_s):
                while True:
                    word = _word(await session.recv(decode=False))
                    told = _told(word)
                    if told.code in _LIMIT_STATUS or "connection limit" in told.message.lower():
                        raise StreamError(StreamState.CONNECTION_LIMIT, _said(told))
                    if word.stream == stream:
                        check(told)
                        return
        except TimeoutError as error:
            raise StreamError(StreamState.STALE, f"no {stream} message came") from error

    async def _read(self, session: ClientConnection) -> None:
        while True:
            try:
                async with asyncio.timeout(self._settings.quiet_s):
                    message = await session.recv(decode=False)
            except TimeoutError:
                await self._prove_alive(session)
            else:
                self._on_update(message)

    async def _prove_alive(self, session: ClientConnection) -> None:
        """A socket that says nothing may be healthy or dead: only an answered ping tells."""
        try:
            async with asyncio.timeout(self._settings.quiet_s):
                await (await session.ping())
        except TimeoutError as error:
            session.transport.abort()  # a closing handshake would wait for the dead, too
            raise StreamError(StreamState.STALE, "it does not answer any more") from error


def update_in(message: bytes) -> bytes | None:
    """The order update in a message; None when it is about something else.

    Raises msgspec.DecodeError for what is no message at all.
    """
    word = msgspec.json.decode(message, type=_Word)
    return bytes(word.data) if word.stream == UPDATES else None


def _word(message: bytes) -> _Word:
    try:
        return msgspec.json.decode(message, type=_Word)
    except msgspec.DecodeError:
        return _Word()


def _told(word: _Word) -> _Told:
    try:
        return msgspec.json.decode(word.data, type=_Told)
    except msgspec.DecodeError:
        return _Told()


def _said(told: _Told) -> str:
    return told.message or told.error or told.status or "no reason given"


def _authorized(told: _Told) -> None:
    if told.status != "authorized":
        raise StreamError(StreamState.AUTH_FAILED, _said(told))


def _listening(told: _Told) -> None:
    if UPDATES not in told.streams:
        raise StreamError(StreamState.AUTH_FAILED, f"it may not listen to {UPDATES}: {_said(told)}")


def _classified(error: Exception) -> tuple[StreamState, str]:
    from websockets.exceptions import InvalidStatus

    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        if status in (401, 403):
            return StreamState.AUTH_FAILED, f"the broker answered {status}"
        if status in _LIMIT_STATUS:
            return StreamState.CONNECTION_LIMIT, f"the broker answered {status}"
    if why := distrusted(error):
        return StreamState.CERTIFICATE, why
    return StreamState.DOWN, f"{type(error).__name__}: {error}"

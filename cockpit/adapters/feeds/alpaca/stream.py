"""Alpaca's side of the stream of quotes and trades: its sign-in, its codes, its symbol limit.

What only a person can mend is final.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cockpit.adapters.brokers.alpaca.keys import Keys
from cockpit.adapters.feeds.alpaca.wire import (
    Control,
    WireError,
    WireSubscription,
    WireSuccess,
    encoded,
    messages_in,
    readable_in,
    rows_of,
)
from cockpit.adapters.feeds.frames import UNREADABLE
from cockpit.adapters.feeds.market_stream import Line
from cockpit.adapters.streams import StreamError, StreamState

CHANNELS = ("quotes", "trades", "statuses")
BARS = ("bars", "updatedBars")
HEADERS = {"Content-Type": "application/msgpack"}
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


class AlpacaDialect:
    """Implements `Dialect`."""

    vendor = "Alpaca"
    text = False
    unreadable = UNREADABLE
    messages_in = staticmethod(messages_in)
    readable_in = staticmethod(readable_in)
    rows_of = staticmethod(rows_of)

    def __init__(self, keys: Keys, *, bars: bool = False) -> None:
        self._keys = keys
        self._channels = CHANNELS + BARS if bars else CHANNELS
        self._late = 0

    async def sign_in(self, line: Line[Control]) -> None:
        """Wait for the welcome, then tell the keys."""
        await self._success(line, "connected", "no welcome came")
        keys = self._keys
        line.send(encoded(action="auth", key=keys.key_id, secret=keys.secret_key))
        await self._success(line, "authenticated", "no answer to the sign-in came")
        self._late = 0

    async def subscribe(self, line: Line[Control], symbols: Sequence[str]) -> set[str]:
        """Ask for all of them; where the plan has too few symbols, for the first of them."""
        missing, served = list(symbols), set[str]()
        step = len(missing)
        while missing and step:
            granted = await self._granted(line, missing[:step])
            if granted is not None:
                served |= granted
                del missing[:step]
                step = min(step, len(missing))
            else:
                step //= 2
        return served & set(symbols)

    def note(self, word: Control) -> set[str]:
        """An error ends the session; anything else was answered already."""
        if isinstance(word, WireError):
            raise self._refusal(word)
        return set()

    async def _success(self, line: Line[Control], word: str, silence: str) -> None:
        while True:
            told = await line.answer(silence)
            if isinstance(told, WireSuccess) and told.msg == word:
                return
            if isinstance(told, WireError) and told.code != ALREADY_IN:
                raise self._refusal(told)

    async def _granted(self, line: Line[Control], symbols: Sequence[str]) -> set[str] | None:
        """All that is listened to then; None where the plan does not allow so many."""
        line.send(encoded(action="subscribe", **{c: list(symbols) for c in self._channels}))
        while True:
            told = await line.answer("no answer to the subscription came")
            if isinstance(told, WireSubscription):
                return set(told.quotes or ()) & set(told.trades or ())
            if isinstance(told, WireError):
                if told.code != SYMBOL_LIMIT:
                    raise self._refusal(told)
                return None

    def _refusal(self, told: WireError) -> StreamError:
        why = f"{told.msg or 'no reason given'} ({told.code})"
        if told.code in (NOT_SIGNED_IN, TOO_LATE):
            self._late += 1
            final = self._late >= _LATE_TRIES
            return StreamError(StreamState.AUTH_FAILED if final else StreamState.DOWN, why)
        return StreamError(_STATES.get(told.code, StreamState.DOWN), why)

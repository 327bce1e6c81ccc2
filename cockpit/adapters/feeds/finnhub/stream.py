"""Finnhub's side of its stream: the key is in the address, and nothing is ever granted in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cockpit.adapters.feeds.finnhub import wire
from cockpit.adapters.feeds.finnhub.wire import Message, WireError, encoded
from cockpit.adapters.feeds.frames import UNREADABLE
from cockpit.adapters.feeds.market_stream import Line
from cockpit.adapters.streams import StreamError, StreamState
from cockpit.ports.feed import RawRow

_TOO_MANY = "too many symbols"
_KEY = "api key"


class FinnhubDialect:
    """Implements `Dialect`. What is asked for counts as granted until Finnhub complains."""

    vendor = "Finnhub"
    text = True
    unreadable = UNREADABLE
    messages_in = staticmethod(wire.messages_in)
    readable_in = staticmethod(wire.readable_in)

    def __init__(self, most_symbols: int) -> None:
        self._most = most_symbols
        self._asked: list[str] = []

    def rows_of(
        self,
        messages: list[Message],
        control: Callable[[WireError], None],
        unreadable: Callable[[str], None],
    ) -> list[RawRow]:
        """The prints in the order they came."""
        return wire.rows_of(messages, control, unreadable, set(self._asked))

    async def sign_in(self, line: Line[WireError]) -> None:
        """The handshake was the sign-in: it is refused with a wrong key."""
        del line
        self._asked = []

    async def subscribe(self, line: Line[WireError], symbols: Sequence[str]) -> set[str]:
        """Ask for each, as many as the plan has."""
        part = list(symbols)[: max(0, self._most - len(self._asked))]
        for symbol in part:
            self._asked.append(symbol)
            line.send(encoded(type="subscribe", symbol=symbol))
        return set(part)

    def note(self, word: WireError) -> set[str]:
        """A complaint. That of too many names none: the last that was asked for is meant."""
        low = word.msg.lower()
        if _TOO_MANY in low:
            return {self._asked.pop()} if self._asked else set()
        if _KEY in low:
            raise StreamError(StreamState.AUTH_FAILED, word.msg)
        raise StreamError(StreamState.DOWN, word.msg or "an error without words")

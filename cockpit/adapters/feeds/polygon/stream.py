"""Polygon's side of its stream: a welcome, a key, then channels such as "Q.AAPL"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cockpit.adapters.feeds.frames import UNREADABLE
from cockpit.adapters.feeds.market_stream import Line
from cockpit.adapters.feeds.polygon.wire import (
    Message,
    Rows,
    WireStatus,
    encoded,
    messages_in,
    readable_in,
)
from cockpit.adapters.streams import StreamError, StreamState
from cockpit.ports.feed import RawRow

QUOTES, TRADES, BANDS = "Q", "T", "LULD"
NO_QUOTES = "The plan has trades but no quotes: orders that open are denied for want of one."
NO_HALTS = "The plan has no halts: a symbol that is halted looks quiet."
_SUBSCRIBED = "subscribed to:"
_AT_ONCE = 200  # channels in one word
_STATES: Mapping[str, StreamState] = {
    "auth_failed": StreamState.AUTH_FAILED,
    "max_connections": StreamState.CONNECTION_LIMIT,
    "auth_timeout": StreamState.DOWN,
    "force_disconnect": StreamState.DOWN,
}
_REFUSED = ("not authorized", "not entitled", "upgrade")


class PolygonDialect:
    """Implements `Dialect`. `remark` is told when the plan has no quotes, or no halts."""

    vendor = "Polygon"
    text = True
    unreadable = UNREADABLE
    messages_in = staticmethod(messages_in)
    readable_in = staticmethod(readable_in)

    def __init__(self, key: str, quote_lot: int, remark: Callable[[str], None]) -> None:
        self._key = key
        self._rows = Rows(quote_lot)
        self._remark = remark
        self._lacks: dict[str, None] = {}

    def rows_of(
        self,
        messages: list[Message],
        control: Callable[[WireStatus], None],
        unreadable: Callable[[str], None],
    ) -> list[RawRow]:
        """The rows in the order they came."""
        return self._rows.rows_of(messages, control, unreadable)

    async def sign_in(self, line: Line[WireStatus]) -> None:
        """Wait for the welcome, then tell the key."""
        self._rows.wanted = set()
        self._lacks = {}
        await self._status(line, ("connected",), "no welcome came")
        line.send(encoded(action="auth", params=self._key))
        await self._status(line, ("auth_success",), "no answer to the sign-in came")

    async def subscribe(self, line: Line[WireStatus], symbols: Sequence[str]) -> set[str]:
        """Ask for quotes and trades of each; one that has either is served.

        Halts are asked for behind them and not waited for: not each plan has them.
        """
        self._rows.wanted |= set(symbols)  # the first rows may come before the last answer
        channels = [f"{kind}.{symbol}" for symbol in symbols for kind in (QUOTES, TRADES)]
        granted, why = await self._granted(line, channels)
        if not granted:
            raise StreamError(StreamState.DATA_PLAN, why or "nothing was granted")
        quoted = {name[2:] for name in granted if name.startswith(QUOTES)}
        served = quoted | {name[2:] for name in granted}
        self._miss(*([] if quoted else [NO_QUOTES]))
        self._rows.wanted -= set(symbols) - served
        self._ask(line, [f"{BANDS}.{symbol}" for symbol in symbols if symbol in served])
        return served

    def note(self, word: WireStatus) -> set[str]:
        """A word that came while listening; those that end the session say so."""
        if word.status in _STATES:
            raise StreamError(_STATES[word.status], word.message or word.status)
        if _refuses_halts(word):
            self._miss(NO_HALTS)
        return set()

    def _miss(self, *what: str) -> None:
        self._lacks.update(dict.fromkeys(what))
        self._remark(" ".join(self._lacks))

    def _ask(self, line: Line[WireStatus], channels: Sequence[str]) -> None:
        for at in range(0, len(channels), _AT_ONCE):
            line.send(encoded(action="subscribe", params=",".join(channels[at : at + _AT_ONCE])))

    async def _status(
        self, line: Line[WireStatus], wanted: Sequence[str], silence: str
    ) -> WireStatus:
        while True:
            told = await line.answer(silence)
            if told.status in wanted:
                return told
            self.note(told)
            if told.status == "error":
                raise StreamError(_state_of(told.message), told.message)

    async def _granted(
        self, line: Line[WireStatus], channels: Sequence[str]
    ) -> tuple[set[str], str]:
        """Those that are granted, and why the last one was not; a word may answer for many."""
        self._ask(line, channels)
        waiting, granted, why = set(channels), set[str](), ""
        while waiting:
            try:
                told = await line.answer("no answer to the subscription came")
            except StreamError as error:
                if error.state is StreamState.STALE and granted:
                    break  # of some it says nothing: those are not granted
                raise
            self.note(told)
            if _refuses_halts(told):
                continue
            named = {name for name in _names(told.message) if name in waiting}
            if told.status == "success" and _SUBSCRIBED in told.message:
                granted |= named
            elif told.status == "error":
                why = told.message
                named = named or waiting  # a refusal without names is of all of them
            waiting -= named
        return granted, why


def _refuses_halts(word: WireStatus) -> bool:
    return word.status == "error" and f"{BANDS}." in word.message


def _names(message: str) -> list[str]:
    """The channels that a message names, as "subscribed to: T.AAPL,Q.AAPL"."""
    return [word.strip() for word in message.replace(",", " ").split()]


def _state_of(message: str) -> StreamState:
    low = message.lower()
    return StreamState.DATA_PLAN if any(w in low for w in _REFUSED) else StreamState.AUTH_FAILED

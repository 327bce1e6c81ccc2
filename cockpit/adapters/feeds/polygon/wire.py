"""Polygon's stream as it comes: JSON lists, decoded straight into the rows a feed delivers.

A quote is decoded into a RawQuote that knows the wire's names; only its time is changed
afterwards, from milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, cast

import msgspec

from cockpit.adapters.feeds import frames
from cockpit.kernel.clock import MILLISECOND
from cockpit.ports.feed import RawCorrection, RawQuote, RawRow, RawStatus, RawTrade

_HALTED = 17
_HALTS = {_HALTED: "Halted by the exchange", 18: "Resumed by the exchange"}
_VOID = (7, 8)  # a print that is an error or was cancelled, told again
_TAKEN_BACK = (10, 11)  # the record that says so
_CORRECTED = 1  # a print told again, as it is right
_WAS = 12  # the record beside it, with what was wrong: it says nothing new
_LEAST_NS = 10**17  # no time in ms is so large
_MOST_NS = 1 << 62
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=_MOST_NS // MILLISECOND)]


class WireQuote(
    RawQuote,
    gc=False,
    kw_only=True,
    tag_field="ev",
    tag="Q",
    rename={
        "symbol": "sym",
        "bid": "bp",
        "ask": "ap",
        "bid_size": "bs",
        "ask_size": "as",
        "ts_event": "t",
    },
):
    """A quote. A side that nobody quotes is left out: its price is 0 here, and no market.

    `ts_event` is in ms until `rows_of` has made it nanoseconds.
    """

    symbol: str
    ts_event: Milliseconds
    bid: float = 0.0
    ask: float = 0.0
    bid_size: float = 0.0
    ask_size: float = 0.0


class WireTrade(msgspec.Struct, gc=False, kw_only=True, tag_field="ev", tag="T"):
    """A print; ids are each exchange's own, and each trade reporting facility's.

    `e` is the tape's word that it corrects another one, 0 for none.
    """

    sym: str
    p: float
    t: Milliseconds
    s: float = 0.0
    i: str = ""
    x: int = 0
    trfi: int = 0
    e: int = 0
    c: list[int] | None = None


class WireStatus(msgspec.Struct, kw_only=True, tag_field="ev", tag="status"):
    """A word about the session."""

    status: str = ""
    message: str = ""


class _Second(msgspec.Struct, tag_field="ev", tag="A"):
    pass


class _Minute(msgspec.Struct, tag_field="ev", tag="AM"):
    pass


class WireBand(msgspec.Struct, gc=False, kw_only=True, tag_field="ev", tag="LULD"):
    """Price bands of a symbol, with a halt or a resumption among its indicators.

    `t` should be in ms and has come in ns.
    """

    T: str
    t: int
    i: list[int] | None = None


class _Imbalance(msgspec.Struct, tag_field="ev", tag="NOI"):
    pass


class _FairValue(msgspec.Struct, tag_field="ev", tag="FMV"):
    pass


Message = (
    WireQuote | WireTrade | WireStatus | WireBand | _Second | _Minute | _Imbalance | _FairValue
)
_all = msgspec.json.Decoder(list[Message])
_one = msgspec.json.Decoder(Message)
_apart = msgspec.json.Decoder(list[msgspec.Raw])

messages_in: Callable[[bytes], list[Message]] = _all.decode
"""The messages of a frame. Raises one of UNREADABLE when one of them can't be read: then
`readable_in` has the others."""


def readable_in(frame: bytes, unreadable: Callable[[str], None]) -> list[Message]:
    """The messages of a frame that can be read; `unreadable` is told of the others."""
    return frames.readable_in(frame, _apart.decode, _one.decode, unreadable)


class Rows:
    """Makes rows of messages; `wanted` are the symbols, and what is of another is no row.

    `lot` is the number of shares that one unit of a quoted size stands for.
    """

    def __init__(self, lot: int) -> None:
        self.wanted: set[str] = set()
        self._lot = lot

    def rows_of(
        self,
        messages: list[Message],
        control: Callable[[WireStatus], None],
        unreadable: Callable[[str], None],
    ) -> list[RawRow]:
        """The rows in the order they came; words about the session go to `control`."""
        wanted, lot, only_quotes = self.wanted, self._lot, True
        for message in messages:
            if type(message) is WireQuote and message.symbol in wanted:
                message.ts_event *= MILLISECOND
                if lot != 1:
                    message.bid_size *= lot
                    message.ask_size *= lot
            else:
                only_quotes = False
        if only_quotes:
            return cast("list[RawRow]", messages)
        rows: list[RawRow] = []
        for message in messages:
            if type(message) is WireStatus:
                control(message)
            elif type(message) in _TOLD:
                self._take(cast("Told", message), rows, unreadable)
        return rows

    def _take(self, message: Told, rows: list[RawRow], unreadable: Callable[[str], None]) -> None:
        symbol = _symbol_of(message)
        if symbol not in self.wanted:
            unreadable(f"of {symbol[:20]!r}, which nobody asked for")
        elif isinstance(message, WireQuote):
            rows.append(message)
        elif isinstance(message, WireTrade):
            if message.e == _WAS:
                return
            if (row := _print(message)) is None:
                unreadable(f"correction {message.e} of a print of {symbol!r} that it does not name")
            else:
                rows.append(row)
        elif (ts := _band_ns(message.t)) is None:
            unreadable(f"price bands of {symbol!r} at {message.t}, which is no time")
        else:
            rows += _statuses(message, ts)


Told = WireQuote | WireTrade | WireBand
_TOLD = frozenset((WireQuote, WireTrade, WireBand))


def _symbol_of(message: Told) -> str:
    if isinstance(message, WireQuote):
        return message.symbol
    return message.sym if isinstance(message, WireTrade) else message.T


def _print(message: WireTrade) -> RawTrade | RawCorrection | None:
    """A print, or what becomes of one that was told before; None when nobody could find that one.

    One that is void is told twice, marked itself and by a record. Without an id it is found by
    its price and size, so only the record counts: else it would take back two.
    """
    trade_id = f"{message.x}:{message.trfi}:{message.i}" if message.i else ""
    ts = message.t * MILLISECOND
    if message.e in _TAKEN_BACK or (message.e in _VOID and trade_id):
        return RawCorrection(message.sym, trade_id, message.p, message.s, ts)
    if message.e == _CORRECTED and trade_id:
        return RawCorrection(message.sym, trade_id, 0.0, 0.0, ts, message.p, message.s)
    if message.e in (*_VOID, _CORRECTED):
        return None
    conditions = ",".join(map(str, message.c or ()))
    return RawTrade(message.sym, message.p, message.s, ts, conditions, trade_id=trade_id)


def _band_ns(told: int) -> int | None:
    """Its time in ns; None for a number that is neither ms nor ns."""
    if 0 <= told <= _MOST_NS // MILLISECOND:
        return told * MILLISECOND
    return told if _LEAST_NS <= told <= _MOST_NS else None


def _statuses(message: WireBand, ts: int) -> list[RawStatus]:
    """A halt or a resumption; most bands hold neither."""
    word = next((each for each in reversed(message.i or ()) if each in _HALTS), None)
    return [] if word is None else [RawStatus(message.T, word == _HALTED, _HALTS[word], ts)]


def encoded(**word: Any) -> bytes:
    """A word of ours, e.g. `encoded(action="auth", params=key)`."""
    return msgspec.json.encode(word)

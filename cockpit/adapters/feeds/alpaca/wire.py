"""Alpaca's market data as it comes: msgpack, decoded straight into the rows that a feed delivers.

A quote is decoded into a RawQuote that knows the wire's names, and only its time is changed
afterwards. Times are msgpack timestamps, kept to the nanosecond; text is read as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, cast

import msgspec
import numpy as np
from msgspec.msgpack import Ext

from cockpit.adapters.brokers.alpaca.faults import UnreadableError
from cockpit.adapters.brokers.bodies import ns_of
from cockpit.adapters.feeds import frames
from cockpit.adapters.feeds.frames import UNREADABLE
from cockpit.kernel.clock import SECOND
from cockpit.ports.feed import RawBar, RawCorrection, RawQuote, RawRow, RawStatus, RawTrade

_BITS = 34  # of a usual time are seconds, the rest nanoseconds
_SECONDS = (1 << _BITS) - 1
_LATEST_S = 1 << 33  # in 2242; later ones don't fit as nanoseconds where rows are columns
_STAMP_HEAD = b"\xd7\xff"  # a timestamp of eight bytes follows
_STAMP = np.dtype([("head", "S2"), ("word", ">u8")])
_MANY = 24  # fewer are read faster one by one
_TIMESTAMP = -1  # the extension's number in msgpack
_USUAL = 8  # bytes: 34 bits of seconds, 30 of nanoseconds
_LONG = 12  # bytes of a timestamp beyond the year 2514, or before 1970
_HALTS = frozenset({"H", "P", "2"})  # tape C: halt, pause; tapes A and B: halt
_RESUMES = frozenset({"T", "3"})
_MINUTE_S = 60
_when = int.from_bytes
_time_of = attrgetter("ts_event")

Time = Ext | str


class WireQuote(
    RawQuote,
    gc=False,
    kw_only=True,
    tag_field="T",
    tag="q",
    rename={
        "symbol": "S",
        "bid": "bp",
        "ask": "ap",
        "bid_size": "bs",
        "ask_size": "as",
        "ts_event": "t",
    },
):
    """A quote. `ts_event` is the wire's own bytes until `rows_of` has made them nanoseconds."""

    symbol: str
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    ts_event: msgspec.Raw  # pyright: ignore[reportIncompatibleVariableOverride] -- see above


class WireTrade(msgspec.Struct, gc=False, kw_only=True, tag_field="T", tag="t"):
    """A trade print."""

    S: str
    p: float
    s: float
    t: Time
    c: list[str] | None = None
    x: str = ""
    i: int = 0


class WireBar(msgspec.Struct, gc=False, kw_only=True, tag_field="T", tag="b"):
    """A minute bar, closed; `t` is its start."""

    S: str
    o: float
    h: float
    l: float  # noqa: E741 -- the wire's name
    c: float
    v: float
    t: Time
    n: int = 0
    vw: float = 0.0


class WireUpdatedBar(WireBar, gc=False, kw_only=True, tag_field="T", tag="u"):
    """A minute bar after late trades of its minute."""


class WireStatus(msgspec.Struct, gc=False, kw_only=True, tag_field="T", tag="s"):
    """A halt, a resumption, or one of the many words in between."""

    S: str
    t: Time
    sc: str = ""
    sm: str = ""
    rc: str = ""
    rm: str = ""


class WireCancel(msgspec.Struct, gc=False, kw_only=True, tag_field="T", tag="x"):
    """A trade that was taken back, as it was printed."""

    S: str
    x: str = ""
    i: int = 0
    p: float
    s: float
    t: Time
    a: str = ""


class WireCorrection(msgspec.Struct, gc=False, kw_only=True, tag_field="T", tag="c"):
    """A trade that was corrected: as it was (`o`), and as it is (`c`)."""

    S: str
    op: float
    os: float
    cp: float
    cs: float
    t: Time
    x: str = ""
    oi: int = 0
    ci: int = 0


class WireSuccess(msgspec.Struct, kw_only=True, tag_field="T", tag="success"):
    """A step of the sign-in."""

    msg: str = ""


class WireError(msgspec.Struct, kw_only=True, tag_field="T", tag="error"):
    """What is refused, and why."""

    code: int = 0
    msg: str = ""


class WireSubscription(msgspec.Struct, kw_only=True, tag_field="T", tag="subscription"):
    """What is listened to now."""

    trades: list[str] | None = None
    quotes: list[str] | None = None
    bars: list[str] | None = None
    statuses: list[str] | None = None


class _DailyBar(msgspec.Struct, tag_field="T", tag="d"):
    pass


class _Band(msgspec.Struct, tag_field="T", tag="l"):
    pass


class _Book(msgspec.Struct, tag_field="T", tag="o"):
    pass


class _News(msgspec.Struct, tag_field="T", tag="n"):
    pass


class _Imbalance(msgspec.Struct, tag_field="T", tag="i"):
    pass


Control = WireSuccess | WireError | WireSubscription
Unused = _DailyBar | _Band | _Book | _News | _Imbalance
Message = (
    WireQuote
    | WireTrade
    | WireBar
    | WireUpdatedBar
    | WireStatus
    | WireCancel
    | WireCorrection
    | Control
    | Unused
)
_all = msgspec.msgpack.Decoder(list[Message])
_one = msgspec.msgpack.Decoder(Message)
_apart = msgspec.msgpack.Decoder(list[msgspec.Raw])


messages_in: Callable[[bytes], list[Message]] = _all.decode
"""The messages of a frame. Raises one of UNREADABLE when one of them can't be read: then
`readable_in` has the others."""


def readable_in(frame: bytes, unreadable: Callable[[str], None]) -> list[Message]:
    """The messages of a frame that can be read; `unreadable` is told of the others."""
    return frames.readable_in(frame, _apart.decode, _one.decode, unreadable)


_decoded_time: Callable[[bytes | msgspec.Raw], Time] = msgspec.msgpack.Decoder(Ext | str).decode


def _time_in(told: msgspec.Raw) -> Time:
    try:
        return _decoded_time(told)
    except UNREADABLE as error:
        raise UnreadableError(f"a time: {error}") from error


def ns_of_time(time: Time) -> int:
    """Nanoseconds UTC. Raises UnreadableError."""
    if isinstance(time, str):
        return ns_of(time)
    data = cast("bytes", time.data)
    if time.code != _TIMESTAMP or len(data) not in (4, _USUAL, _LONG):
        raise UnreadableError(f"a time is extension {time.code} of {len(data)} bytes")
    if len(data) == _LONG:
        seconds, rest = _when(data[4:], "big", signed=True), _when(data[:4], "big")
    else:
        word = _when(data, "big")
        seconds, rest = word & _SECONDS, word >> 34
    if not 0 <= seconds < _LATEST_S:
        raise UnreadableError(f"a time is {seconds} s")
    return seconds * SECOND + rest


def rows_of(
    messages: list[Message],
    control: Callable[[Control], None],
    unreadable: Callable[[str], None],
) -> list[RawRow]:
    """The rows in the order they came; what belongs to the session goes to `control`.

    Quotes, which nearly all are, become rows where they stand, all of them at once.
    """
    only_quotes = set(map(type, messages)) == {WireQuote}
    quotes = cast(
        "list[WireQuote]",
        messages if only_quotes else [m for m in messages if type(m) is WireQuote],
    )
    if not _stamp(quotes):  # one by one, then
        return [row for message in messages for row in _rows_of_one(message, control, unreadable)]
    if only_quotes:
        return cast("list[RawRow]", messages)
    rows: list[RawRow] = []
    for message in messages:
        if type(message) is WireQuote:
            rows.append(cast("RawQuote", message))
        else:
            rows += _rows_of_one(message, control, unreadable)
    return rows


def _stamp(quotes: list[WireQuote]) -> bool:
    """Give the quotes their times, if all of them came in the usual eight bytes."""
    told = list(map(_time_of, quotes))
    times = _few_times(told) if len(told) < _MANY else _many_times(told)
    if times is None:
        return False
    for quote, ns in zip(quotes, times, strict=True):
        quote.ts_event = ns  # pyright: ignore[reportAttributeAccessIssue] -- a RawQuote from here on
    return True


def _few_times(told: list[msgspec.Raw]) -> list[int] | None:
    times: list[int] = []
    for raw in told:
        data = bytes(raw)
        if len(data) != _STAMP.itemsize or not data.startswith(_STAMP_HEAD):
            return None
        word = _when(data[len(_STAMP_HEAD) :], "big")
        if word & _SECONDS >= _LATEST_S:
            return None
        times.append((word & _SECONDS) * SECOND + (word >> _BITS))
    return times


def _many_times(told: list[msgspec.Raw]) -> list[int] | None:
    data = b"".join(told)
    if len(data) != len(told) * _STAMP.itemsize:
        return None
    stamps = np.frombuffer(data, _STAMP)
    if not (stamps["head"] == _STAMP_HEAD).all():
        return None
    words = stamps["word"].astype(np.uint64)
    seconds, rest = (words & np.uint64(_SECONDS)).astype(np.int64), words >> np.uint64(_BITS)
    if (seconds >= _LATEST_S).any():
        return None
    times: list[int] = (seconds * SECOND + rest.astype(np.int64)).tolist()
    return times


def _rows_of_one(
    message: Message, control: Callable[[Control], None], unreadable: Callable[[str], None]
) -> Sequence[RawRow]:
    if isinstance(message, Control):
        control(message)
        return ()
    try:
        return _rows(message)
    except UnreadableError as error:
        unreadable(str(error))
        return ()


def _rows(message: Message) -> Sequence[RawRow]:
    """What a message about the market brings: none, one or two rows."""
    match message:
        case WireQuote():
            message.ts_event = ns_of_time(_time_in(message.ts_event))  # pyright: ignore[reportAttributeAccessIssue] -- as above
            return (cast("RawQuote", message),)
        case WireTrade():
            return (_print(message),)
        case WireStatus():
            return _status(message)
        case WireBar():  # rides along where it was asked for; the feed takes it out
            return (cast("RawRow", _bar(message)),)
        case WireCancel():
            m = message
            return (RawCorrection(m.S, _id(m.x, m.i), m.p, m.s, ns_of_time(m.t)),)
        case WireCorrection():
            m = message
            ts = ns_of_time(m.t)
            return (RawCorrection(m.S, _id(m.x, m.oi), m.op, m.os, ts, m.cp, m.cs, _id(m.x, m.ci)),)
        case _:
            return ()


def _bar(m: WireBar) -> RawBar:
    revised, ts = isinstance(m, WireUpdatedBar), ns_of_time(m.t)
    return RawBar(m.S, m.o, m.h, m.l, m.c, m.v, m.vw, m.n, _MINUTE_S, ts, revised)


def _print(message: WireTrade) -> RawTrade:
    conditions = "".join(message.c or ()).strip()
    ts = ns_of_time(message.t)
    return RawTrade(
        message.S, message.p, message.s, ts, conditions, trade_id=_id(message.x, message.i)
    )


def _id(exchange: str, number: int) -> str:
    """A trade's id: exchanges count each on their own. None where the wire gave none."""
    return f"{exchange}{number}" if number else ""


def _status(message: WireStatus) -> Sequence[RawStatus]:
    """A halt or a resumption; the words in between change nothing."""
    if message.sc not in _HALTS | _RESUMES:
        return ()
    reason = message.rm or message.rc or message.sm
    return (RawStatus(message.S, message.sc in _HALTS, reason, ns_of_time(message.t)),)


def encoded(**word: Any) -> bytes:
    """A word of ours, e.g. `encoded(action="auth", ...)`."""
    return msgspec.msgpack.encode(word)

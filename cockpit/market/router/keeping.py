"""Answers and refusals as bytes. Bars are kept as bare numbers: there are many of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from cockpit.market.router.pieces import is_final, key_of
from cockpit.ports.feed import RawBar
from cockpit.ports.research import Kept
from cockpit.ports.source import (
    KIND_OF,
    Adjusted,
    Answer,
    Ask,
    BarsAsk,
    CorporateAction,
    Fundamentals,
    Kind,
    LatestQuote,
    NewsItem,
    NotEntitledError,
    Row,
    SourceError,
    UnknownSymbolError,
)

T = TypeVar("T")
_Numbers = tuple[float, float, float, float, float, float, int, int]
_FOR_EVER_NS = 2**62


class _Body(msgspec.Struct, Generic[T], array_like=True, frozen=True):
    delay_s: int
    adjusted: Adjusted
    complete: bool
    rows: list[T]


class Refusal(msgspec.Struct, array_like=True, frozen=True):
    """A source that does not know a symbol, or may not tell, is not asked again for a while."""

    code: str
    why: str
    until_ns: int = _FOR_EVER_NS

    def error(self, source: str) -> SourceError:
        """As it was raised."""
        kind = UnknownSymbolError if self.code == UnknownSymbolError.code else NotEntitledError
        return kind(source, self.why)


_DECODERS: dict[Kind, msgspec.msgpack.Decoder[Any]] = {
    Kind.QUOTE: msgspec.msgpack.Decoder(_Body[LatestQuote]),
    Kind.BARS: msgspec.msgpack.Decoder(_Body[_Numbers]),
    Kind.FUNDAMENTALS: msgspec.msgpack.Decoder(_Body[Fundamentals]),
    Kind.NEWS: msgspec.msgpack.Decoder(_Body[NewsItem]),
    Kind.ACTIONS: msgspec.msgpack.Decoder(_Body[CorporateAction]),
}


def kept_of(answer: Answer, piece: Ask, *, whole: bool) -> Kept:
    """The part of an answer that is of `piece`, to be kept; `whole` when all of it was asked."""
    rows: list[Any] = list(answer.rows)
    if isinstance(piece, BarsAsk):
        bars = (b for b in answer.of(RawBar) if piece.start_ns <= b.ts_event < piece.end_ns)
        rows = [_numbers(bar) for bar in bars]
    body = _Body(answer.delay_s, answer.adjusted, answer.complete, rows)
    return _kept(
        key_of(answer.source, piece),
        piece,
        answer.source,
        answer.fetched_ns,
        body,
        final=is_final(piece, answer.fetched_ns, complete=whole and answer.complete),
    )


def answer_of(kept: Kept, piece: Ask) -> Answer:
    """What was kept. Raises ValueError where it is of another program's making."""
    body = _DECODERS[KIND_OF[type(piece)]].decode(kept.body)
    rows: list[Row] = body.rows
    if isinstance(piece, BarsAsk):
        rows = [_bar(numbers, piece) for numbers in body.rows]
    return Answer(
        source=kept.source,
        fetched_ns=kept.fetched_ns,
        rows=tuple(rows),
        delay_s=body.delay_s,
        adjusted=body.adjusted,
        complete=body.complete,
    )


def joined(parts: Sequence[tuple[Answer, bool]], ask: Ask) -> Answer:
    """Answers of one source to the pieces of an ask, each with whether it is final.

    The whole is as old as the oldest part that can still change.
    """
    answers = [answer for answer, _ in parts]
    changing = [answer.fetched_ns for answer, final in parts if not final]
    rows = [row for answer in answers for row in answer.rows]
    if isinstance(ask, BarsAsk):
        rows = [
            r for r in rows if isinstance(r, RawBar) and ask.start_ns <= r.ts_event < ask.end_ns
        ]
    return msgspec.structs.replace(
        answers[-1],
        rows=tuple(rows),
        fetched_ns=min(changing or [answer.fetched_ns for answer in answers]),
        delay_s=max(answer.delay_s for answer in answers),
        complete=all(answer.complete for answer in answers),
    )


def refused(key: str, ask: Ask, error: SourceError, now_ns: int, until_ns: int) -> Kept:
    """A refusal to be kept."""
    return _kept(key, ask, error.source, now_ns, Refusal(error.code, error.why, until_ns))


def refusal_of(kept: Kept) -> Refusal:
    """What was refused. Raises ValueError where it is of another program's making."""
    return msgspec.msgpack.decode(kept.body, type=Refusal)


def _kept(
    key: str, ask: Ask, source: str, fetched_ns: int, body: object, *, final: bool = False
) -> Kept:
    return Kept(
        key=key,
        source=source,
        kind=KIND_OF[type(ask)].value,
        symbol=ask.symbol,
        fetched_ns=fetched_ns,
        body=msgspec.msgpack.encode(body),
        final=final,
    )


def _numbers(bar: RawBar) -> _Numbers:
    prices = bar.open, bar.high, bar.low, bar.close
    return *prices, bar.volume, bar.vwap, bar.trades, bar.ts_event


def _bar(numbers: _Numbers, piece: BarsAsk) -> RawBar:
    *prices_and_volume, vwap, trades, ts = numbers
    first, high, low, last, volume = prices_and_volume
    return RawBar(
        symbol=piece.symbol,
        open=first,
        high=high,
        low=low,
        close=last,
        volume=volume,
        vwap=vwap,
        trades=trades,
        interval_s=piece.interval_s,
        ts_event=ts,
    )

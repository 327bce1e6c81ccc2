"""Batches of raw rows to bytes and back, a block of some thousand rows at a time.

A block stands alone: it has its own words and symbols and can be read without any other.
Numbers come back as floats that are equal to the bit, a source's null as None.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np

from cockpit.adapters.feeds.chunks import Batch, Unreadable
from cockpit.adapters.tape.columns import (
    Groups,
    Ints,
    PackedFloats,
    PackedInts,
    Words,
    pack_floats,
    pack_ints,
    packed,
    scale,
    unpack_floats,
    unpack_ints,
)
from cockpit.ports.feed import RawCorrection, RawQuote, RawRow, RawStatus, RawTrade

LEVEL = 6
MOST_BYTES = 1 << 28
"""A block that says it is longer is not one of ours."""
_KINDS: tuple[type, ...] = (RawQuote, RawTrade, RawStatus, RawCorrection, Unreadable)


class _Quotes(msgspec.Struct, array_like=True):
    bid: PackedFloats
    ask: PackedFloats
    bid_size: PackedFloats
    ask_size: PackedFloats


class _Trades(msgspec.Struct, array_like=True):
    price: PackedFloats
    size: PackedFloats
    conditions: Words
    cancelled: PackedInts
    ids: Words
    id_numbers: PackedInts


class _Block(msgspec.Struct, array_like=True):
    """`times` and `lengths` are of the batches, `lags` of the rows: how old each came in."""

    times: PackedInts
    lengths: PackedInts
    kinds: PackedInts
    symbols: Words
    lags: PackedInts
    quotes: _Quotes
    trades: _Trades
    statuses: list[tuple[bool, str]]
    corrections: list[tuple[str, float, float, float, float, str]]
    unreadable: list[tuple[str, str]]


_decoder = msgspec.msgpack.Decoder(_Block)


def encode(batches: Sequence[Batch]) -> bytes:
    """A block of `batches`: when each came in, and its rows."""
    times = [batch.ts_event if isinstance(batch, Unreadable) else batch[0] for batch in batches]
    groups = [[b] if isinstance(b, Unreadable) else b[1] for b in batches]
    rows: list[RawRow | Unreadable] = [row for group in groups for row in group]
    lengths = np.array([len(group) for group in groups], dtype=np.int64)
    came_in = np.repeat(np.array(times, dtype=np.int64), lengths)
    event = np.array([row.ts_event for row in rows], dtype=np.int64)
    block = _Block(
        times=pack_ints(np.diff(np.array(times, dtype=np.int64), prepend=np.int64(0))),
        lengths=pack_ints(lengths),
        kinds=pack_ints(np.array([_kind(type(row)) for row in rows], dtype=np.int64)),
        symbols=Words.of([getattr(row, "symbol", "") for row in rows]),
        lags=pack_ints(came_in - event),
        quotes=_pack_quotes([row for row in rows if isinstance(row, RawQuote)]),
        trades=_pack_trades([row for row in rows if isinstance(row, RawTrade)]),
        statuses=[(r.halted, r.reason) for r in rows if isinstance(r, RawStatus)],
        corrections=[
            (r.trade_id, r.old_price, r.old_size, r.price, r.size, r.new_id)
            for r in rows
            if isinstance(r, RawCorrection)
        ],
        unreadable=[(r.reason, r.detail) for r in rows if isinstance(r, Unreadable)],
    )
    return zlib.compress(msgspec.msgpack.encode(block), LEVEL)


def decode(payload: bytes) -> list[Batch]:
    """The batches again. Raises ValueError for what `encode` can't have made."""
    try:
        return _batches(_decoder.decode(_inflate(payload)))
    except (zlib.error, msgspec.MsgspecError, IndexError, StopIteration) as error:
        raise ValueError(str(error)) from error


def _inflate(payload: bytes) -> bytes:
    inflater = zlib.decompressobj()
    raw = inflater.decompress(payload, MOST_BYTES)
    if inflater.unconsumed_tail or not inflater.eof:
        raise ValueError("the block is cut off or longer than any of ours")
    return raw


def _batches(block: _Block) -> list[Batch]:
    times = np.cumsum(unpack_ints(block.times))
    lengths = unpack_ints(block.lengths)
    kinds, symbols = unpack_ints(block.kinds), np.array(block.symbols.all(), dtype=object)
    events = np.repeat(times, lengths) - unpack_ints(block.lags)
    rows: list[RawRow | Unreadable] = [_PLACE] * len(kinds)
    makers = (
        (0, _quote_rows(block.quotes, symbols[kinds == 0].tolist(), events[kinds == 0])),
        (1, _trade_rows(block.trades, symbols[kinds == 1].tolist(), events[kinds == 1])),
        (2, _status_rows(block, symbols[kinds == 2].tolist(), events[kinds == 2].tolist())),
        (3, _correction_rows(block, symbols[kinds == 3].tolist(), events[kinds == 3].tolist())),
        (4, _unreadable_rows(block, events[kinds == 4].tolist())),
    )
    for kind, made in makers:
        for at, row in zip(np.flatnonzero(kinds == kind).tolist(), made, strict=True):
            rows[at] = row
    return _grouped(times.tolist(), lengths.tolist(), rows)


def _grouped(times: list[int], lengths: list[int], rows: list[RawRow | Unreadable]) -> list[Batch]:
    batches: list[Batch] = []
    at = 0
    for time, length in zip(times, lengths, strict=True):
        first = rows[at] if length else None
        if isinstance(first, Unreadable):
            batches.append(first)
        else:
            group = [row for row in rows[at : at + length] if not isinstance(row, Unreadable)]
            batches.append((time, group))
        at += length
    return batches


@lru_cache
def _kind(row_type: type) -> int:
    """Its number; a feed may hand over a kind of its own below one of these."""
    return next(at for at, kind in enumerate(_KINDS) if issubclass(row_type, kind))


def _keys(rows: Sequence[RawQuote] | Sequence[RawTrade]) -> Ints:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(r.symbol, len(numbers)) for r in rows], dtype=np.int64)


def _keys_of(symbols: Sequence[str]) -> Ints:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(s, len(numbers)) for s in symbols], dtype=np.int64)


def _pack_quotes(rows: list[RawQuote]) -> _Quotes:
    """Bids as steps from the bid before of that symbol, asks as what they are above the bid."""
    groups = Groups(_keys(rows))
    bid, ask = scale([row.bid for row in rows]), scale([row.ask for row in rows])
    decimals = max(bid.decimals, ask.decimals)
    bids = bid.whole * 10 ** (decimals - bid.decimals)
    asks = ask.whole * 10 ** (decimals - ask.decimals)
    return _Quotes(
        packed(bid, groups.deltas(bid.whole)),
        packed(ask, (asks - bids)[groups.order]),
        _pack_sizes([row.bid_size for row in rows], groups),
        _pack_sizes([row.ask_size for row in rows], groups),
    )


def _pack_sizes(values: list[float], groups: Groups) -> PackedFloats:
    scaled = scale(values)
    return packed(scaled, scaled.whole[groups.order])


def _ungroup(ordered: Ints, groups: Groups) -> Ints:
    values = np.empty_like(ordered)
    values[groups.order] = ordered
    return values


def _quote_rows(quotes: _Quotes, symbols: list[str], events: Ints) -> list[RawQuote]:
    groups = Groups(_keys_of(symbols))
    decimals = max(quotes.bid.decimals, quotes.ask.decimals)
    bid = groups.values(unpack_ints(quotes.bid.whole))
    above = _ungroup(unpack_ints(quotes.ask.whole), groups)
    ask = above + bid * 10 ** (decimals - quotes.bid.decimals)
    ask //= 10 ** (decimals - quotes.ask.decimals)
    return list(
        map(
            RawQuote,
            symbols,
            unpack_floats(quotes.bid, bid),
            unpack_floats(quotes.ask, ask),
            unpack_floats(quotes.bid_size, _ungroup(unpack_ints(quotes.bid_size.whole), groups)),
            unpack_floats(quotes.ask_size, _ungroup(unpack_ints(quotes.ask_size.whole), groups)),
            events.tolist(),
        )
    )


def _pack_trades(rows: list[RawTrade]) -> _Trades:
    groups = Groups(_keys(rows))
    price = scale([row.price for row in rows])
    ids = [_split(row.trade_id) for row in rows]
    numbers = np.array([number for _, number in ids], dtype=np.int64)
    return _Trades(
        price=packed(price, groups.deltas(price.whole)),
        size=pack_floats([row.size for row in rows]),
        conditions=Words.of([row.conditions for row in rows]),
        cancelled=pack_ints(np.array([row.cancelled for row in rows], dtype=np.int64)),
        ids=Words.of([word for word, _ in ids]),
        id_numbers=pack_ints(groups.deltas(numbers)),
    )


def _split(trade_id: str) -> tuple[str, int]:
    """An id as the word before its number, and the number, -1 for none: `V6142` is V, 6142."""
    word = trade_id.rstrip("0123456789")
    digits = trade_id[len(word) :]
    if not digits or len(digits) > 18 or (digits[0] == "0" and digits != "0"):
        return trade_id, -1
    return word, int(digits)


def _trade_rows(trades: _Trades, symbols: list[str], events: Ints) -> list[RawTrade]:
    groups = Groups(_keys_of(symbols))
    return list(
        map(
            RawTrade,
            symbols,
            unpack_floats(trades.price, groups.values(unpack_ints(trades.price.whole))),
            unpack_floats(trades.size),
            events.tolist(),
            trades.conditions.all(),
            unpack_ints(trades.cancelled).astype(bool).tolist(),
            _ids(trades, groups),
        )
    )


def _ids(trades: _Trades, groups: Groups) -> list[str]:
    numbers = groups.values(unpack_ints(trades.id_numbers)).tolist()
    pairs = zip(trades.ids.all(), numbers, strict=True)
    return [word if number < 0 else f"{word}{number}" for word, number in pairs]


def _status_rows(block: _Block, symbols: list[str], events: list[int]) -> list[RawStatus]:
    told = zip(symbols, block.statuses, events, strict=True)
    return [RawStatus(symbol, halted, reason, ts) for symbol, (halted, reason), ts in told]


def _correction_rows(block: _Block, symbols: list[str], events: list[int]) -> list[RawCorrection]:
    told = zip(symbols, block.corrections, events, strict=True)
    return [
        RawCorrection(symbol, old_id, old_price, old_size, ts, price, size, new_id)
        for symbol, (old_id, old_price, old_size, price, size, new_id), ts in told
    ]


def _unreadable_rows(block: _Block, events: list[int]) -> list[Unreadable]:
    told = zip(block.unreadable, events, strict=True)
    return [Unreadable(reason, detail, ts) for (reason, detail), ts in told]


_PLACE = Unreadable("", "", 0)

"""Batches of raw rows to bytes and back, a block of some thousand rows at a time.

A block stands alone: it has its own words and symbols and can be read without any other.
Numbers come back as floats that are equal to the bit, a source's null as None.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from cockpit.adapters.feeds.chunks import Batch, Told, Unreadable
from cockpit.adapters.tape.columns import (
    Floats,
    Groups,
    Ints,
    PackedFloats,
    PackedInts,
    Words,
    kept_below,
    pack_floats,
    pack_ints,
    packed,
    scale,
    unpack_floats,
    unpack_ints,
)
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawBar, RawCorrection, RawQuote, RawRow, RawStatus, RawTrade

LEVEL = 6
MOST_BYTES = 1 << 28
"""A block that says it is longer is not one of ours."""
_LARGEST = 2**62 - 1  # of a whole number that another is taken from
_KINDS: tuple[type, ...] = (RawQuote, RawTrade, RawStatus, RawCorrection, Unreadable)
_QUOTE, _TRADE, _STATUS, _CORRECTION, _UNREADABLE = range(len(_KINDS))
_time_of, _symbol_of = attrgetter("ts_event"), attrgetter("symbol")
_NUMBERS = tuple(map(attrgetter, ("bid", "ask", "bid_size", "ask_size")))


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


_Bar = tuple[str, float, float, float, float, float, float, int, int, int, bool]


class _WithBars(_Block, array_like=True):
    """Also bars that the source made: their batch's place and time. Without any it is no more."""

    told: list[tuple[int, int, list[_Bar]]] = []


_decoder = msgspec.msgpack.Decoder(_WithBars)


def encode(batches: Sequence[Batch]) -> bytes:
    """A block of `batches`: when each came in, and its rows."""
    told = [
        (at, batch.ts_event, [msgspec.structs.astuple(bar) for bar in batch.bars])
        for at, batch in enumerate(batches)
        if isinstance(batch, Told)
    ]
    parts = _packed([batch for batch in batches if not isinstance(batch, Told)])
    block = _WithBars(**parts, told=told) if told else _Block(**parts)
    return zlib.compress(msgspec.msgpack.encode(block), LEVEL)


def _packed(batches: Sequence[tuple[int, Sequence[RawRow]] | Unreadable]) -> dict[str, Any]:
    times = [batch.ts_event if isinstance(batch, Unreadable) else batch[0] for batch in batches]
    groups = [[b] if isinstance(b, Unreadable) else b[1] for b in batches]
    lengths = np.array([len(group) for group in groups], dtype=np.int64)
    came_in = np.repeat(np.array(times, dtype=np.int64), lengths)
    rows = _gathered(groups)
    keys, kinds = rows.keys, rows.kinds
    return {
        "times": pack_ints(np.diff(np.array(times, dtype=np.int64), prepend=np.int64(0))),
        "lengths": pack_ints(lengths),
        "kinds": pack_ints(kinds),
        "symbols": rows.symbols,
        "lags": pack_ints(came_in - rows.events),
        "quotes": _pack_quotes(rows.quotes, keys[kinds == _QUOTE]),
        "trades": _pack_trades(rows.trades, keys[kinds == _TRADE]),
        "statuses": [(r.halted, r.reason) for r in rows.statuses],
        "corrections": [
            (r.trade_id, r.old_price, r.old_size, r.price, r.size, r.new_id)
            for r in rows.corrections
        ],
        "unreadable": [(r.reason, r.detail) for r in rows.unreadable],
    }


class _Gathered(NamedTuple):
    """All rows of a block: of each its time, kind and symbol; then what each kind has."""

    events: Ints
    kinds: Ints
    symbols: Words
    keys: Ints
    quotes: Sequence[Sequence[float | None] | Floats]
    trades: list[Any]
    statuses: list[Any]
    corrections: list[Any]
    unreadable: list[Any]


def _gathered(groups: Sequence[Sequence[RawRow | Unreadable]]) -> _Gathered:
    parts = [group for group in groups if isinstance(group, Columns)]
    if parts and len(parts) == len(groups) and all(part.names is parts[0].names for part in parts):
        return _of_columns(Columns.joined(parts))
    return _of_rows([row for group in groups for row in group])


def _of_rows(rows: list[RawRow | Unreadable]) -> _Gathered:
    types = list(map(type, rows))
    numbers = {row_type: _kind(row_type) for row_type in set(types)}
    kinds = np.array(list(map(numbers.__getitem__, types)), dtype=np.int64)
    quotes, trades, statuses, corrections, unreadable = _by_kind(rows, kinds)
    symbols = Words.of(
        [getattr(row, "symbol", "") for row in rows] if unreadable else list(map(_symbol_of, rows))
    )
    return _Gathered(
        np.array(list(map(_time_of, rows)), dtype=np.int64),
        kinds,
        symbols,
        unpack_ints(symbols.index),
        [list(map(number, quotes)) for number in _NUMBERS],
        trades,
        statuses,
        corrections,
        unreadable,
    )


def _of_columns(rows: Columns) -> _Gathered:
    """The same bytes as of the same rows one by one."""
    kinds = np.zeros(len(rows), dtype=np.int64)
    of_others = np.array([_kind(type(row)) for row in rows.others], dtype=np.int64)
    kinds[list(rows.at)] = of_others
    found, first, which = np.unique(rows.keys, return_index=True, return_inverse=True)
    in_turn = np.argsort(first)
    turn = np.empty_like(in_turn)
    turn[in_turn] = np.arange(len(in_turn))
    words: list[str] = [rows.names[key] for key in found[in_turn].tolist()]
    keys = turn[which].astype(np.int64)
    _, trades, statuses, corrections, unreadable = _by_kind(list(rows.others), of_others)
    return _Gathered(
        rows.ts,
        kinds,
        Words(words, pack_ints(keys)),
        keys,
        rows.numbers,
        trades,
        statuses,
        corrections,
        unreadable,
    )


def decode(payload: bytes) -> list[Batch]:
    """The batches again. Raises ValueError for what `encode` can't have made."""
    try:
        block = _decoder.decode(_inflate(payload))
        batches = _batches(block)
    except (zlib.error, msgspec.MsgspecError, IndexError) as error:
        raise ValueError(str(error)) from error
    for at, time, bars in block.told:  # each into its place, the first one first
        batches.insert(at, Told(time, [RawBar(*bar) for bar in bars]))
    return batches


def _inflate(payload: bytes) -> bytes:
    inflater = zlib.decompressobj()
    raw = inflater.decompress(payload, MOST_BYTES)
    if inflater.unconsumed_tail or not inflater.eof:
        raise ValueError("the block is cut off or longer than any of ours")
    return raw


def _batches(block: _Block) -> list[Batch]:
    times = np.cumsum(unpack_ints(block.times))
    lengths, kinds = unpack_ints(block.lengths), unpack_ints(block.kinds)
    if int(lengths.sum()) != len(kinds):
        raise ValueError("batches and rows don't agree")
    lines = _Lines(
        keys=unpack_ints(block.symbols.index),
        symbols=np.array([*block.symbols.words, ""], dtype=object),
        events=np.repeat(times, lengths) - unpack_ints(block.lags),
    )
    rows = np.empty(len(kinds), dtype=object)
    for kind, make in enumerate((_quotes, _trades, _statuses, _corrections, _unreadable)):
        at = np.flatnonzero(kinds == kind)
        if len(at):
            made = make(block, lines.of(at))
            rows[at] = np.fromiter(made, dtype=object, count=len(at))
    return _grouped(times.tolist(), lengths, rows.tolist())


class _Lines(NamedTuple):
    """What rows of every kind have."""

    keys: Ints
    symbols: npt.NDArray[np.object_]
    events: Ints

    def of(self, at: npt.NDArray[np.intp]) -> _Lines:
        return _Lines(self.keys[at], self.symbols[self.keys[at]], self.events[at])


def _grouped(times: list[int], lengths: Ints, rows: list[Any]) -> list[Batch]:
    if not len(lengths) or int(lengths.max()) == 1:
        pairs = zip(times, rows, strict=True)
        return [row if type(row) is Unreadable else (time, [row]) for time, row in pairs]
    batches: list[Batch] = []
    at = 0
    for time, length in zip(times, lengths.tolist(), strict=True):
        group = rows[at : at + length]
        batches.append(group[0] if type(group[0]) is Unreadable else (time, group))
        at += length
    return batches


def _by_kind(rows: list[Any], kinds: Ints) -> tuple[list[Any], ...]:
    """The rows of each kind, in their order; nearly always all are quotes."""
    first = int(kinds[0]) if len(kinds) else 0
    if (kinds == first).all():
        return tuple(rows if kind == first else [] for kind in range(len(_KINDS)))
    return tuple(list(compress(rows, (kinds == kind).tolist())) for kind in range(len(_KINDS)))


@lru_cache
def _kind(row_type: type) -> int:
    """Its number; a feed may hand over a kind of its own below one of these."""
    return next(at for at, kind in enumerate(_KINDS) if issubclass(row_type, kind))


def _pack_quotes(columns: Sequence[Sequence[float | None] | Floats], keys: Ints) -> _Quotes:
    """Bids as steps from the bid before of that symbol, asks as what they are above the bid."""
    groups = Groups(keys)
    bid, ask = scale(columns[0]), scale(columns[1])
    decimals = max(bid.decimals, ask.decimals)
    finer_bid, finer_ask = 10 ** (decimals - bid.decimals), 10 ** (decimals - ask.decimals)
    bid = kept_below(bid, columns[0], _LARGEST // finer_bid)
    ask = kept_below(ask, columns[1], _LARGEST // finer_ask)
    bids, asks = bid.whole * finer_bid, ask.whole * finer_ask
    return _Quotes(
        packed(bid, groups.deltas(bid.whole)),
        packed(ask, (asks - bids)[groups.order]),
        _pack_sizes(columns[2], groups),
        _pack_sizes(columns[3], groups),
    )


def _pack_sizes(values: Sequence[float | None] | Floats, groups: Groups) -> PackedFloats:
    scaled = scale(values)
    return packed(scaled, scaled.whole[groups.order])


def _ungroup(ordered: Ints, groups: Groups) -> Ints:
    values = np.empty_like(ordered)
    values[groups.order] = ordered
    return values


def _quotes(block: _Block, lines: _Lines) -> Iterable[RawQuote]:
    quotes, groups = block.quotes, Groups(lines.keys)
    decimals = max(quotes.bid.decimals, quotes.ask.decimals)
    bid = groups.values(unpack_ints(quotes.bid.whole))
    above = _ungroup(unpack_ints(quotes.ask.whole), groups)
    ask = above + bid * 10 ** (decimals - quotes.bid.decimals)
    ask //= 10 ** (decimals - quotes.ask.decimals)
    return map(
        RawQuote,
        lines.symbols.tolist(),
        unpack_floats(quotes.bid, bid),
        unpack_floats(quotes.ask, ask),
        unpack_floats(quotes.bid_size, _ungroup(unpack_ints(quotes.bid_size.whole), groups)),
        unpack_floats(quotes.ask_size, _ungroup(unpack_ints(quotes.ask_size.whole), groups)),
        lines.events.tolist(),
    )


def _pack_trades(rows: list[RawTrade], keys: Ints) -> _Trades:
    groups = Groups(keys)
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


def _trades(block: _Block, lines: _Lines) -> Iterable[RawTrade]:
    trades, groups = block.trades, Groups(lines.keys)
    return map(
        RawTrade,
        lines.symbols.tolist(),
        unpack_floats(trades.price, groups.values(unpack_ints(trades.price.whole))),
        unpack_floats(trades.size),
        lines.events.tolist(),
        trades.conditions.all(),
        unpack_ints(trades.cancelled).astype(bool).tolist(),
        _ids(trades, groups),
    )


def _ids(trades: _Trades, groups: Groups) -> list[str]:
    numbers = groups.values(unpack_ints(trades.id_numbers)).tolist()
    pairs = zip(trades.ids.all(), numbers, strict=True)
    return [word if number < 0 else f"{word}{number}" for word, number in pairs]


def _statuses(block: _Block, lines: _Lines) -> Iterable[RawStatus]:
    told = zip(lines.symbols.tolist(), block.statuses, lines.events.tolist(), strict=True)
    return [RawStatus(symbol, halted, reason, ts) for symbol, (halted, reason), ts in told]


def _corrections(block: _Block, lines: _Lines) -> Iterable[RawCorrection]:
    told = zip(lines.symbols.tolist(), block.corrections, lines.events.tolist(), strict=True)
    return [
        RawCorrection(symbol, old_id, old_price, old_size, ts, price, size, new_id)
        for symbol, (old_id, old_price, old_size, price, size, new_id), ts in told
    ]


def _unreadable(block: _Block, lines: _Lines) -> Iterable[Unreadable]:
    told = zip(block.unreadable, lines.events.tolist(), strict=True)
    return [Unreadable(reason, detail, ts) for (reason, detail), ts in told]

"""The second pass: lines become raw rows, merged over all files by time.

Rows of one instant come quotes first, then trades, each in the order of the files as
named: the book stands before the prints of that instant are seen. Nothing but one line of
each file is held in memory.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence

from cockpit.adapters.feeds.chunks import Item, Rows, Unreadable
from cockpit.adapters.feeds.replay.columns import Layout
from cockpit.adapters.feeds.replay.files import Lines, lines
from cockpit.adapters.feeds.replay.times import TimeParser
from cockpit.ports.feed import RawQuote, RawTrade

OTHER_EXCHANGE = "other_exchange"
_NULLS = {"", "na", "n/a", "null", "none"}


def merged(
    layouts: Sequence[Layout], books: Mapping[str, str], lot: int, skipped: Counter[str]
) -> Rows:
    """All rows of all files in time order.

    `books` names the exchange whose quotes count, by symbol; other quotes are counted in
    `skipped`. Recorded quote sizes are multiplied by `lot`.
    """
    quotes = [quote_rows(each, books, lot, skipped) for each in layouts if each.quotes]
    trades = [trade_rows(each) for each in layouts if not each.quotes]
    readers = [*quotes, *trades]
    try:
        yield from _two(*readers) if len(readers) == 2 else heapq.merge(*readers, key=_time_of)
    finally:
        for reader in readers:
            reader.close()


def _two(first: Rows, second: Rows) -> Rows:
    """Two in order of time, which is nearly always what there is: a merge without a heap."""
    one, other = next(first, None), next(second, None)
    while one is not None and other is not None:
        if one.ts_event <= other.ts_event:
            yield one
            one = next(first, None)
        else:
            yield other
            other = next(second, None)
    if one is not None:
        yield one
        yield from first
    if other is not None:
        yield other
        yield from second


def quote_rows(layout: Layout, books: Mapping[str, str], lot: int, skipped: Counter[str]) -> Rows:
    """Quotes of one file that make the book."""
    at_exchange = layout.optional("exchange")
    read = _quote_reader(layout, lot)
    parse, at_ts, at_symbol = TimeParser().parse, *layout.at("ts", "symbol")
    latest = 0
    for line, fields in _body(layout):
        try:
            ts = parse(fields[at_ts])
            symbol = fields[at_symbol]
            if at_exchange is not None and fields[at_exchange] != books.get(symbol):
                skipped[OTHER_EXCHANGE] += 1
                latest = max(latest, ts)
                continue
            row = read(fields, symbol, ts)
        except (ValueError, IndexError) as error:
            yield _unreadable(layout, line, fields, error, latest)
            continue
        if ts < latest:
            yield _out_of_order(layout, line, latest)
            continue
        latest = ts
        yield row


def every_quote(layout: Layout, lot: int) -> Generator[tuple[str, Item]]:
    """All quotes of one file with their exchange, each a book of its own; nothing is left out."""
    at_exchange = layout.optional("exchange")
    read = _quote_reader(layout, lot)
    parse, at_ts, at_symbol = TimeParser().parse, *layout.at("ts", "symbol")
    latest = 0
    for line, fields in _body(layout):
        exchange = ""
        try:
            exchange = "" if at_exchange is None else fields[at_exchange]
            latest = parse(fields[at_ts])
            yield exchange, read(fields, fields[at_symbol], latest)
        except (ValueError, IndexError) as error:
            yield exchange, _unreadable(layout, line, fields, error, latest)


def _quote_reader(layout: Layout, lot: int) -> Callable[[list[str], str, int], RawQuote]:
    at_bid, at_ask, at_bid_size, at_ask_size = layout.at("bid", "ask", "bid_size", "ask_size")

    def read(fields: list[str], symbol: str, ts: int) -> RawQuote:
        texts = fields[at_bid], fields[at_ask], fields[at_bid_size], fields[at_ask_size]
        try:
            bid, ask, bid_size, ask_size = map(float, texts)
        except ValueError:
            bid, ask, bid_size, ask_size = map(_number, texts)
        return RawQuote(symbol, bid, ask, bid_size * lot, ask_size * lot, ts)

    return read


def trade_rows(layout: Layout) -> Rows:
    """Trades of one file; a correction mark other than 0 makes the row `cancelled`."""
    parse = TimeParser().parse
    at_ts, at_symbol, at_price, at_size = layout.at("ts", "symbol", "price", "size")
    at_conditions, at_corr = layout.optional("conditions"), layout.optional("corr")
    latest = 0
    for line, fields in _body(layout):
        try:
            ts = parse(fields[at_ts])
            row = RawTrade(
                fields[at_symbol],
                _number(fields[at_price]),
                _number(fields[at_size]),
                ts,
                "" if at_conditions is None else fields[at_conditions],
                at_corr is not None and fields[at_corr].strip("0 ") != "",
            )
        except (ValueError, IndexError) as error:
            yield _unreadable(layout, line, fields, error, latest)
            continue
        if ts < latest:
            yield _out_of_order(layout, line, latest)
            continue
        latest = ts
        yield row


def _body(layout: Layout) -> Lines:
    source = lines(layout.path)
    next(source, None)  # the header, recognised in the first pass
    return source


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        if text.strip().lower() in _NULLS:
            return math.nan  # the quality check names and counts it
        raise


def _time_of(item: Item) -> int:
    return item.ts_event


def _unreadable(
    layout: Layout, line: int, fields: list[str], error: Exception, latest: int
) -> Unreadable:
    return Unreadable(
        "unreadable", f"{layout.path.name}, line {line}: {error}: {','.join(fields)[:120]}", latest
    )


def _out_of_order(layout: Layout, line: int, latest: int) -> Unreadable:
    detail = f"{layout.path.name}, line {line}: goes back behind a row above it"
    return Unreadable("out_of_order", detail, latest)

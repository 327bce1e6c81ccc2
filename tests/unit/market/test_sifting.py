"""Quotes in columns are judged, counted, stored and told as the same quotes one by one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.market import Quote, TradePrint
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawQuote, RawRow, RawStatus, RawTrade

T0 = 1_514_903_400 * SECOND
SYMBOLS = ("A", "B", "C", "WATCHED")

prices = st.one_of(
    st.integers(990, 1010).map(lambda cents: cents / 100),
    st.sampled_from([0.0, -1.0, 5.0, 100.0, float("nan"), float("inf")]),
)
sizes = st.one_of(st.just(100.0), st.sampled_from([0.0, -1.0, float("inf"), float("nan")]))
times = st.one_of(
    st.integers(0, 60).map(lambda ms: T0 + ms * 1_000_000),
    st.integers(0, 6_000).map(lambda ms: T0 + ms * 1_000_000),
    st.sampled_from([T0 - 60 * SECOND, T0 + 9 * SECOND]),
)
symbols = st.sampled_from((*SYMBOLS, ""))


@st.composite
def good_quotes(draw: st.DrawFn) -> RawQuote:
    bid = draw(st.integers(990, 1010)) / 100
    return RawQuote(draw(symbols), bid, bid + 0.01, 100.0, 100.0, draw(times))


quotes = st.builds(RawQuote, symbols, prices, prices, sizes, sizes, times)
trades = st.builds(RawTrade, symbols, prices, sizes, times)
halts = st.builds(RawStatus, symbols, st.booleans(), st.just("why"), times)
rows = st.one_of(good_quotes(), good_quotes(), quotes, trades, halts)
batches = st.lists(st.lists(rows, min_size=1, max_size=30), min_size=1, max_size=4)


class Room:
    def __init__(self) -> None:
        bus, clock = Bus(), VirtualClock(T0 + 6 * SECOND)
        self.book, self.quality = Book(clock), Quality(source="toy")
        self.ingest = Ingest(bus, clock, self.book, self.quality, BarBook(bus), latest_only=True)
        self.ingest.watch_closely(("WATCHED",))
        self.told: dict[str, list[object]] = {symbol: [] for symbol in (*SYMBOLS, "")}
        for topic in (Quote, TradePrint):
            bus.subscribe(topic, lambda event: self.told[event.symbol].append(repr(event)))

    @property
    def seen(self) -> object:
        door = self.quality
        counts = (door.accepted, door.counts, door.flagged, door.hits, self.ingest.rows)
        latest = [repr(self.book.quote(symbol)) for symbol in SYMBOLS]
        refused = sorted(map(repr, door.recent))
        return counts, latest, refused, self.told


def in_columns(rows: Sequence[RawRow]) -> Columns:
    columns = Columns.of(rows, [], {})
    assert columns is not None
    return columns


@given(batches, st.booleans())
def test_columns_lead_to_the_same_as_their_rows(made: list[list[RawRow]], known: bool) -> None:
    one_by_one, at_once = Room(), Room()
    if known:
        first: list[RawRow] = [
            RawQuote(symbol, 10.0, 10.01, 1.0, 1.0, T0 - 1) for symbol in SYMBOLS
        ]
        made = [first, *made]
    for batch in made:
        one_by_one.ingest.on_rows(batch)
        at_once.ingest.on_rows(in_columns(batch))
    assert at_once.seen == one_by_one.seen


def test_what_is_plainly_good_is_found_without_a_look_at_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room()
    first: list[RawRow] = [RawQuote(symbol, 10.0, 10.01, 1, 1, T0) for symbol in SYMBOLS]
    room.ingest.on_rows(first)
    many: list[RawRow] = [
        RawQuote(SYMBOLS[n % 3], 10.0, 10.02, 1, 1, T0 + 1 + n) for n in range(300)
    ]
    columns = in_columns(many)
    monkeypatch.setattr(Columns, "__iter__", None)
    monkeypatch.setattr(room.quality, "check_quote", None)
    room.ingest.on_rows(columns)
    assert room.quality.accepted == len(SYMBOLS) + len(many)
    assert {s: len(room.told[s]) for s in SYMBOLS} == {"A": 2, "B": 2, "C": 2, "WATCHED": 1}

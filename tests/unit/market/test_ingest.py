import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.market import Bar, Quote, TradePrint, TradingStatus
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.ports.feed import RawQuote, RawStatus, RawTrade

T0 = 1_514_903_400 * SECOND


class Room:
    def __init__(self, *, latest_only: bool = False) -> None:
        self.bus = Bus()
        self.clock = VirtualClock(T0)
        self.book = Book(self.clock)
        self.quality = Quality(source="toy")
        self.bars = BarBook(self.bus)
        self.ingest = Ingest(
            self.bus, self.clock, self.book, self.quality, self.bars, latest_only=latest_only
        )
        self.heard: list[object] = []
        for topic in (Quote, TradePrint, TradingStatus, Bar, ConnectionChanged):
            self.bus.subscribe(topic, self.heard.append)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def live() -> Room:
    """A live market's room that has seen a first quote of A and B."""
    room = Room(latest_only=True)
    room.ingest.on_rows([quote("A", 0), quote("B", 0)])
    room.heard.clear()
    return room


def quote(symbol: str, number: int, *, bid: float = 10.0) -> RawQuote:
    return RawQuote(symbol, bid + number / 100, bid + 0.1 + number / 100, 100.0, 100.0, T0 + number)


def test_of_live_quotes_that_came_together_the_newest_is_told_and_all_are_counted(
    live: Room,
) -> None:
    stored: list[bool] = []
    live.bus.subscribe(
        Quote,
        stored.append,  # type: ignore[arg-type]  # never called
        many=lambda quotes: stored.extend(live.book.quote(q.symbol) is q for q in quotes),
    )
    live.ingest.on_rows([quote("A", 1), quote("B", 2), quote("A", 3), quote("A", 4)])
    told = [(q.symbol, q.ts_event, q.source) for q in live.heard if isinstance(q, Quote)]
    assert told == [("A", T0 + 4, "toy"), ("B", T0 + 2, "toy")]
    assert stored == [True, True]
    assert (live.ingest.rows, live.quality.accepted) == (6, 6)


def test_rows_of_a_live_symbol_stay_in_their_order(live: Room) -> None:
    live.ingest.on_rows(
        [
            quote("A", 1), quote("B", 1), quote("A", 2), RawTrade("A", 10.1, 5, T0 + 2),
            quote("A", 3), RawStatus("A", True, "LULD", T0 + 4), quote("B", 5),
        ]
    )  # fmt: skip
    told = [(type(e).__name__, e.symbol, e.ts_event - T0) for e in live.heard]  # type: ignore[attr-defined]
    assert told == [
        ("Quote", "A", 2), ("TradePrint", "A", 2), ("Quote", "A", 3), ("TradingStatus", "A", 4),
        ("Quote", "B", 5),
    ]  # fmt: skip


def test_every_live_quote_of_what_is_watched_closely_is_told(live: Room) -> None:
    closely = {"A"}
    live.ingest.watch_closely(closely)
    live.ingest.on_rows([quote(s, n) for n in (1, 2) for s in "AB"])
    closely.clear()
    live.ingest.on_rows([quote(s, n) for n in (3, 4) for s in "AB"])
    told = [(q.symbol, q.ts_event - T0) for q in live.heard if isinstance(q, Quote)]
    assert told == [("A", 1), ("A", 2), ("B", 2), ("A", 4), ("B", 4)]


def test_a_live_quote_is_told_although_a_later_row_of_its_batch_fails(live: Room) -> None:
    class Broken:
        symbol = "A"

    with pytest.raises(AttributeError):
        live.ingest.on_rows([quote("B", 1), Broken()])  # type: ignore[list-item]
    assert [q.symbol for q in live.heard if isinstance(q, Quote)] == ["B"]


_ODD = st.sampled_from([0.0, -1.0, float("nan"), float("inf"), None, 1e9, 10.0, 10.05])
_PRICE = st.integers(990, 1010).map(lambda cents: cents / 100) | _ODD
_SIZE = st.sampled_from([100.0, 100.0, 100.0, 0.0, float("nan"), None])
_ROWS = st.lists(
    st.builds(
        RawQuote,
        st.sampled_from(["A", "B", "", " "]),
        _PRICE,
        _PRICE,
        _SIZE,
        _SIZE,
        st.integers(-3, 12).map(lambda s: T0 + s * SECOND // 4),
    )
    | st.builds(
        RawTrade, st.sampled_from("AB"), _PRICE, _SIZE, st.integers(0, 9).map(lambda n: T0 + n)
    ),
    max_size=40,
)


@given(_ROWS, st.integers(1, 7))
def test_live_or_played_the_same_rows_are_believed(
    rows: list[RawQuote | RawTrade], step: int
) -> None:
    live, played = Room(latest_only=True), Room()
    for at in range(0, len(rows), step):
        for room in (live, played):
            room.ingest.on_rows([msgspec.structs.replace(r) for r in rows[at : at + step]])
            room.clock._now += SECOND // 2
        for symbol in ("A", "B"):
            mine, theirs = live.book.quote(symbol), played.book.quote(symbol)
            assert mine == theirs
    for figure in ("accepted", "counts", "flagged", "hits"):
        assert getattr(live.quality, figure) == getattr(played.quality, figure)
    prints = [[e for e in r.heard if isinstance(e, TradePrint)] for r in (live, played)]
    assert prints[0] == prints[1]


def test_what_is_published_is_already_stored(room: Room) -> None:
    seen: list[object] = []
    room.bus.subscribe(Quote, lambda q: seen.append(room.book.quote("ABC") is q))
    room.bus.subscribe(TradePrint, lambda t: seen.append(room.book.last("ABC") is t))
    room.bus.subscribe(TradePrint, lambda _: seen.append(len(room.bars.series("ABC"))))
    room.bus.subscribe(TradingStatus, lambda s: seen.append(room.book.halted("ABC") is s.halted))
    room.ingest.on_rows(
        [
            RawQuote("ABC", 10.0, 10.1, 100.0, 100.0, T0),
            RawTrade("ABC", 10.1, 50.0, T0),
            RawStatus("ABC", True, "LULD", T0),
        ]
    )
    assert seen == [True, True, 1, True]
    assert room.ingest.rows == 3


def test_a_bad_row_is_counted_and_not_published(room: Room) -> None:
    room.ingest.on_rows([RawQuote("ABC", 0.0, 10.1, 1.0, 1.0, T0), RawTrade("ABC", 1.0, 0.0, T0)])
    room.ingest.on_quarantined("unreadable", "line 7")
    assert room.heard == []
    assert room.quality.counts == {"zero_bid": 1, "no_size": 1, "unreadable": 1}
    assert room.ingest.rows == 3


def test_rows_are_stamped_with_the_clock(room: Room) -> None:
    room.clock.advance_to(T0 + 7)
    room.ingest.on_rows([RawTrade("ABC", 10.1, 50.0, T0)])
    [event] = room.heard
    assert isinstance(event, TradePrint)
    assert (event.ts_event, event.ts_init) == (T0, T0 + 7)


def test_a_bar_closes_on_time_though_nothing_trades(room: Room) -> None:
    room.ingest.on_rows([RawTrade("ABC", 10.1, 50.0, T0)])
    room.clock.advance_to(T0 + 60 * SECOND - 1)
    assert not any(isinstance(event, Bar) for event in room.heard)
    room.clock.advance_to(T0 + 90 * SECOND)
    bar = room.heard[-1]
    assert isinstance(bar, Bar)
    assert (bar.ts_event, bar.ts_init) == (T0, T0 + 60 * SECOND)
    room.clock.advance_to(T0 + 100 * SECOND)
    room.ingest.on_rows([RawTrade("ABC", 10.2, 50.0, T0 + 100 * SECOND)])
    room.clock.advance_to(T0 + 120 * SECOND)
    assert isinstance(room.heard[-1], Bar)


def test_bars_of_all_symbols_close_together(room: Room) -> None:
    for at, symbol in ((0, "ABC"), (30, "XYZ")):
        room.clock.advance_to(T0 + at * SECOND)
        room.ingest.on_rows([RawTrade(symbol, 10.0, 1.0, T0 + at * SECOND)])
    room.clock.advance_to(T0 + 60 * SECOND)
    assert [event.symbol for event in room.heard if isinstance(event, Bar)] == ["ABC", "XYZ"]


def test_closing_leaves_no_timer(room: Room) -> None:
    room.ingest.on_rows([RawTrade("ABC", 10.1, 50.0, T0)])
    assert room.clock.next_timer_ns() == T0 + 60 * SECOND
    room.ingest.close()
    assert room.clock.next_timer_ns() is None


def test_the_lamp_is_published_and_the_end_closes_the_bars(room: Room) -> None:
    room.ingest.on_rows([RawTrade("ABC", 10.1, 50.0, T0)])
    ended = Connection(name="replay", kind="feed", health=Health.ENDED)
    room.ingest.on_connection(ended)
    bar, lamp = room.heard[-2:]
    assert isinstance(bar, Bar)
    assert isinstance(lamp, ConnectionChanged)
    assert lamp.connection is ended
    assert room.ingest.connections == (ended,)


@pytest.mark.parametrize("halted", [True, False])
def test_a_halt_from_the_future_counts_from_now_and_begins_no_other_day(
    room: Room, *, halted: bool
) -> None:
    room.quality.expect("ABC", 10.0)
    room.ingest.on_rows([RawTrade("ABC", 10.0, 500.0, T0)])
    room.ingest.on_rows([RawStatus("ABC", not halted, "LULD", T0)])
    tomorrow = T0 + 86_400 * SECOND
    room.ingest.on_rows([RawStatus("ABC", halted, "LULD", tomorrow)])
    told = room.heard[-1]
    assert isinstance(told, TradingStatus)
    assert (told.halted, told.ts_event) == (halted, T0)
    assert room.book.halted("ABC") is halted
    assert room.book.volume("ABC") == 500.0
    assert room.book.day_start_ns <= T0
    assert (room.quality.flagged, room.quality.hits) == ({"future": 1}, {"future": 1})

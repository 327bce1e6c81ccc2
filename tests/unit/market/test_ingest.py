import pytest

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
    def __init__(self) -> None:
        self.bus = Bus()
        self.clock = VirtualClock(T0)
        self.book = Book(self.clock)
        self.quality = Quality()
        self.bars = BarBook(self.bus)
        self.ingest = Ingest(self.bus, self.clock, self.book, self.quality, self.bars)
        self.heard: list[object] = []
        for topic in (Quote, TradePrint, TradingStatus, Bar, ConnectionChanged):
            self.bus.subscribe(topic, self.heard.append)


@pytest.fixture
def room() -> Room:
    return Room()


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

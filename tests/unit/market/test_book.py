from decimal import Decimal

import pytest

from cockpit.domain.errors import DomainError
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote, TradePrint, TradingStatus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.book import Book

MORNING = 1_514_903_400 * SECOND  # 2018-01-02 09:30 New York
NEXT_DAY = MORNING + 24 * 3600 * SECOND


def quote(clock: VirtualClock, bid: float = 10.0, ask: float = 10.1) -> Quote:
    now = clock.now_ns()
    return Quote(
        symbol="ABC", bid=bid, ask=ask, bid_size=1.0, ask_size=1.0, ts_event=now, ts_init=now
    )


def trade(clock: VirtualClock, price: float, size: float = 100.0) -> TradePrint:
    now = clock.now_ns()
    return TradePrint(symbol="ABC", price=price, size=size, ts_event=now, ts_init=now)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MORNING)


@pytest.fixture
def book(clock: VirtualClock) -> Book:
    return Book(clock)


def test_nothing_is_known_of_an_unknown_symbol(book: Book) -> None:
    for what in (
        book.quote, book.last, book.mark, book.age_s, book.reference, book.previous_close,
        book.instrument,
    ):  # fmt: skip
        assert what("ABC") is None
    assert book.change_fraction("ABC") is None
    assert book.volume("ABC") == 0.0
    assert not book.halted("ABC")


def test_the_mark_is_the_mid_while_fresh_and_the_last_print_when_stale(
    book: Book, clock: VirtualClock
) -> None:
    book.on_quote(quote(clock))
    assert book.mark("ABC") == pytest.approx(10.05)
    clock.advance_to(MORNING + SECOND)
    book.on_trade(trade(clock, 10.09))
    assert book.mark("ABC") == pytest.approx(10.05)
    assert book.age_s("ABC") == 1.0
    clock.advance_to(MORNING + 10 * SECOND)
    assert book.mark("ABC") == pytest.approx(10.05)
    clock.advance_to(MORNING + 10 * SECOND + 1)
    assert book.mark("ABC") == 10.09


def test_a_stale_quote_still_marks_what_never_traded(book: Book, clock: VirtualClock) -> None:
    book.on_quote(quote(clock))
    clock.advance_to(MORNING + 3600 * SECOND)
    assert book.mark("ABC") == pytest.approx(10.05)


def test_a_print_alone_marks(book: Book, clock: VirtualClock) -> None:
    book.on_trade(trade(clock, 10.09))
    assert book.mark("ABC") == 10.09


def test_change_is_from_the_previous_close_when_known(book: Book, clock: VirtualClock) -> None:
    book.add(Instrument(symbol="ABC"), previous_close=10.0)
    book.on_trade(trade(clock, 11.0))
    assert book.reference("ABC") == 10.0
    assert book.change_fraction("ABC") == pytest.approx(0.1)


def test_change_is_of_the_last_trade_and_not_of_a_quote(book: Book, clock: VirtualClock) -> None:
    book.add(Instrument(symbol="ABC"), previous_close=10.0)
    book.on_quote(quote(clock))
    assert book.change_fraction("ABC") is None, "nothing has traded yet"
    book.on_trade(trade(clock, 11.0))
    book.on_quote(quote(clock))
    assert book.change_fraction("ABC") == pytest.approx(0.1)


def test_without_a_previous_close_there_is_no_change(book: Book, clock: VirtualClock) -> None:
    book.on_trade(trade(clock, 10.0))
    book.on_trade(trade(clock, 9.0))
    assert book.reference("ABC") == 10.0, "what triggers measure from"
    assert book.previous_close("ABC") is None
    assert book.change_fraction("ABC") is None


def test_volume_and_range_are_of_the_new_york_day(book: Book, clock: VirtualClock) -> None:
    for price, size in ((10.0, 100.0), (12.0, 50.0), (9.0, 25.0)):
        book.on_trade(trade(clock, price, size))
    assert (book.volume("ABC"), book.day_high("ABC"), book.day_low("ABC")) == (175.0, 12.0, 9.0)
    clock.advance_to(NEXT_DAY)
    book.on_trade(trade(clock, 9.9, 1.0))
    assert (book.volume("ABC"), book.day_high("ABC"), book.day_low("ABC")) == (1.0, 9.9, 9.9)
    assert book.reference("ABC") == 9.0, "yesterday's last is what today is measured from"
    assert book.change_fraction("ABC") == pytest.approx(0.1)


def test_the_day_ends_at_midnight_in_new_york_not_in_utc(book: Book, clock: VirtualClock) -> None:
    book.on_trade(trade(clock, 10.0))
    clock.advance_to(MORNING + 14 * 3600 * SECOND)  # 23:30 New York, past midnight UTC
    book.on_trade(trade(clock, 10.0))
    assert book.volume("ABC") == 200.0


def test_halts_come_and_go(book: Book) -> None:
    for halted in (True, False):
        book.on_status(
            TradingStatus(symbol="ABC", halted=halted, reason="LULD", ts_event=1, ts_init=1)
        )
        assert book.halted("ABC") is halted


def test_adding_again_keeps_what_was_seen(book: Book, clock: VirtualClock) -> None:
    book.add(Instrument(symbol="ABC"), previous_close=9.0)
    book.on_trade(trade(clock, 10.0))
    book.add(Instrument(symbol="ABC", name="Abc", tick=Decimal("0.05")))
    assert book.last("ABC") is not None
    assert book.reference("ABC") == 9.0
    known = book.instrument("ABC")
    assert known is not None
    assert known.name == "Abc"
    assert book.symbols == ("ABC",)


def test_a_previous_close_must_be_a_price(book: Book) -> None:
    with pytest.raises(DomainError, match="previous close"):
        book.add(Instrument(symbol="ABC"), previous_close=0.0)
    assert book.symbols == ()


def test_every_change_raises_the_version(book: Book, clock: VirtualClock) -> None:
    before = book.version
    book.on_quote(quote(clock))
    book.on_trade(trade(clock, 10.0))
    assert book.version == before + 2

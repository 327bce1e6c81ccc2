"""Averages and usual volumes of triggers begin with the bars that are there, as a chart's do."""

from __future__ import annotations

import pytest

from cockpit.domain.market import Quote, TradeCorrected, TradePrint, TriggerFired
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.triggers import Trigger, Triggers
from cockpit.ports.feed import RawBar

T0 = 1_514_903_400 * SECOND  # 09:30 in New York
MINUTE = 60 * SECOND


class Room:
    """A session that begins at T0, with prices of ABC."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.book, self.bars = Book(VirtualClock(T0)), BarBook(self.bus)
        self.fired: list[str] = []
        self.bus.subscribe(TriggerFired, lambda event: self.fired.append(event.name))
        self.triggers = Triggers(self.bus, self.book, (), lambda _: None, bars=self.bars)

    def arm(self, when: str) -> None:
        self.triggers.put(Trigger(name=when, symbol="ABC", when=when))

    def past(self, closes: list[float], volume: float = 100.0) -> None:
        """A source's bars of the minutes before T0."""
        first = T0 - len(closes) * MINUTE
        rows = [
            RawBar("ABC", c, c, c, c, volume, c, 1, 60, first + n * MINUTE)
            for n, c in enumerate(closes)
        ]
        self.bars.join("ABC", rows, T0)

    def minute(self, number: int, price: float, size: float = 100.0) -> None:
        """A print in that minute, and the end of it."""
        ts = T0 + number * MINUTE
        trade_id = str(number)
        self.bars.on_print(
            TradePrint(symbol="ABC", price=price, size=size, ts_event=ts, ts_init=ts,
                       trade_id=trade_id)
        )  # fmt: skip
        self.bars.close_due(ts + MINUTE)

    def quote(self, mid: float) -> None:
        quote = Quote(
            symbol="ABC", bid=mid - 0.01, ask=mid + 0.01, bid_size=1.0, ask_size=1.0,
            ts_event=T0, ts_init=T0,
        )  # fmt: skip
        self.book.on_quote(quote)
        self.bus.publish(quote)


@pytest.mark.parametrize("armed_first", [True, False])
def test_an_average_is_that_of_the_chart_from_the_first_moment(*, armed_first: bool) -> None:
    room = Room()
    if armed_first:  # at the start, before any source has answered
        room.arm("crosses up sma:5")
        room.quote(9.9)
    room.past([10.0] * 20)
    if not armed_first:  # by hand, in the middle of the day
        room.arm("crosses up sma:5")
    room.quote(9.9)
    assert room.fired == []
    room.quote(10.1)
    assert room.fired == ["crosses up sma:5"]


def test_bars_that_close_afterwards_go_on_from_there() -> None:
    room = Room()
    room.arm("crosses up sma:2")
    room.past([10.0, 10.0])
    room.minute(0, 12.0)
    room.minute(1, 12.0)
    for mid in (11.9, 12.1):  # the mean of the last two is 12 now
        room.quote(mid)
    assert room.fired == ["crosses up sma:2"]


def test_that_the_past_arrives_crosses_nothing() -> None:
    room = Room()
    room.minute(0, 10.0)
    room.minute(1, 10.0)
    room.arm("crosses sma:2")
    room.quote(10.5)
    room.past([20.0] * 30)
    room.minute(2, 10.6)
    room.arm("crosses sma:20")
    room.quote(10.5)
    assert room.fired == []


def test_a_surge_is_measured_against_what_was_usual_before_the_start() -> None:
    room = Room()
    room.arm("volume 4x 20")
    room.past([10.0] * 20)
    room.minute(0, 10.0, size=399.0)
    assert room.fired == []
    room.minute(1, 10.0, size=500.0)
    assert room.fired == ["volume 4x 20"]


def test_a_surge_of_the_past_is_none_now() -> None:
    room = Room()
    room.arm("volume 4x 2 or crosses 99")
    room.past([10.0] * 2)
    room.bars.join("ABC", [RawBar("ABC", 10, 10, 10, 10, 9e6, 10, 1, 60, T0 - 3 * MINUTE)], T0)
    room.quote(10.0)
    assert room.fired == []


def test_a_bar_that_was_put_right_counts_as_it_is_with_the_next_that_closes() -> None:
    room = Room()
    room.arm("crosses up sma:3")
    room.minute(0, 1_000.0)
    room.minute(1, 10.0)
    room.bars.on_correction(
        TradeCorrected(symbol="ABC", trade_id="0", old_price=1_000.0, old_size=100.0, price=10.0,
                       size=100.0, ts_event=T0, ts_init=T0)
    )  # fmt: skip
    room.minute(2, 10.0)
    for mid in (9.9, 10.1):
        room.quote(mid)
    assert room.fired == ["crosses up sma:3"]


def test_a_join_of_two_conditions_learns_both() -> None:
    room = Room()
    room.arm("crosses up sma:5 and volume 4x 20")
    room.past([10.0] * 20)
    room.quote(9.9)
    room.minute(0, 10.0, size=500.0)
    room.quote(10.5)
    assert room.fired == ["crosses up sma:5 and volume 4x 20"]

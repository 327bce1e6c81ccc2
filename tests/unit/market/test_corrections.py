"""Corrections and cancelled prints: the bar and the day are as if the print had come so."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.market import Bar, BarRevised, TradeCorrected, TradePrint
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market import bars as bars_module
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.grid import BarRule
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.ports.feed import RawCorrection, RawRow, RawTrade

T0 = 1_514_903_400 * SECOND


class Room:
    def __init__(self, rule: str = "1m") -> None:
        self.bus, self.clock = Bus(), VirtualClock(T0)
        self.book = Book(self.clock)
        self.bars = BarBook(self.bus, rule=BarRule.parse(rule))
        self.ingest = Ingest(self.bus, self.clock, self.book, Quality(), self.bars)
        self.heard: list[object] = []
        for topic in (Bar, BarRevised, TradeCorrected):
            self.bus.subscribe(topic, self.heard.append)

    def take(self, *rows: RawRow) -> None:
        for row in rows:
            self.clock.advance_to(max(row.ts_event, self.clock.now_ns()))
            self.ingest.on_rows([row])

    def row(self, at: int) -> list[float]:
        return [round(value, 9) for value in self.bars.series("ABC").row(at)]

    def day(self) -> tuple[object, ...]:
        last = self.book.last("ABC")
        return (
            self.book.volume("ABC"),
            self.book.day_high("ABC"),
            self.book.day_low("ABC"),
            last and (last.price, last.size),
        )


def printed(n: int, at_s: float, price: float, size: float = 100.0) -> RawTrade:
    return RawTrade("ABC", price, size, T0 + round(at_s * SECOND), trade_id=str(n))


def voided(n: int, price: float, at_s: float, size: float = 100.0) -> RawCorrection:
    return RawCorrection("ABC", str(n), price, size, T0 + round(at_s * SECOND))


def test_a_cancelled_print_leaves_a_closed_bar_and_the_day() -> None:
    room = Room()
    room.take(printed(1, 1, 10.0), printed(2, 2, 10.2), printed(3, 3, 10.1), printed(4, 61, 10.1))
    room.take(voided(2, 10.2, 70))
    assert room.row(0) == [10.0, 10.1, 10.0, 10.1, 200.0, 10.05, 2]
    assert room.day() == (300.0, 10.1, 10.0, (10.1, 100.0))
    bar, revised, told = room.heard
    assert isinstance(bar, Bar)
    assert isinstance(revised, BarRevised)
    assert isinstance(told, TradeCorrected)
    assert revised.bar is not None
    assert (revised.bar.high, revised.bar.trades, revised.ts_event) == (10.1, 2, bar.ts_event)


def test_a_corrected_print_takes_the_place_of_the_wrong_one() -> None:
    room = Room()
    room.take(printed(1, 1, 10.0), printed(2, 2, 10.25))
    wrong = RawCorrection("ABC", "2", 10.25, 100.0, T0 + 5 * SECOND, 10.05, 50.0, "9")
    room.take(wrong)
    assert room.row(0)[:5] == [10.0, 10.05, 10.0, 10.05, 150.0]
    assert room.day() == (150.0, 10.05, 10.0, (10.05, 50.0))
    room.take(voided(9, 10.05, 6, 50.0))
    assert room.day() == (100.0, 10.0, 10.0, (10.0, 100.0))


def test_a_bar_without_a_print_left_is_gone() -> None:
    room = Room()
    room.take(printed(1, 1, 10.0), printed(2, 61, 10.1), printed(3, 121, 10.2))
    room.take(voided(2, 10.1, 130))
    series = room.bars.series("ABC")
    assert (len(series), series.close.tolist(), series.live) == (2, [10.0, 10.2], True)
    revised = [event for event in room.heard if isinstance(event, BarRevised)]
    assert [(event.bar, event.ts_event) for event in revised] == [(None, T0 + 60 * SECOND)]
    room.take(voided(3, 10.2, 131))
    assert (len(series), series.live) == (1, False)
    room.take(printed(4, 150, 10.3))
    assert series.close.tolist() == [10.0, 10.3]
    assert room.bars.late_prints == 0


def test_a_print_without_id_is_found_by_price_and_size() -> None:
    room = Room()
    room.take(RawTrade("ABC", 10.0, 7.0, T0), RawTrade("ABC", 10.1, 9.0, T0 + 1))
    room.take(RawCorrection("ABC", "", 10.0, 7.0, T0 + 2))
    assert room.day() == (9.0, 10.1, 10.1, (10.1, 9.0))


def test_a_correction_of_an_unknown_print_is_counted_and_told() -> None:
    room = Room()
    room.take(printed(1, 1, 10.0), voided(77, 10.0, 2))
    assert room.ingest.unknown_corrections == 1
    assert room.day()[0] == 100.0
    assert isinstance(room.heard[-1], TradeCorrected)


def test_a_bar_older_than_its_prints_keeps_its_range_and_loses_the_volume(monkeypatch) -> None:
    monkeypatch.setattr(bars_module, "_KEPT", 3)
    room = Room()
    room.take(*(printed(n, n, 10.0 + n / 100) for n in range(5)))
    room.take(voided(3, 10.03, 10))
    assert room.row(0)[:5] == [10.0, 10.04, 10.0, 10.04, 400.0]
    assert room.bars.unrepaired == 0
    room.take(voided(4, 10.04, 11))
    assert room.row(0)[:5] == [10.0, 10.04, 10.0, 10.04, 300.0]
    assert room.bars.unrepaired == 1


prints = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1000, 1020), st.integers(1, 500)),
    min_size=1,
    max_size=40,
)


@given(
    prints,
    st.lists(st.tuples(st.integers(0, 39), st.booleans()), max_size=8),
    st.sampled_from("mt"),
)
def test_after_any_corrections_it_is_as_if_they_had_come_so(
    made: Sequence[tuple[int, int, int]], wrong: Sequence[tuple[int, bool]], unit: str
) -> None:
    """The same prints put right beforehand, without any correction, give the same bars."""
    rows = [printed(n, at, price / 100, size) for n, (at, price, size) in enumerate(sorted(made))]
    room = Room("1m" if unit == "m" else "1000t")
    room.take(*rows)
    right: dict[int, RawTrade | None] = dict(enumerate(rows))
    for n, void in wrong:
        old = right.get(n)
        if old is None:
            continue
        new = (0.0, 0.0) if void else (old.price + 0.03, old.size + 1)
        room.take(RawCorrection("ABC", str(n), old.price, old.size, T0 + 500 * SECOND, *new))
        right[n] = None if void else RawTrade("ABC", *new, old.ts_event, trade_id=str(n))
    clean = Room("1m" if unit == "m" else "1000t")
    clean.take(*(row for row in right.values() if row is not None))
    ours, theirs = room.bars.series("ABC"), clean.bars.series("ABC")
    assert ours.closed + ours.live == len(theirs)
    for at in range(len(theirs)):
        assert room.row(at) == clean.row(at)
    if len(theirs):
        assert room.day() == clean.day()


def test_the_print_that_stands_is_the_newest() -> None:
    bus = Bus()
    bars = BarBook(bus)
    assert bars.last_print("ABC") is None
    trade = TradePrint(symbol="ABC", price=1.0, size=1.0, ts_event=T0, ts_init=T0)
    bars.on_print(trade)
    assert bars.last_print("ABC") is trade

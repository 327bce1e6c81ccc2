"""Backfill joins live bars: no gap, no duplicate, wherever the cut lies and whatever comes late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.market import Bar, BarRevised, TradeCorrected, TradePrint
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.market.bars import BarBook
from cockpit.market.grid import BarRule, PlainGrid
from cockpit.market.history import folded
from cockpit.market.series import BarSeries, Values
from cockpit.ports.feed import RawBar

START = 1_712_854_800 * SECOND
STEP = 60


def printed(second: int, price: float, size: float = 10.0) -> TradePrint:
    ts = START + second * SECOND
    return TradePrint(
        symbol="ABC", price=price, size=size, ts_event=ts, ts_init=ts, trade_id=f"{second}"
    )


def raw(start_ns: int, values: Values, interval_s: int = STEP) -> RawBar:
    first, high, low, last, volume, vwap, trades = values
    return RawBar(
        "ABC", first, high, low, last, volume, vwap, round(trades), interval_s, start_ns
    )  # fmt: skip


def rows(series: BarSeries) -> list[tuple[int, Values]]:
    starts = [round(ts) for ts in series.ts.tolist()]
    return [(start, series.row(row)) for row, start in enumerate(starts)]


def close_to(found: list[tuple[int, Values]], true: list[tuple[int, Values]]) -> None:
    assert [start for start, _ in found] == [start for start, _ in true]
    for (_, values), (_, expected) in zip(found, true, strict=True):
        assert values == pytest.approx(expected)


@dataclass
class Desk:
    """A book that misses prints, and one that does not: its closed bars are the vendor's."""

    live: BarBook = field(default_factory=lambda: BarBook(Bus(), STEP))
    true: BarBook = field(default_factory=lambda: BarBook(Bus(), STEP))
    up: bool = False

    def turn(self, second: int, *, up: bool) -> None:
        if up != self.up:
            self.live.flows(START + second * SECOND if up else None)
        self.up = up

    def print(self, trade: TradePrint) -> None:
        self.true.on_print(trade)
        if self.up:
            self.live.on_print(trade)

    def close(self, second: int) -> None:
        now = START + second * SECOND
        self.true.close_due(now)
        self.live.close_due(now)

    def vendor(self, first_minute: int, second: int) -> list[RawBar]:
        """What the vendor lists of bars that are over, from a minute on."""
        series = self.true.series("ABC")
        since, until = START // SECOND + first_minute * STEP, START // SECOND + second
        return [
            raw(start * SECOND, values)
            for start, values in rows(series)[: series.closed]
            if since <= start and start + STEP <= until
        ]

    def join(self, bars: Sequence[RawBar], second: int) -> int:
        return self.live.join("ABC", bars, START + second * SECOND)


SECONDS = 600
PRINTS = st.lists(
    st.tuples(st.integers(0, SECONDS - 1), st.integers(900, 1100)), min_size=1, max_size=60,
    unique_by=lambda each: each[0],
)  # fmt: skip
TURNS = st.lists(st.integers(0, SECONDS - 1), max_size=5, unique=True)
JOINS = st.lists(
    st.tuples(st.integers(0, SECONDS - 1), st.integers(0, 9)), max_size=6, unique_by=lambda j: j[0]
)


@settings(max_examples=300)
@given(PRINTS, TURNS, JOINS, st.booleans())
def test_whatever_was_missed_the_joined_bars_are_the_true_ones(
    prints: list[tuple[int, int]], turns: list[int], joins: list[tuple[int, int]], up: bool
) -> None:
    desk = Desk()
    desk.turn(0, up=up)
    events = {second: ("print", cents) for second, cents in prints}
    for second in range(SECONDS):
        desk.close(second)
        if second in turns:
            desk.turn(second, up=not desk.up)
        for at, minute in joins:
            if at == second:
                desk.join(desk.vendor(minute, second), second)
        if second in events:
            desk.print(printed(second, events[second][1] / 100))
    desk.close(SECONDS)
    if desk.live.series("ABC").live:
        desk.live.close_all(START + SECONDS * SECOND)
    desk.join(desk.vendor(0, SECONDS), SECONDS)
    close_to(rows(desk.live.series("ABC")), rows(desk.true.series("ABC")))
    assert desk.live.torn("ABC") == []
    assert desk.join(desk.vendor(0, SECONDS), SECONDS) == 0  # nothing left to change


@settings(max_examples=100)
@given(PRINTS, st.integers(0, SECONDS - 1), st.data())
def test_a_correction_after_the_join_is_kept(
    prints: list[tuple[int, int]], cut: int, data: st.DataObject
) -> None:
    """A print that we have is put right in a bar of the vendor's, in volume and vwap at least."""
    desk = Desk()
    for second, cents in sorted(prints):
        if second >= cut and not desk.up:
            desk.turn(cut, up=True)
        desk.close(second)
        desk.print(printed(second, cents / 100))
    for book in (desk.live, desk.true):
        book.close_all(START + SECONDS * SECOND)
    desk.join(desk.vendor(0, SECONDS), SECONDS)
    second, cents = data.draw(st.sampled_from(prints))
    correction = TradeCorrected(
        symbol="ABC", trade_id=f"{second}", old_price=cents / 100, old_size=10.0, price=10.0,
        size=20.0, ts_event=START, ts_init=START,
    )  # fmt: skip
    seen = desk.live.on_correction(correction) is not None
    assert seen == (second >= cut)
    desk.true.on_correction(correction)
    live, true = rows(desk.live.series("ABC")), rows(desk.true.series("ABC"))
    if not seen:
        desk.join(desk.vendor(0, SECONDS), SECONDS)
        live = rows(desk.live.series("ABC"))
    for (start, values), (expected_start, expected) in zip(live, true, strict=True):
        assert start == expected_start
        assert values[4:] == pytest.approx(expected[4:])


def test_a_bar_that_is_whole_is_not_overruled_by_a_vendor() -> None:
    desk = Desk()
    desk.turn(0, up=True)
    for second in (0, 70, 130):
        desk.print(printed(second, 10.0))
    other = raw(START + 60 * SECOND, (9.0, 9.0, 9.0, 9.0, 1.0, 9.0, 1.0))
    assert desk.join([other], 130) == 0
    assert desk.live.series("ABC").row(1)[3] == 10.0


def test_a_bar_of_the_vendor_can_be_revised_by_the_vendor() -> None:
    desk = Desk()
    first = raw(START, (9.0, 9.5, 8.5, 9.0, 100.0, 9.0, 5.0))
    again = raw(START, (9.0, 9.9, 8.5, 9.1, 120.0, 9.0, 6.0))
    assert desk.join([first], 90) == 1
    assert desk.join([first], 90) == 0
    assert desk.join([again], 90) == 1
    assert desk.live.series("ABC").row(0)[1] == 9.9


def test_the_bar_under_way_and_those_after_it_are_our_own() -> None:
    desk = Desk()
    desk.turn(0, up=True)
    desk.print(printed(65, 10.0))
    bars = [raw(START + n * 60 * SECOND, (9.0, 9.0, 9.0, 9.0, 1.0, 9.0, 1.0)) for n in range(4)]
    desk.join(bars, 70)
    series = desk.live.series("ABC")
    assert [round(ts) - START // SECOND for ts in series.ts.tolist()] == [0, 60]
    assert (series.closed, series.live, series.row(1)[3]) == (1, True, 10.0)
    desk.live.on_print(printed(66, 11.0))
    assert series.row(1)[:4] == (10.0, 11.0, 10.0, 11.0)


def test_a_print_of_a_bar_that_the_vendor_has_given_does_not_count_twice() -> None:
    desk = Desk()
    desk.join([raw(START, (9.0, 9.5, 8.5, 9.0, 100.0, 9.0, 5.0))], 60)
    desk.live.flows(START)
    desk.live.on_print(printed(30, 9.2))
    assert len(desk.live.series("ABC")) == 1
    assert desk.live.late_prints == 1


def test_only_the_newest_is_told_and_no_strategy_hears_of_the_past() -> None:
    bus, heard = Bus(), list[object]()
    bus.subscribe(Bar, heard.append)
    bus.subscribe(BarRevised, heard.append)
    book = BarBook(bus, STEP)
    bars = [raw(START + n * 60 * SECOND, (9.0, 9.0, 9.0, 9.0, 1.0, 9.0, 1.0)) for n in range(3)]
    assert book.join("ABC", bars, START + 300 * SECOND) == 3
    (told,) = heard
    assert isinstance(told, BarRevised)
    assert told.ts_event == START + 120 * SECOND


def test_many_bars_make_the_table_grow() -> None:
    book = BarBook(Bus(), STEP)
    bars = [
        raw(START - n * 60 * SECOND, (9.0, 9.0, 9.0, 9.0, 1.0 + n, 9.0, 1.0)) for n in range(5_000)
    ]
    assert book.join("ABC", bars, START + 300 * SECOND) == 5_000
    series = book.series("ABC")
    assert series.ts.tolist() == sorted(series.ts.tolist())
    assert series.volume[0] == 5_000.0


def test_minutes_are_folded_into_longer_bars_of_the_grid() -> None:
    grid = PlainGrid(BarRule.parse("5m"))
    bars = [
        raw(START + n * 60 * SECOND, (10.0 + n, 12.0 + n, 9.0, 11.0 + n, 100.0, 10.0, 3.0))
        for n in range(5)
    ]
    (past,) = folded(bars, grid)
    assert past.values == (10.0, 16.0, 9.0, 15.0, 500.0, 10.0, 15.0)
    hour = raw(START, (10.0, 12.0, 9.0, 11.0, 100.0, 0.0, 3.0), 3_600)
    assert folded([hour], grid) == []


def test_a_vendor_without_a_vwap_counts_with_the_typical_price() -> None:
    bar = raw(START, (10.0, 12.0, 9.0, 12.0, 100.0, 0.0, 3.0))
    (past,) = folded([bar], PlainGrid(BarRule.parse("1m")))
    assert past.values[5] == 11.0

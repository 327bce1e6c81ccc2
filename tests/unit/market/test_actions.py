"""Splits and dividends put past prices right, once each, and never those of today."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.values import at_new_york, to_ns
from cockpit.market.actions import adjust, closes_before, factors
from cockpit.ports.feed import RawBar
from cockpit.ports.source import ActionKind, Adjusted, CorporateAction

TODAY = "2024-07-01"


def split(day: str, after: int, before: int = 1) -> CorporateAction:
    return CorporateAction(
        symbol="ABC",
        kind=ActionKind.SPLIT,
        ex_day=day,
        shares_before=Decimal(before),
        shares_after=Decimal(after),
    )


def dividend(day: str, amount: str) -> CorporateAction:
    return CorporateAction(
        symbol="ABC", kind=ActionKind.DIVIDEND, ex_day=day, amount=Decimal(amount)
    )


def daily(day: str, close: float, volume: float = 100.0) -> RawBar:
    ts = to_ns(at_new_york(date.fromisoformat(day), "00:00"))
    return RawBar("ABC", close, close, close, close, volume, close, 5, 86_400, ts)


BARS = [daily("2024-06-06", 1200.0), daily("2024-06-07", 1208.0), daily("2024-06-10", 121.0)]


def test_a_split_multiplies_what_was_before_it_and_divides_the_volume() -> None:
    table = factors([split("2024-06-10", 10)], Adjusted.SPLITS, {}, TODAY)
    before, last, after = adjust(BARS, table)
    assert (last.close, last.open, last.vwap, last.volume) == pytest.approx(
        (120.8, 120.8, 120.8, 1_000.0)
    )
    assert before.close == pytest.approx(120.0)
    assert after == BARS[2]
    assert BARS[1].close == 1208.0  # raw ones stay


def test_a_reverse_split() -> None:
    table = factors([split("2024-06-10", 1, 8)], Adjusted.SPLITS, {}, TODAY)
    assert adjust(BARS, table)[0].close == 9_600.0
    assert adjust(BARS, table)[0].volume == 12.5


def test_a_dividend_takes_its_fraction_of_the_close_before_it() -> None:
    actions = [dividend("2024-06-10", "12.08")]
    closes = closes_before(["2024-06-10"], BARS)
    assert closes == {"2024-06-10": 1208.0}
    table = factors(actions, Adjusted.ALL, closes, TODAY)
    assert adjust(BARS, table)[1].close == pytest.approx(1208.0 * 0.99)
    assert adjust(BARS, table)[1].volume == 100.0
    assert factors(actions, Adjusted.SPLITS, closes, TODAY) == []


def test_several_join_and_the_same_told_twice_counts_once() -> None:
    actions = [split("2024-06-10", 10), split("2024-06-07", 2), split("2024-06-10", 10)]
    first, second, third = adjust(BARS, factors(actions, Adjusted.SPLITS, {}, TODAY))
    assert (first.close, second.close, third.close) == pytest.approx((60.0, 120.8, 121.0))


def test_what_has_not_happened_yet_changes_nothing() -> None:
    assert factors([split("2024-07-02", 10)], Adjusted.SPLITS, {}, TODAY) == []
    assert factors([split("2024-06-10", 10)], Adjusted.RAW, {}, TODAY) == []


def test_a_dividend_that_can_not_be_is_left_out() -> None:
    for closes in ({}, {"2024-06-10": 5.0}):
        (factor,) = factors([dividend("2024-06-10", "12")], Adjusted.ALL, closes, TODAY)
        assert factor.price == 1.0


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(1, 28), st.integers(1, 20), st.integers(1, 20)), max_size=5),
    st.lists(st.floats(1, 1e4), min_size=1, max_size=28),
)
def test_what_a_holding_is_worth_is_the_same_before_and_after(
    splits: list[tuple[int, int, int]], prices: list[float]
) -> None:
    """Price times shares of a past day, by raw or by adjusted figures."""
    actions = [split(f"2024-06-{day:02}", after, before) for day, after, before in splits]
    bars = [daily(f"2024-06-{n:02}", price) for n, price in enumerate(prices, start=1)]
    for raw, adjusted in zip(
        bars, adjust(bars, factors(actions, Adjusted.SPLITS, {}, TODAY)), strict=True
    ):
        assert adjusted.close * adjusted.volume == pytest.approx(raw.close * raw.volume)

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.market import Bar, TradePrint
from cockpit.kernel.clock import SECOND
from cockpit.market.errors import MarketError
from cockpit.market.indicators import VolumeProfile, columns_of, indicator
from cockpit.risk.volatility import average_true_range

T0 = 1_514_903_400 * SECOND  # 09:30 in New York
DAY = 86_400


def bar(at_s: int, close: float, *, volume: float = 100.0, spread: float = 0.5) -> Bar:
    ts = T0 + at_s * SECOND
    return Bar(
        symbol="ABC", open=close, high=close + spread, low=close - spread, close=close,
        volume=volume, vwap=close, trades=1, interval_s=60, ts_event=ts, ts_init=ts,
    )  # fmt: skip


def values(name: str, bars: Sequence[Bar]) -> list[float | None]:
    return [row[0] for row in columns_of(bars, [name])]


closes = st.lists(st.integers(100, 10_000).map(lambda cents: cents / 100), min_size=1, max_size=60)


@given(closes, st.integers(1, 8))
def test_ema_is_the_recursion_from_the_mean_of_the_first(prices: list[float], period: int) -> None:
    told = values(f"ema:{period}", [bar(60 * n, price) for n, price in enumerate(prices)])
    assert told[: period - 1] == [None] * min(period - 1, len(prices))
    if len(prices) >= period:
        alpha = 2 / (period + 1)
        expected = float(np.mean(prices[:period]))
        for price in prices[period:]:
            expected = alpha * price + (1 - alpha) * expected
        assert told[-1] == pytest.approx(expected)


@given(closes, st.integers(1, 8))
def test_atr_is_that_of_the_risk_room(prices: list[float], period: int) -> None:
    bars = [bar(60 * n, price, spread=0.01 * (n % 9)) for n, price in enumerate(prices)]
    told = values(f"atr:{period}", bars)
    if len(bars) <= period:
        assert set(told) == {None}
        return
    columns = (
        np.array([getattr(each, name) for each in bars]) for name in ("high", "low", "close")
    )
    assert told[-1] == pytest.approx(average_true_range(*columns, period))


@given(closes, st.integers(1, 8))
def test_rsi_is_wilders_share_of_the_gains(prices: list[float], period: int) -> None:
    told = values(f"rsi:{period}", [bar(60 * n, price) for n, price in enumerate(prices)])
    assert told[:period] == [None] * min(period, len(prices))
    if len(prices) <= period:
        return
    moves = np.diff(prices)
    up, down = (float(np.clip(sign * moves[:period], 0, None).mean()) for sign in (1, -1))
    for move in moves[period:]:
        up = (up * (period - 1) + max(move, 0.0)) / period
        down = (down * (period - 1) + max(-move, 0.0)) / period
    expected = 100 - 100 / (1 + up / down) if down > 0 else (100.0 if up > 0 else 0.0)
    assert told[-1] == pytest.approx(expected, abs=1e-6)


def ema(series: Sequence[float], period: int) -> list[float]:
    """From the mean of the first `period` on."""
    made = [float(np.mean(series[:period]))]
    for value in series[period:]:
        made.append(made[-1] + (value - made[-1]) * 2 / (period + 1))
    return made


def test_macd_is_the_distance_of_two_averages_and_its_signal_an_average_of_that() -> None:
    prices = [100 + 3 * float(np.sin(n / 5)) + n * 0.01 for n in range(80)]
    bars = [bar(60 * n, price) for n, price in enumerate(prices)]
    fast, slow = ema(prices[14:], 12), ema(prices, 26)
    line = [one - other for one, other in zip(fast, slow, strict=True)]
    assert values("macd", bars) == [None] * 25 + [pytest.approx(value) for value in line]
    told = values("macdsignal", bars)
    assert told == [None] * 33 + [pytest.approx(value) for value in ema(line, 9)]


@pytest.mark.parametrize("name", ["rsi:14", "macd", "macdsignal"])
def test_a_bar_that_still_grows_is_asked_of_a_copy(name: str) -> None:
    made, other = indicator(name), indicator(name)
    for n in range(60):
        copy.copy(made).update(bar(60 * n, 1.0))
        each = bar(60 * n, 100 + (n * 7) % 5)
        assert made.update(each) == other.update(each), "the copy has changed it"


def test_vwap_starts_anew_each_new_york_day() -> None:
    told = values("vwap", [bar(0, 10.0, volume=100.0), bar(60, 13.0, volume=200.0), bar(DAY, 20.0)])
    assert told == [10.0, 12.0, 20.0]


def test_relative_volume_is_against_the_same_time_of_the_days_before() -> None:
    days = [
        bar(DAY * day + 60 * n, 10.0, volume=volume)
        for day, volume in enumerate((100.0, 300.0, 400.0))
        for n in range(3)
    ]
    told = values("rvol:5", days)
    assert told[:3] == [None, None, None]
    assert told[3:6] == pytest.approx([3.0, 3.0, 3.0])
    assert told[6:] == pytest.approx([2.0, 2.0, 2.0])
    assert values("rvol:1", days)[6:] == pytest.approx([4 / 3] * 3)


def test_symbols_are_apart() -> None:
    import msgspec

    bars = [bar(0, 10.0), msgspec.structs.replace(bar(0, 99.0), symbol="XYZ"), bar(60, 20.0)]
    assert [row[0] for row in columns_of(bars, ["ema:1"])] == [10.0, 99.0, 20.0]


@pytest.mark.parametrize("name", ["", "tea:3", "sma:0", "ema:0", "ema:x", "ema:-1", "atr:0"])
def test_what_is_no_indicator_is_refused(name: str) -> None:
    with pytest.raises(MarketError):
        indicator(name)


def printed(price: float, size: float) -> TradePrint:
    return TradePrint(symbol="ABC", price=price, size=size, ts_event=T0, ts_init=T0)


def test_a_profile_counts_shares_by_step_and_finds_where_most_were() -> None:
    profile = VolumeProfile(0.1)
    assert (profile.point_of_control(), profile.value_area(), profile.rows()) == (None, None, [])
    for price, size in ((10.0, 5.0), (10.1, 50.0), (10.15, 10.0), (10.2, 30.0), (10.3, 5.0)):
        profile.add(printed(price, size))
    assert profile.rows() == [(10.0, 5.0), (10.1, 60.0), (10.2, 30.0), (10.3, 5.0)]
    assert profile.point_of_control() == 10.1
    assert profile.value_area() == (10.1, 10.2)
    assert profile.value_area(1.0) == (10.0, 10.3)
    profile.take_out(printed(10.1, 50.0))
    assert profile.point_of_control() == 10.2


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 1000)), min_size=1, max_size=50))
def test_a_profile_holds_every_share_once(made: list[tuple[int, int]]) -> None:
    profile = VolumeProfile(0.01)
    for cents, size in made:
        profile.add(printed(cents / 100, float(size)))
    assert sum(volume for _, volume in profile.rows()) == sum(size for _, size in made)
    assert {round(price * 100) for price, _ in profile.rows()} == {cents for cents, _ in made}
    area = profile.value_area()
    assert area is not None
    held = sum(volume for price, volume in profile.rows() if area[0] <= price <= area[1])
    assert held >= 0.7 * sum(size for _, size in made)


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan"), float("inf")])
def test_a_step_that_is_none_is_refused(step: float) -> None:
    with pytest.raises(MarketError):
        VolumeProfile(step)


@given(closes, st.integers(1, 8))
def test_sma_and_the_bands_are_the_mean_and_two_deviations(
    prices: list[float], period: int
) -> None:
    bars = [bar(60 * n, price) for n, price in enumerate(prices)]
    names = (f"sma:{period}", f"bbupper:{period}", f"bblower:{period}")
    for place, row in enumerate(columns_of(bars, names)):
        window = prices[place - period + 1 : place + 1] if place + 1 >= period else []
        if not window:
            assert row == [None, None, None]
            continue
        mean, deviation = np.mean(window), np.std(window)
        expected = [mean, mean + 2 * deviation, mean - 2 * deviation]
        assert row == pytest.approx(expected, rel=1e-9)

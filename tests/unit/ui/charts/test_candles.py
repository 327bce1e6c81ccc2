from __future__ import annotations

import numpy as np
import pytest

from cockpit.market.series import BarSeries
from cockpit.ui.charts.candles import EMPTY, CandleCache, aggregate, index_at, session_vwap

NS = 1_000_000_000
OPEN = 1_514_903_400  # 2018-01-02 09:30 New York


def series_of(*bars: tuple[int, float, float]) -> BarSeries:
    """Bars of one print each: minute since the open, price, size."""
    series = BarSeries("XYZ")
    for minute, price, size in bars:
        if series.live:
            series.close_live()
        series.begin((OPEN + minute * 60) * NS, price, size)
    return series


def test_five_minutes_hold_their_minutes():
    series = series_of((0, 10.0, 100), (1, 12.0, 50), (4, 9.0, 25), (5, 11.0, 10))
    candles = aggregate(series, 300)
    assert list(candles.ts) == [OPEN, OPEN + 300]
    assert (candles.open[0], candles.high[0], candles.low[0], candles.close[0]) == (10, 12, 9, 9)
    assert list(candles.volume) == [175, 10]


def test_minutes_without_a_trade_make_no_bar():
    candles = aggregate(series_of((0, 10.0, 1), (60, 11.0, 1)), 60)
    assert len(candles) == 2


def test_vwap_runs_over_the_session_and_starts_anew_the_next_day():
    ts = np.array([OPEN, OPEN + 60, OPEN + 86_400], dtype=float)
    running = session_vwap(ts, np.array([10.0, 20.0, 30.0]), np.array([100.0, 300.0, 5.0]))
    assert list(running) == [10.0, 17.5, 30.0]


def test_the_cache_makes_candles_anew_only_after_a_change():
    series, cache = series_of((0, 10.0, 1)), CandleCache()
    before = cache.candles("XYZ", 60, series)
    assert cache.candles("XYZ", 60, series) is before
    series.extend(11.0, 5)
    after = cache.candles("XYZ", 60, series)
    assert after.close[-1] == 11.0
    assert before.close[-1] == 10.0  # what was painted does not change under the painter


def test_no_bars_are_no_candles():
    assert len(aggregate(BarSeries("XYZ"), 60)) == 0
    assert CandleCache().candles("XYZ", 60, None) is EMPTY


@pytest.mark.parametrize(
    ("ts", "bar"), [(OPEN - 1, None), (OPEN, 0), (OPEN + 59, 0), (OPEN + 61, 1)]
)
def test_a_moment_belongs_to_the_bar_that_began_before_it(ts, bar):
    assert index_at(aggregate(series_of((0, 10.0, 1), (1, 11.0, 1)), 60), ts) == bar

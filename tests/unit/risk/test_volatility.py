from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.market.series import BarSeries
from cockpit.risk.errors import RiskError
from cockpit.risk.volatility import atr_of, average_true_range

Rows = list[tuple[float, float, float]]
MINUTE_NS = 60_000_000_000


def naive(rows: Rows, period: int) -> float:
    """Wilder's words, one bar after the other."""
    ranges = [
        max(high - low, abs(high - before), abs(low - before))
        for (_, _, before), (high, low, _) in pairwise(rows)
    ]
    atr = sum(ranges[:period]) / period
    for true_range in ranges[period:]:
        atr = (atr * (period - 1) + true_range) / period
    return atr


def columns(rows: Rows) -> list[np.ndarray]:
    return [np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)]


prices = st.floats(0.01, 10_000)
bars = st.tuples(prices, prices, prices).map(lambda p: (max(p), min(p), sorted(p)[1]))


@given(st.lists(bars, min_size=2, max_size=80), st.data())
def test_as_the_naive_recursion(rows: Rows, data: st.DataObject) -> None:
    period = data.draw(st.integers(1, len(rows) - 1))
    assert average_true_range(*columns(rows), period) == pytest.approx(naive(rows, period))


def test_worked_by_hand() -> None:
    # ranges 2 (own), 3 (gap up from 10), 4 (gap down from 12): mean of two is 2.5,
    # then (2.5 x 1 + 4) / 2 = 3.25
    rows = [(10.0, 9.0, 10.0), (11.0, 9.0, 10.0), (13.0, 12.0, 12.0), (9.0, 8.0, 8.5)]
    assert average_true_range(*columns(rows), 2) == 3.25


def test_a_gap_counts() -> None:
    rows = [(10.0, 10.0, 10.0), (15.0, 15.0, 15.0)]
    assert average_true_range(*columns(rows), 1) == 5.0


@pytest.mark.parametrize(
    ("rows", "period", "text"),
    [
        ([(1.0, 1.0, 1.0)] * 14, 14, "needs 15 closed bars, there are 14"),
        ([], 1, "needs 2 closed bars"),
        ([(1.0, 1.0, 1.0)] * 3, 0, "at least one bar"),
        ([(1.0, 1.0, 1.0), (float("nan"), 1.0, 1.0)], 1, "can't be"),
        ([(1.0, 1.0, 1.0), (float("inf"), 1.0, 1.0)], 1, "can't be"),
        ([(1.0, 1.0, 1.0), (1.0, 2.0, 1.0)], 1, "can't be"),
        ([(1.0, 1.0, 1.0), (1.0, 0.0, 1.0)], 1, "can't be"),
    ],
)
def test_refuses_what_is_no_series(rows: Rows, period: int, text: str) -> None:
    given_columns = columns(rows) if rows else [np.empty(0)] * 3
    with pytest.raises(RiskError) as error:
        average_true_range(*given_columns, period)
    assert text in error.value.user_text


def test_refuses_columns_of_different_length() -> None:
    with pytest.raises(RiskError):
        average_true_range(np.ones(5), np.ones(4), np.ones(5), 2)


def test_the_live_bar_does_not_count() -> None:
    series = BarSeries("ABC")
    for i, (high, low) in enumerate([(10.2, 10.0), (10.5, 10.1), (10.4, 10.2)]):
        series.begin(i * MINUTE_NS, low, 1.0)
        series.extend(high, 1.0)
        series.close_live()
    before = atr_of(series, 2)
    series.begin(3 * MINUTE_NS, 99.0, 1.0)
    assert atr_of(series, 2) == before
    assert isinstance(before, Decimal)
    assert float(before) == pytest.approx((0.4 + 0.3) / 2)

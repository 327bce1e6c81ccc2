import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.errors import DomainError
from cockpit.domain.values import (
    NEW_YORK,
    at_new_york,
    finite,
    not_empty,
    not_negative,
    positive,
    positive_mark,
    session_date,
    to_cents,
    to_decimal,
    to_ns,
    to_tick,
    utc,
)  # fmt: skip

DECIMALS = st.decimals(allow_nan=True, allow_infinity=True)
WIDE = st.integers(-(10**18), 4 * 10**18)


def passes(check: Callable[[Any, str], None], value: object) -> bool:
    try:
        check(value, "it")
    except DomainError:
        return False
    return True


@given(DECIMALS)
def test_checks_of_decimals(value: Decimal) -> None:
    assert passes(finite, value) == value.is_finite()
    assert passes(positive, value) == (value.is_finite() and value > 0)
    assert passes(not_negative, value) == (value.is_finite() and value >= 0)


@given(st.floats())
def test_check_of_marks(value: float) -> None:
    assert passes(positive_mark, value) == (math.isfinite(value) and value > 0)


@given(st.text())
def test_check_of_words(value: str) -> None:
    assert passes(not_empty, value) == bool(value.strip())


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_float_becomes_the_decimal_it_was_typed_as(mark: float) -> None:
    made = to_decimal(mark)
    assert float(made) == mark
    assert str(made) == str(Decimal(repr(mark)))


@pytest.mark.parametrize("mark", [math.nan, math.inf, -math.inf])
def test_no_number_no_decimal(mark: float) -> None:
    with pytest.raises(DomainError):
        to_decimal(mark)


@given(st.decimals(0, 100_000, places=6), st.sampled_from(["0.01", "0.05", "0.0001", "0.25", "1"]))
def test_tick_is_a_multiple_and_the_nearest(price: Decimal, grid: str) -> None:
    tick = Decimal(grid)
    rounded = to_tick(price, tick)
    assert rounded % tick == 0
    assert abs(rounded - price) <= tick / 2


@pytest.mark.parametrize(
    ("money", "cents"), [("1.005", "1.00"), ("1.015", "1.02"), ("-2.675", "-2.68")]
)
def test_cents_round_half_to_even(money: str, cents: str) -> None:
    assert str(to_cents(Decimal(money))) == cents


@given(WIDE)
def test_time_there_and_back_keeps_microseconds(ts_ns: int) -> None:
    moment = utc(ts_ns)
    assert moment.tzinfo is UTC
    assert to_ns(moment) == ts_ns - ts_ns % 1000


@given(WIDE, st.integers(-12, 12))
def test_zone_of_a_moment_does_not_matter(ts_ns: int, hours: int) -> None:
    aware = utc(ts_ns)
    assert to_ns(aware.astimezone(timezone(timedelta(hours=hours)))) == to_ns(aware)


def test_naive_moment_is_refused() -> None:
    with pytest.raises(DomainError, match="zone"):
        to_ns(datetime(2018, 1, 2))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2018-01-03T04:59:59+00:00", 2),
        ("2018-01-03T05:00:00+00:00", 3),
        ("2018-07-03T03:59:59+00:00", 2),
    ],
)
def test_session_day_is_new_yorks(moment: str, day: int) -> None:
    assert session_date(to_ns(datetime.fromisoformat(moment))).day == day


def test_clock_time_in_new_york_follows_the_season() -> None:
    winter, summer = at_new_york(date(2018, 1, 2), "09:30"), at_new_york(date(2018, 7, 2), "09:30")
    assert (winter.tzinfo, winter.astimezone(UTC).hour, summer.astimezone(UTC).hour) == (
        NEW_YORK,
        14,
        13,
    )
    with pytest.raises(DomainError, match="time of day"):
        at_new_york(date(2018, 1, 2), "half past nine")

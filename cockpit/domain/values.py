"""Checks and conversions shared by the domain types.

Limits are written as `if not (0 < x)`: the other way round lets NaN pass.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from cockpit.domain.errors import DomainError

NEW_YORK = ZoneInfo("America/New_York")
ZERO = Decimal(0)
CENT = Decimal("0.01")
_INFINITY = Decimal("Infinity")


def positive(value: Decimal, what: str) -> None:
    """Raise DomainError unless 0 < value < infinity."""
    if value.is_nan() or not (ZERO < value < _INFINITY):
        raise DomainError(f"{what} must be a positive number, not {value}")


def not_negative(value: Decimal, what: str) -> None:
    """Raise DomainError unless 0 <= value < infinity."""
    if value.is_nan() or not (ZERO <= value < _INFINITY):
        raise DomainError(f"{what} must be zero or more, not {value}")


def finite(value: Decimal, what: str) -> None:
    """Raise DomainError for NaN and infinities."""
    if not value.is_finite():
        raise DomainError(f"{what} must be a number, not {value}")


def positive_mark(value: float, what: str) -> None:
    """Raise DomainError unless 0 < value < infinity (floats of the hot path)."""
    if not (0.0 < value < math.inf):
        raise DomainError(f"{what} must be a positive number, not {value}")


def not_empty(value: str, what: str) -> None:
    """Raise DomainError for an empty or blank word."""
    if not value or value.isspace():
        raise DomainError(f"{what} must not be empty")


def lesser(one: Decimal, other: Decimal) -> Decimal:
    """`min` of two at a fifth of its cost, on the way of every order."""
    return other if other < one else one  # noqa: FURB136 -- see above


def not_below_zero(value: Decimal) -> Decimal:
    """`max` with zero, likewise."""
    return value if value > ZERO else ZERO  # noqa: FURB136 -- see above


def to_decimal(mark: float) -> Decimal:
    """The decimal a float was typed as: 157.23 becomes Decimal('157.23').

    Marks cross from float to the ledger only here. Raises DomainError when not finite.
    """
    if not math.isfinite(mark):
        raise DomainError(f"a price must be a number, not {mark}")
    return Decimal(repr(mark))


@lru_cache(maxsize=8192)
def to_price(mark: float) -> Decimal:
    """`to_decimal` of a price, remembered: the same few prices come again and again."""
    return to_decimal(mark)


def to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """`price` rounded to the nearest multiple of `tick` (half to even)."""
    return (price / tick).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * tick


def to_cents(money: Decimal) -> Decimal:
    """Money rounded to cents for showing; the ledger keeps the exact value."""
    return money.quantize(CENT, rounding=ROUND_HALF_EVEN)


def utc(ts_ns: int) -> datetime:
    """Nanoseconds since the epoch as an aware UTC datetime (microseconds kept)."""
    seconds, rest = divmod(ts_ns, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)


def to_ns(moment: datetime) -> int:
    """An aware datetime as nanoseconds since the epoch, exactly.

    Raises DomainError for a naive one.
    """
    if moment.tzinfo is None:
        raise DomainError("a time must carry its zone")
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000_000 + delta.microseconds * 1000


def session_date(ts_ns: int) -> date:
    """The New York calendar day that `ts_ns` falls on."""
    return utc(ts_ns).astimezone(NEW_YORK).date()


def iso_week(day: str) -> str:
    """The ISO week of an ISO day: `2018-W01` of `2018-01-02`."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02d}"


def day_end_ns(ts_ns: int) -> int:
    """The first nanosecond of the New York day after that of `ts_ns`."""
    tomorrow = session_date(ts_ns) + timedelta(days=1)
    return to_ns(datetime.combine(tomorrow, time(), NEW_YORK))


def at_new_york(day: date, clock_time: str) -> datetime:
    """`day` at "HH:MM" New York time. Raises DomainError for what isn't a time of day."""
    try:
        return datetime.combine(day, time.fromisoformat(clock_time), NEW_YORK)
    except ValueError as error:
        raise DomainError(f"{clock_time!r} is not a time of day like 09:30") from error

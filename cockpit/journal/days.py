"""Days, hours and sessions as the exchange in New York counts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache

from cockpit.domain.values import NEW_YORK, session_date, utc
from cockpit.journal.errors import BadDayError

Day = date | str
Sessions = Callable[[date, date], Sequence[date]]
"""The trading days from one to another, both included, oldest first."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR = 3_600_000_000_000


def day_of(ts_ns: int) -> str:
    """The New York day of a time, ISO 8601."""
    return _day_of_hour(ts_ns // _HOUR)


def hour_of(ts_ns: int) -> tuple[int, int]:
    """Weekday (0 is Monday) and hour of a time in New York."""
    return _hour_of_hour(ts_ns // _HOUR)


def iso_day(day: Day) -> str:
    """A day as ISO 8601. Raises BadDayError for text that is none."""
    if isinstance(day, date):
        return day.isoformat()
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise BadDayError(day) from error


def weekdays(first: date, last: date) -> list[date]:
    """Mondays to Fridays: what stands in for sessions where no calendar is at hand."""
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in span if day.weekday() < 5]


# New York is whole hours from UTC, so all of one hour lies on one day there: a million fills ask
# for the days of some thousand hours.
@lru_cache(maxsize=65_536)
def _day_of_hour(hour: int) -> str:
    return session_date(hour * _HOUR).isoformat()


@lru_cache(maxsize=65_536)
def _hour_of_hour(hour: int) -> tuple[int, int]:
    there = utc(hour * _HOUR).astimezone(NEW_YORK)
    return there.weekday(), there.hour

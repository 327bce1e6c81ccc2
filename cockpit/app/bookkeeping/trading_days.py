"""The exchange's trading days for the journal, which knows no calendar of its own."""

from __future__ import annotations

from datetime import date

from cockpit.journal.days import Sessions, weekdays
from cockpit.market.errors import MarketError
from cockpit.market.session import SessionCalendar


def trading_days(calendar: SessionCalendar) -> Sessions:
    """Sessions by `calendar`; where it doesn't cover a year, weekdays stand in."""

    def sessions(first: date, last: date) -> list[date]:
        days = weekdays(first, last)
        try:
            return [day for day in days if calendar.session(day) is not None]
        except MarketError:
            return days

    return sessions

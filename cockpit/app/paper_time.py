"""Where the time of a paper account at a simulated market goes on: never back.

The market waits while the cockpit is closed. What the ledger or the venue's own books have seen
is the past; the session goes on from there, or the next one begins.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from cockpit.adapters.brokers.paper import books_of, last_seen
from cockpit.adapters.storage.checkup import last_paper_run
from cockpit.app.starting import last_weekday
from cockpit.domain.values import session_date
from cockpit.market.errors import MarketError
from cockpit.market.session import Session, SessionCalendar

LONGEST_PAUSE_DAYS = 12  # of the exchange, since 1990


def paper_time(ledger: Path, source: str, calendar: SessionCalendar, *, fresh: bool) -> int:
    """When (ns UTC) the account of `source` goes on; a fresh one begins at a bell of these days.

    Blocks; raises MarketError where the calendar ends, StoreError for a ledger it can't read.
    """
    known = None if fresh or not ledger.exists() else last_paper_run(ledger, source)
    if known is None:
        return _next(calendar, last_weekday()).open_ns
    account_id, last_ns = known
    seen_ns = max(last_ns, last_seen(books_of(ledger.parent, account_id)))
    return time_after(seen_ns, calendar)


def time_after(seen_ns: int, calendar: SessionCalendar) -> int:
    """The next moment of a session: at once, or at the next bell."""
    day = session_date(seen_ns)
    session = calendar.session(day)
    if session is None or seen_ns >= session.close_ns:
        session = _next(calendar, day + timedelta(days=1))
    return max(seen_ns + 1, session.open_ns)


def _next(calendar: SessionCalendar, day: date) -> Session:
    """The session of `day`, or the first one after it."""
    for ahead in range(LONGEST_PAUSE_DAYS):
        if (session := calendar.session(day + timedelta(days=ahead))) is not None:
            return session
    raise MarketError(
        f"no session from {day}",
        user_text=f"The exchange calendar has no session after {day}. Nothing was started.",
        code="MARKET_CALENDAR",
    )

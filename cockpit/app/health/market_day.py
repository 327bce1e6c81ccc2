"""The exchange's day: open or not, half a day or a whole one, and when the next one begins."""

from __future__ import annotations

from datetime import date, timedelta

from cockpit.domain.values import NEW_YORK, session_date, utc
from cockpit.market.errors import MarketError
from cockpit.market.session import Phase, Session, SessionCalendar
from cockpit.ports.health import Check, CheckState

_LONGEST_PAUSE_DAYS = 12
_PHASES = {
    Phase.PRE: "pre-market now",
    Phase.OPEN: "open now",
    Phase.POST: "after hours now",
    Phase.CLOSED: "closed now",
}


def exchange_calendar(calendar: SessionCalendar, now_ns: int) -> Check:
    """What the calendar says of the day. Loads it when needed, which takes a moment."""
    day = session_date(now_ns)
    try:
        session = calendar.session(day)
        phase = calendar.phase(now_ns)
        following = _following(calendar, day)
    except MarketError as error:
        return Check(
            name="exchange calendar",
            state=CheckState.FAILED,
            found=error.user_text,
            next_step="Update the program: it brings the newer calendar. Openings are denied.",
            required=True,
        )
    today = "no session today" if session is None else f"{_hours(session)}, {_PHASES[phase]}"
    found = f"{day:%a %Y-%m-%d}: {today}; next {_next(following)}"
    return Check(name="exchange calendar", state=CheckState.OK, found=found, required=True)


def _following(calendar: SessionCalendar, day: date) -> Session | None:
    """The next day with a session, as far as the calendar knows it."""
    for ahead in range(1, _LONGEST_PAUSE_DAYS):
        if (session := calendar.session(day + timedelta(days=ahead))) is not None:
            return session
    return None


def _next(session: Session | None) -> str:
    if session is None:
        return "session not known"
    return f"session {session.day:%a %Y-%m-%d}" + (", half a day" if session.half_day else "")


def _hours(session: Session) -> str:
    opens, closes = (utc(ns).astimezone(NEW_YORK) for ns in (session.open_ns, session.close_ns))
    kind = "half day" if session.half_day else "full day"
    return f"{kind}, {opens:%H:%M} to {closes:%H:%M} New York"

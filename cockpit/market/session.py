"""When the New York exchanges trade: holidays, half days, phases of the day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from cockpit.domain.values import NEW_YORK, session_date, to_ns
from cockpit.market.session_table import SessionTable, keep_table, no_calendar, table_around

PRE_OPENS, OPENS = time(4, 0), time(9, 30)
POST_LASTS = timedelta(hours=4)
HALF_DAY_CLOSES_BEFORE = time(16, 0)
_NS = 1_000_000_000
_LONGEST_PAUSE_DAYS = 12  # no closure of the exchange since 1990 was longer


class Phase(StrEnum):
    """Where the trading day stands, by the clock of the exchange."""

    PRE = "pre"
    OPEN = "open"
    POST = "post"
    CLOSED = "closed"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One trading day. `open_ns`..`close_ns` is the regular session, in ns UTC."""

    day: date
    open_ns: int
    close_ns: int
    half_day: bool

    @property
    def pre_ns(self) -> int:
        """Start of the pre-market, 04:00 New York."""
        return to_ns(datetime.combine(self.day, PRE_OPENS, NEW_YORK))

    @property
    def post_end_ns(self) -> int:
        """End of the post-market, four hours after the close (20:00, half days 17:00)."""
        return self.close_ns + round(POST_LASTS.total_seconds()) * _NS


class SessionCalendar:
    """The XNYS calendar, three years of it at a time, loaded when first asked.

    It comes out of `folder`, where an earlier start kept it. Without that it takes some tenths
    of a second (pandas): call `load` from a thread after the first paint, or accept that the
    first question waits for it. `keep` lets the next start have it at once.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._tables: list[SessionTable] = []
        self._made: list[SessionTable] = []
        self._sessions: dict[date, Session | None] = {}
        self._known = (Phase.CLOSED, 0, 0)

    def load(self, day: date) -> None:
        """Load the years around `day` now. Raises MarketError when there is no calendar for it."""
        self.session(day)

    def keep(self) -> None:
        """Write down what had to be made, if there is a folder for it; blocks."""
        while self._made and self._folder is not None:
            keep_table(self._made.pop(), self._folder)

    def session(self, day: date) -> Session | None:
        """The session of a New York day; None on weekends and holidays.

        Raises MarketError for a year the calendar doesn't know.
        """
        if day not in self._sessions:
            self._sessions[day] = _session_of(self._table_for(day), day)
        return self._sessions[day]

    def hold(self, day: date) -> None:
        """Let there be a session on `day`, whatever the exchange does: of a simulated market.

        Raises MarketError for a year the calendar doesn't know.
        """
        if self.session(day) is None:
            opens, closes = (
                to_ns(datetime.combine(day, at, NEW_YORK)) for at in (OPENS, HALF_DAY_CLOSES_BEFORE)
            )
            self._sessions[day] = Session(day=day, open_ns=opens, close_ns=closes, half_day=False)
            self._known = (Phase.CLOSED, 0, 0)

    def phase(self, now_ns: int) -> Phase:
        """The phase of the day at `now_ns`."""
        return self.span(now_ns)[0]

    def next_change(self, now_ns: int) -> int:
        """When (ns UTC) the phase will change next; always later than `now_ns`."""
        return self.span(now_ns)[2]

    def span(self, now_ns: int) -> tuple[Phase, int, int]:
        """The phase at `now_ns`, when it began and when it ends.

        While closed the start is only some time that was closed already.
        """
        if not self._known[1] <= now_ns < self._known[2]:
            self._known = self._find_span(now_ns)
        return self._known

    def _find_span(self, now_ns: int) -> tuple[Phase, int, int]:
        day = session_date(now_ns)
        session = self.session(day)
        if session is not None:
            if now_ns < session.pre_ns:
                return Phase.CLOSED, now_ns, session.pre_ns
            for phase, start, end in _phases(session):
                if start <= now_ns < end:
                    return phase, start, end
        return Phase.CLOSED, now_ns, self._after(day).pre_ns

    def _after(self, day: date) -> Session:
        for ahead in range(1, _LONGEST_PAUSE_DAYS):
            if (session := self.session(day + timedelta(days=ahead))) is not None:
                return session
        raise no_calendar(day, "no session follows")

    def _table_for(self, day: date) -> SessionTable:
        for table in self._tables:
            if table.covers(day):
                return table
        table, made = table_around(day, self._folder)
        self._tables.append(table)
        if made:
            self._made.append(table)
        return table


def _phases(session: Session) -> tuple[tuple[Phase, int, int], ...]:
    return (
        (Phase.PRE, session.pre_ns, session.open_ns),
        (Phase.OPEN, session.open_ns, session.close_ns),
        (Phase.POST, session.close_ns, session.post_end_ns),
    )


def _session_of(table: SessionTable, day: date) -> Session | None:
    hours = table.hours.get(day)
    if hours is None:
        return None
    open_ns, close_ns = hours
    full_day = datetime.combine(day, HALF_DAY_CLOSES_BEFORE, NEW_YORK)
    return Session(day=day, open_ns=open_ns, close_ns=close_ns, half_day=close_ns < to_ns(full_day))

"""Day trades of the last five business days, counted from the journal's fills."""

from __future__ import annotations

from datetime import date, timedelta

from cockpit.domain.values import session_date
from cockpit.journal.tradebook import TradeBook
from cockpit.market.errors import MarketError
from cockpit.market.session import SessionCalendar

DAYS = 5
_LOOK_BACK = 14


class DayTradeCount:
    """Counts anew only when the journal took a fill in or the day changed."""

    def __init__(self, book: TradeBook, calendar: SessionCalendar) -> None:
        self._book = book
        self._calendar = calendar
        self._counted: tuple[int, date] | None = None
        self._done = 0
        self._open_today = frozenset[str]()

    def __call__(self, symbol: str, now_ns: int) -> tuple[int, int] | None:
        """Done so far, and symbols opened today that may become one, with `symbol`.

        None when the business days are not known.
        """
        today = session_date(now_ns)
        if self._counted != (self._book.version, today):
            try:
                self._count(today)
            except MarketError:
                return None
            self._counted = (self._book.version, today)
        return self._done, len(self._open_today | {symbol})

    def _count(self, today: date) -> None:
        days = self._business_days(today)
        self._done = sum(self._book.day_trades(day) for day in days)
        self._open_today = frozenset(
            trade.symbol
            for trade in self._book.open_trades()
            if any(session_date(lot.opened_ns) == today for lot in trade.lots)
        )

    def _business_days(self, today: date) -> set[date]:
        """Today and the sessions before it, five in all."""
        back = (today - timedelta(days=n) for n in range(_LOOK_BACK))
        sessions = [day for day in back if self._calendar.session(day) is not None]
        return {*sessions[:DAYS], today}

"""The period that the journal shows: which trades, what to call it, its curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cockpit.domain.currency import each_once
from cockpit.domain.trade import Trade
from cockpit.journal.words import not_added_up

if TYPE_CHECKING:
    from cockpit.journal.tradebook import TradeBook

_SECOND = 1_000_000_000
NO_TRADE = (
    "No trade was closed",
    (
        "A position that goes flat becomes a trade and is written here by itself. "
        "Choose a longer period, or a day in the calendar, for earlier ones."
    ),
)
MOST_POINTS = 2_000
"""From so many trades on the curve is drawn by days."""


class Span(StrEnum):
    """How long a period is; each ends with the calendar's own."""

    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"
    YEAR = "Year"
    ALL = "All"


@dataclass(frozen=True, slots=True)
class Period:
    """The span that holds `day` (ISO 8601)."""

    span: Span
    day: str

    @property
    def bounds(self) -> tuple[str, str]:
        """First and last day, ISO 8601; empty for all."""
        day = date.fromisoformat(self.day)
        match self.span:
            case Span.DAY:
                return self.day, self.day
            case Span.WEEK:
                monday = day - timedelta(days=day.weekday())
                return monday.isoformat(), (monday + timedelta(days=6)).isoformat()
            case Span.MONTH:
                first = day.replace(day=1)
                last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
                return first.isoformat(), last.isoformat()
            case Span.YEAR:
                return f"{day.year}-01-01", f"{day.year}-12-31"
            case Span.ALL:
                return "", ""

    @property
    def words(self) -> str:
        """What to call it."""
        day = date.fromisoformat(self.day)
        match self.span:
            case Span.DAY:
                return f"{day:%a} {day.day} {day:%b %Y}"
            case Span.WEEK:
                first = date.fromisoformat(self.bounds[0])
                return f"Week of {first.day} {first:%b %Y}"
            case Span.MONTH:
                return f"{day:%B %Y}"
            case Span.YEAR:
                return f"{day.year}"
            case Span.ALL:
                return "All trades"

    def short(self, today: str) -> str:
        """The same beside the name of the span, where the year that runs goes without saying."""
        if self.span is Span.ALL:
            return ""
        return self.words.removesuffix(f" {today[:4]}")

    def trades(self, book: TradeBook) -> list[Trade]:
        """Trades closed in it, by their end."""
        first, last = self.bounds
        return book.trades() if not first else book.trades_between(first, last)


def nothing_of(trades: Sequence[Trade], *, curve: bool) -> tuple[str, str] | None:
    """Why there is nothing to show, in a line and what to do; `curve` is that of the equity."""
    if not trades:
        return NO_TRADE
    why = not_added_up(each_once(trade.currency for trade in trades)) if curve else ""
    what_then = f"{why[:1].upper()}{why[1:]}. Group by symbol, or choose a period with one of them."
    return ("No curve of several currencies", what_then) if why else None


Floats = NDArray[np.float64]


def equity_of(book: TradeBook, period: Period, trades: Sequence[Trade]) -> tuple[Floats, Floats]:
    """Times (s) and the net added up: trade by trade, or by days where there are very many.

    Nothing where the trades are in several currencies.
    """
    if len({trade.currency for trade in trades}) > 1:
        return np.empty(0), np.empty(0)
    if len(trades) <= MOST_POINTS:
        ts = [trade.closed_ns / _SECOND for trade in trades]
        nets = [float(trade.net) for trade in trades]
        start = trades[0].opened_ns / _SECOND if trades else 0.0
    else:
        first, last = period.bounds
        days = [d for d in book.closing_days() if not first or first <= d <= last]
        ts = [book.trades(day)[-1].closed_ns / _SECOND for day in days]
        nets = [float(book.day_sum(day).net or 0) for day in days]
        start = trades[0].opened_ns / _SECOND
    if not ts:
        return np.empty(0), np.empty(0)
    curve = list(accumulate(nets, initial=0.0))
    return np.array([min(start, ts[0]), *ts]), np.array(curve)

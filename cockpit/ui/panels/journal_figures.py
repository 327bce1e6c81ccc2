"""What the journal's panel reckons of a period: statistics, groups, days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from cockpit.app.bookkeeping.books import AccountBook
from cockpit.app.bookkeeping.grouping import By, Group, grouped
from cockpit.domain.trade import Trade
from cockpit.journal.days import Sessions
from cockpit.journal.statistics import RBucket, Statistic, r_distribution, statistics_of
from cockpit.journal.tradebook import TradeBook
from cockpit.ports.entries import JournalEntry
from cockpit.ui.widgets.heat_calendar import DayResult

Figures = tuple[tuple[Statistic, ...], tuple[RBucket, ...]]


def figures_of(
    trades: Sequence[Trade],
    period: str,
    equity: Decimal | None,
    sessions: Sessions,
    currencies: Sequence[str],
) -> Figures:
    """Statistics and the distribution of R."""
    told = statistics_of(
        trades, period=period, starting_equity=equity, sessions=sessions, currencies=currencies
    )
    return told, r_distribution(trades)


def groups_of(
    book: TradeBook,
    trades: Iterable[Trade],
    by: By,
    days: Mapping[str, JournalEntry],
    entries: Mapping[str, JournalEntry],
) -> list[Group]:
    """Groups of the trades; `days` and `entries` hold the tags of days and trades."""
    account = AccountBook(
        account_id=book.account_id,
        trades=book,
        entries=tuple(days.values()),
        trade_entries=entries,
    )
    return grouped(((account, trade) for trade in trades), by, period="")


def results_of(book: TradeBook) -> dict[str, DayResult]:
    """What the trades closed on each day made."""
    sums = {day: book.day_sum(day) for day in book.closing_days()}
    return {
        day: DayResult(
            None if told.net is None else float(told.net), told.trades, told.wins, told.losses,
            told.currencies,
        )
        for day, told in sums.items()
    }  # fmt: skip

"""The journal's memory: fills by day, trades by day, kept up to date fill by fill."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cockpit.domain.adjustment import Adjustment
from cockpit.domain.errors import DomainError
from cockpit.domain.fill import Fill
from cockpit.domain.trade import LotMatch, Trade
from cockpit.domain.values import session_date
from cockpit.journal.errors import BadDayError
from cockpit.journal.ledger import (
    ONE,
    Ledger,
    SymbolLedger,
    ledger_of,
    order_key,
    refuse_contradiction,
)
from cockpit.journal.lots import OpenLot, OpenTrade
from cockpit.journal.statistics import Statistic, statistics_of

Day = date | str
_LABELS = {"DEMO": "SIMULATED", "REPLAY": "REPLAY", "PAPER": "PAPER"}


@dataclass(slots=True)
class _Chapter:
    """Fills of a symbol by time, up to the next adjustment; `begins` set what was held before."""

    begins: Adjustment | None = None
    fills: list[Fill] = field(default_factory=list[Fill])

    @property
    def entries(self) -> list[Fill | Adjustment]:
        return [*([self.begins] if self.begins else []), *self.fills]


class TradeBook:
    """Trades of one account. A fill touches only its own symbol's matching.

    An adjustment sets what is held at the moment it is taken in: fills that come later stand
    behind it, whatever their time. A fill that was taken back never was.

    `label` says what kind of session it is when it isn't a real market's: "SIMULATED",
    "REPLAY 2018-01-02", or empty; without one the account's kind says it (DEMO-1 is
    simulated). `average_cost` closes lots at their average cost instead of the first one
    first. `version` grows with every change.
    """

    def __init__(
        self,
        account_id: str,
        *,
        label: str = "",
        multipliers: Mapping[str, Decimal] | None = None,
        starting_equity: Decimal | None = None,
        average_cost: bool = False,
    ) -> None:
        self.account_id = account_id
        self._average_cost = average_cost
        self.label = label or _LABELS.get(account_id.partition("-")[0], "")
        self.starting_equity = starting_equity
        self.version = 0
        self._multipliers = dict(multipliers or {})
        self._chapters: dict[str, list[_Chapter]] = {}
        self._known: dict[str, Fill] = {}
        self._adjusted: set[str] = set()
        self._books: dict[str, SymbolLedger] = {}
        self._told: tuple[int, Ledger] | None = None  # for the version that asked last

    def add(self, fill: Fill) -> tuple[Trade, ...]:
        """Take a fill in; the trades it closed. Known executions change nothing.

        A fill older than the last one of its symbol has the symbol matched anew.
        Raises DomainError for another account's fill and for one that contradicts a
        known execution.
        """
        if fill.account_id != self.account_id:
            raise DomainError(f"fill {fill.execution_id} is not of {self.account_id}")
        known = self._known.get(fill.execution_id)
        if known is not None:
            refuse_contradiction(known, fill)
            return ()
        self._known[fill.execution_id] = fill
        fills = self._chapters.setdefault(fill.symbol, [_Chapter()])[-1].fills
        place = bisect_right(fills, order_key(fill), key=order_key)
        fills.insert(place, fill)
        self.version += 1
        if place == len(fills) - 1:
            closed = self._book(fill.symbol).add(fill)
            return () if closed is None else (closed,)
        return self._rematched(fill.symbol)

    def extend(self, fills: Iterable[Fill]) -> None:
        """Take many fills in, oldest first or not."""
        for fill in sorted(fills, key=order_key):
            self.add(fill)

    def restore(self, entries: Iterable[Fill | Adjustment]) -> None:
        """Take in a ledger: fills and adjustments in the order they were booked."""
        for entry in entries:
            if isinstance(entry, Fill):
                self.add(entry)
            else:
                self.adjust(entry)

    def take_back(self, execution_id: str) -> tuple[Trade, ...]:
        """Strike a fill that was busted and match its symbol anew; trades that closed by that.

        What the fill had closed is open again. An unknown execution changes nothing.
        """
        fill = self._known.pop(execution_id, None)
        if fill is None:
            return ()
        for chapter in self._chapters[fill.symbol]:
            chapter.fills = [f for f in chapter.fills if f.execution_id != execution_id]
        self.version += 1
        return self._rematched(fill.symbol)

    def adjust(self, to: Adjustment) -> tuple[Trade, ...]:
        """Set what is held of a symbol; the trade that ended by it. Known ones change nothing.

        Raises DomainError for another account's adjustment.
        """
        if to.account_id != self.account_id:
            raise DomainError(f"adjustment {to.adjustment_id} is not of {self.account_id}")
        if to.adjustment_id in self._adjusted:
            return ()
        self._adjusted.add(to.adjustment_id)
        self._chapters.setdefault(to.symbol, [_Chapter()]).append(_Chapter(to))
        self.version += 1
        ended = self._book(to.symbol).adjust(to)
        return () if ended is None else (ended,)

    @property
    def ledger(self) -> Ledger:
        """Closed trades and what is open, now."""
        if self._told is None or self._told[0] != self.version:
            books = {(self.account_id, symbol): b for symbol, b in self._books.items()}
            self._told = (self.version, ledger_of(books))
        return self._told[1]

    def trades(self, day: Day | None = None) -> list[Trade]:
        """Closed trades by their end; of one New York day when given."""
        wanted = None if day is None else iso_day(day)
        every = self.ledger.trades
        return [t for t in every if wanted in (None, day_of(t.closed_ns))]

    def fills(self, day: Day | None = None) -> list[Fill]:
        """Fills by time; of one New York day when given."""
        wanted = None if day is None else iso_day(day)
        every = sorted(self._known.values(), key=order_key)
        return [f for f in every if wanted in (None, day_of(f.ts_event))]

    def exits(self, day: Day | None = None) -> list[LotMatch]:
        """Everything realised, closed trades and partial exits, on the exit's own day."""
        wanted = None if day is None else iso_day(day)
        ledger = self.ledger
        every = [m for t in (*ledger.trades, *ledger.open_trades) for m in t.matches]
        return [m for m in every if wanted in (None, day_of(m.closed_ns))]

    def open_trades(self) -> Sequence[OpenTrade]:
        """Trades that are not flat yet."""
        return self.ledger.open_trades

    def lots(self, symbol: str) -> tuple[OpenLot, ...]:
        """What is held of a symbol, lot by lot; the first one closes first."""
        book = self._books.get(symbol)
        opened = None if book is None else book.open_trade
        return () if opened is None else opened.lots

    def open_at(self, day: Day) -> Sequence[OpenTrade]:
        """Trades that were not flat at the end of a New York day."""
        wanted = iso_day(day)
        book = TradeBook(
            self.account_id, multipliers=self._multipliers, average_cost=self._average_cost
        )
        entries = (e for chapters in self._chapters.values() for c in chapters for e in c.entries)
        book.restore(e for e in entries if day_of(e.ts_event) <= wanted)
        return book.open_trades()

    def days(self) -> list[str]:
        """New York days with a fill, newest first, ISO 8601."""
        return sorted({day_of(f.ts_event) for f in self._known.values()}, reverse=True)

    def statistics(self, day: Day | None = None) -> tuple[Statistic, ...]:
        """Statistics of the trades closed on a day, or of all."""
        period = "all" if day is None else iso_day(day)
        return statistics_of(self.trades(day), period=period, starting_equity=self.starting_equity)

    def _book(self, symbol: str) -> SymbolLedger:
        if symbol not in self._books:
            self._books[symbol] = SymbolLedger(
                self._multipliers.get(symbol, ONE), average=self._average_cost
            )
        return self._books[symbol]

    def _rematched(self, symbol: str) -> tuple[Trade, ...]:
        before = {trade.trade_id for trade in self._books[symbol].trades}
        del self._books[symbol]
        book = self._book(symbol)
        for entry in (e for chapter in self._chapters[symbol] for e in chapter.entries):
            if isinstance(entry, Fill):
                book.add(entry)
            else:
                book.adjust(entry)
        return tuple(trade for trade in book.trades if trade.trade_id not in before)


def day_of(ts_ns: int) -> str:
    """The New York day of a time, ISO 8601."""
    return session_date(ts_ns).isoformat()


def iso_day(day: Day) -> str:
    """A day as ISO 8601. Raises BadDayError for text that is none."""
    if isinstance(day, date):
        return day.isoformat()
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise BadDayError(day) from error

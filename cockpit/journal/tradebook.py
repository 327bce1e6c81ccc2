"""The journal's memory: fills by day, trades by day, kept up to date fill by fill."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cockpit.domain.adjustment import Adjustment
from cockpit.domain.currency import USD, each_once
from cockpit.domain.errors import DomainError
from cockpit.domain.fill import Fill
from cockpit.domain.instrument import usual_multiplier
from cockpit.domain.trade import LotMatch, Trade
from cockpit.domain.values import ZERO
from cockpit.journal.day_index import DayIndex, DaySum
from cockpit.journal.days import Day, Sessions, day_of, iso_day, weekdays
from cockpit.journal.ledger import (
    Ledger,
    SymbolLedger,
    in_order,
    order_key,
    refuse_contradiction,
)
from cockpit.journal.lots import OpenLot, OpenTrade, trade_id_of
from cockpit.journal.statistics import Statistic, statistics_of

Instrument = tuple[str, str]
"""A symbol and the currency it is traded in: the same letters in another one are another thing."""

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
    """Trades of one account. A fill touches only the matching of its own symbol and currency.

    An adjustment sets what is held at the moment it is taken in: fills that come later stand
    behind it, whatever their time. A fill that was taken back never was.

    `label` says what kind of session it is when it isn't a real market's: "SIMULATED",
    "REPLAY 2018-01-02", or empty; without one the account's kind says it (DEMO-1 is
    simulated). `average_cost` closes lots at their average cost instead of the first one
    first. `version` grows with every change. `starting_equity` is the account's at the beginning
    of `equity_day`, before all trades when that is empty. `sessions` tells the trading days.
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
        self.equity_day = ""
        self.sessions: Sessions = weekdays
        self.version = 0
        self._multipliers = dict(multipliers or {})
        self._chapters: dict[Instrument, list[_Chapter]] = {}
        self._known: dict[str, Fill] = {}
        self._adjusted: set[str] = set()
        self._books: dict[Instrument, SymbolLedger] = {}
        self._index = DayIndex()
        self._adjusted_on = ""  # the newest day with an adjustment
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
        self._index.add_fill(fill)
        held = (fill.symbol, fill.currency)
        fills = self._chapters.setdefault(held, [_Chapter()])[-1].fills
        self.version += 1
        if not fills or fill.ts_event > fills[-1].ts_event:  # nearly always
            fills.append(fill)
            return self._closed_by(self._book(held).add(fill))
        place = bisect_right(fills, order_key(fill), key=order_key)
        fills.insert(place, fill)
        if place == len(fills) - 1:
            return self._closed_by(self._book(held).add(fill))
        return self._rematched(held)

    def extend(self, fills: Iterable[Fill]) -> None:
        """Take many fills in, oldest first or not."""
        for fill in in_order(fills):
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
        held = (fill.symbol, fill.currency)
        for chapter in self._chapters[held]:
            chapter.fills = [f for f in chapter.fills if f.execution_id != execution_id]
        self._index.drop_fill(fill)
        self.version += 1
        return self._rematched(held)

    def adjust(self, to: Adjustment) -> tuple[Trade, ...]:
        """Set what is held of a symbol; the trade that ended by it. Known ones change nothing.

        Raises DomainError for another account's adjustment.
        """
        if to.account_id != self.account_id:
            raise DomainError(f"adjustment {to.adjustment_id} is not of {self.account_id}")
        if to.adjustment_id in self._adjusted:
            return ()
        self._adjusted.add(to.adjustment_id)
        self._adjusted_on = max(self._adjusted_on, day_of(to.ts_event))
        held = (to.symbol, to.currency)
        self._chapters.setdefault(held, [_Chapter()]).append(_Chapter(to))
        self.version += 1
        return self._closed_by(self._book(held).adjust(to))

    @property
    def ledger(self) -> Ledger:
        """Closed trades and what is open, now."""
        if self._told is None or self._told[0] != self.version:
            told = Ledger(trades=tuple(self._index.trades(None)), open_trades=self.open_trades())
            self._told = (self.version, told)
        return self._told[1]

    def trades(self, day: Day | None = None) -> list[Trade]:
        """Closed trades by their end; of one New York day when given."""
        return self._index.trades(None if day is None else iso_day(day))

    def trade(self, trade_id: str) -> Trade | None:
        """A closed trade by its id, which begins with its symbol."""
        books = (book for held, book in self._books.items() if trade_id.startswith(held[0]))
        return next((t for book in books for t in book.trades if t.trade_id == trade_id), None)

    def fills_of(self, trade: Trade) -> dict[str, Fill]:
        """A trade's fills by execution id."""
        return {name: self._known[name] for name in trade.execution_ids if name in self._known}

    def fills_in(self, symbol: str) -> list[Fill]:
        """The fills of one symbol, as they were booked; by time between two adjustments."""
        chapters = (own for held, own in self._chapters.items() if held[0] == symbol)
        return [fill for own in chapters for chapter in own for fill in chapter.fills]

    def multiplier(self, symbol: str) -> Decimal:
        """Money per price unit and unit of quantity."""
        return self._multipliers.get(symbol) or usual_multiplier(symbol)

    def fills(self, day: Day | None = None) -> list[Fill]:
        """Fills by time; of one New York day when given."""
        return self._index.fills(None if day is None else iso_day(day))

    def exits(self, day: Day | None = None) -> list[LotMatch]:
        """Everything realised, closed trades and partial exits, on the exit's own day."""
        if day is None:
            ledger = self.ledger
            return [m for t in (*ledger.trades, *ledger.open_trades) for m in t.matches]
        wanted = iso_day(day)
        realised = (*self._index.with_exits(wanted), *self.open_trades())
        return [m for t in realised for m in t.matches if day_of(m.closed_ns) == wanted]

    def day_trades(self, day: Day) -> int:
        """Trades that opened and closed something on one and the same day, this one."""
        wanted = iso_day(day)
        return sum(
            any(day_of(m.opened_ns) == wanted == day_of(m.closed_ns) for m in trade.matches)
            for trade in (*self._index.with_exits(wanted), *self.open_trades())
        )

    def open_trades(self) -> tuple[OpenTrade, ...]:
        """Trades that are not flat yet, by symbol."""
        opened = (self._books[held].open_trade for held in sorted(self._books))
        return tuple(trade for trade in opened if trade is not None)

    def lots(self, symbol: str, currency: str = USD) -> tuple[OpenLot, ...]:
        """What is held of a symbol in a currency, lot by lot; the first one closes first."""
        book = self._books.get((symbol, currency))
        opened = None if book is None else book.open_trade
        return () if opened is None else opened.lots

    def opened_by(self, fill: Fill) -> str:
        """The id of the trade that began with a fill just taken in; empty when none did."""
        lots = self.lots(fill.symbol, fill.currency)
        began = len(lots) == 1 and lots[0].execution_id == fill.execution_id
        return trade_id_of(fill) if began else ""

    def open_at(self, day: Day) -> Sequence[OpenTrade]:
        """Trades that were not flat at the end of a New York day."""
        wanted = iso_day(day)
        if self._last_day() <= wanted:
            return self.open_trades()
        book = TradeBook(
            self.account_id, multipliers=self._multipliers, average_cost=self._average_cost
        )
        entries = (e for chapters in self._chapters.values() for c in chapters for e in c.entries)
        book.restore(e for e in entries if day_of(e.ts_event) <= wanted)
        return book.open_trades()

    def days(self) -> list[str]:
        """New York days with a fill, newest first, ISO 8601."""
        return sorted(self._index.days(), reverse=True)

    def closing_days(self) -> list[str]:
        """New York days on which a trade closed, oldest first, ISO 8601."""
        return self._index.closing_days()

    def day_sum(self, day: Day) -> DaySum:
        """Net and numbers of the trades closed on a day; reckoned once until one is added."""
        return self._index.closed(iso_day(day))

    def trades_between(self, first: Day, last: Day) -> list[Trade]:
        """Trades closed from one New York day to another, both included, by their end."""
        since, until = iso_day(first), iso_day(last)
        days = (day for day in self._index.closing_days() if since <= day <= until)
        return [trade for day in days for trade in self._index.trades(day)]

    def equity_before(self, day: Day | None) -> Decimal | None:
        """The account's equity before a day, or before its first trade; None when not known.

        `starting_equity` brought there by the net of the trades closed in between. Money that
        came or went otherwise is not known here, nor is what several currencies add up to.
        """
        if self.starting_equity is None:
            return None
        days = self.closing_days()
        wanted, known = (days[0] if days else "") if day is None else iso_day(day), self.equity_day
        first, last = sorted((wanted, known))
        between = [self._index.closed(day) for day in days if first <= day < last]
        if len({currency for told in between for currency in told.currencies}) > 1:
            return None
        net = sum((told.net or ZERO for told in between), ZERO)
        return self.starting_equity + (net if known <= wanted else -net)

    def statistics(self, day: Day | None = None) -> tuple[Statistic, ...]:
        """Statistics of the trades closed on a day, or of all."""
        trades = self.trades(day)
        return statistics_of(
            trades,
            period="all" if day is None else iso_day(day),
            starting_equity=self.equity_before(day),
            sessions=self.sessions,
            currencies=each_once(trade.currency for trade in trades),
        )

    def _last_day(self) -> str:
        """The newest day that anything happened on."""
        return max(self._index.last_day(), self._adjusted_on)

    def _closed_by(self, trade: Trade | None) -> tuple[Trade, ...]:
        if trade is None:
            return ()
        self._index.add_trade(trade)
        return (trade,)

    def _book(self, held: Instrument) -> SymbolLedger:
        if held not in self._books:
            self._books[held] = SymbolLedger(self.multiplier(held[0]), average=self._average_cost)
        return self._books[held]

    def _rematched(self, held: Instrument) -> tuple[Trade, ...]:
        former = self._books[held].trades
        before = {trade.trade_id for trade in former}
        del self._books[held]
        book = self._book(held)
        for entry in (e for chapter in self._chapters[held] for e in chapter.entries):
            if isinstance(entry, Fill):
                book.add(entry)
            else:
                book.adjust(entry)
        same = _same_at_first(former, book.trades)
        for trade in former[same:]:
            self._index.drop_trade(trade)
        for trade in book.trades[same:]:
            self._index.add_trade(trade)
        return tuple(trade for trade in book.trades if trade.trade_id not in before)


def _same_at_first(some: Sequence[Trade], others: Sequence[Trade]) -> int:
    """How many of them are the same from the first one on."""
    for place, (one, other) in enumerate(zip(some, others, strict=False)):
        if one != other:
            return place
    return min(len(some), len(others))

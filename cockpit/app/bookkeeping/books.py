"""What all accounts have traded, read from the ledger: sessions' own and imported ones."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import msgspec

from cockpit.adapters.storage import open_reader, open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.app.bookkeeping.matching import Matching, Matchings
from cockpit.app.bookkeeping.trading_days import trading_days
from cockpit.app.errors import NothingThereError
from cockpit.app.launch import CACHE_FOLDER
from cockpit.app.ledger import ledger_in
from cockpit.app.multipliers import stored_multipliers
from cockpit.domain.excursion import Excursion
from cockpit.domain.imported import Booking
from cockpit.domain.order import Order
from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO
from cockpit.journal.days import day_of
from cockpit.journal.imported import ImportedBook, Unmatched
from cockpit.journal.plan import TradePlan, plan_of
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.aside import aside
from cockpit.kernel.instance import InstanceError, InstanceLock
from cockpit.market.session import SessionCalendar
from cockpit.ports.entries import EntryStore, ExcursionStore, JournalEntry
from cockpit.ports.store import Store
from cockpit.trading.day_opening import DayOpening
from cockpit.trading.start import DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountBook:
    """One account's trades; what didn't match and the cash only where it was imported."""

    account_id: str
    trades: TradeBook
    entries: Sequence[JournalEntry] = ()
    trade_entries: Mapping[str, JournalEntry] = field(default_factory=dict[str, JournalEntry])
    unmatched: Sequence[Unmatched] = ()
    cash: Sequence[Booking] = ()
    excursions: Mapping[str, Excursion] = field(default_factory=dict[str, Excursion])
    orders: Mapping[str, Order] = field(default_factory=dict[str, Order])
    imported: bool = False
    day_tags: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        """Know the days' tags by their day: a million fills ask for them."""
        self.day_tags.update({entry.day: entry.tags for entry in self.entries})

    def excursion(self, trade: Trade) -> Excursion | None:
        """MAE and MFE; None when they were never measured, or of what a correction changed."""
        found = self.excursions.get(trade.trade_id)
        times = None if found is None else (found.opened_ns, found.closed_ns)
        return found if times == (trade.opened_ns, trade.closed_ns) else None

    def plan(self, trade: Trade) -> TradePlan | None:
        """What its orders had planned; None where they are not known."""
        return plan_of(trade, self.trades.fills_of(trade), self.orders)

    def tags(self, trade: Trade) -> Sequence[str]:
        """The trade's own tags, then those of the day on which it closed."""
        of_day = self.day_tags.get(day_of(trade.closed_ns), ())
        own = self.trade_entries.get(trade.trade_id)
        return of_day if own is None else tuple(dict.fromkeys((*own.tags, *of_day)))


async def all_books(
    data_dir: Path,
    account: str = "",
    *,
    average_cost: bool = False,
    equity: Decimal | None = None,
) -> list[AccountBook]:
    """Every account that has traded, or the one named.

    `equity` is what an account held before its first trade, where the ledger doesn't know it.
    Raises NothingThereError when there is none, and StoreError.
    """
    async with read_ledger(data_dir) as store:
        books = await read_books(store, account, average_cost=average_cost)
    sessions = trading_days(SessionCalendar(data_dir / CACHE_FOLDER))
    for book in books:
        book.trades.sessions = sessions
        if equity is not None:
            book.trades.starting_equity, book.trades.equity_day = equity, ""
    if account and not books:
        why = f"Nothing is stored for an account {account!r}."
        raise NothingThereError(why, user_text=f"{why} List them: cockpit journal accounts")
    return books


@asynccontextmanager
async def read_ledger(data_dir: Path) -> AsyncGenerator[SqliteStore]:
    """The ledger, to be read; while a cockpit runs there beside it, without a lock or a word.

    Raises NothingThereError and StoreError.
    """
    path = ledger_in(data_dir)
    lock = InstanceLock(data_dir)
    try:
        lock.acquire()
    except InstanceError:
        store = await open_reader(path)
    else:
        try:
            store = await open_store(path)
        except BaseException:
            lock.release()
            raise
    try:
        yield store
    finally:
        await store.close()
        lock.release()


def equity_of(books: Iterable[AccountBook], first: date | None) -> Decimal | None:
    """What the accounts held together before a day, or their first trades; None if one is unknown.

    An account without a closed trade takes no part.
    """
    told = [book.trades.equity_before(first) for book in books if book.trades.closing_days()]
    known = [equity for equity in told if equity is not None]
    return sum(known, ZERO) if known and len(known) == len(told) else None


def closed_trades(
    books: Iterable[AccountBook], first: date | None = None, last: date | None = None
) -> list[tuple[AccountBook, Trade]]:
    """Trades that closed from `first` to `last` (New York days, both included), by their end."""
    found = [
        (book, trade)
        for book in books
        for trade in book.trades.trades()
        if _within(date.fromisoformat(day_of(trade.closed_ns)), first, last)
    ]
    return sorted(found, key=lambda pair: (pair[1].closed_ns, pair[1].account_id))


def _within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


async def read_books(
    store: SqliteStore, account: str = "", *, average_cost: bool = False
) -> list[AccountBook]:
    """The books in an open store, matched as was chosen for each, or all at average cost.

    Raises StoreError and MatchingFileError.
    """
    chosen = Matchings(store.path.parent)

    def average(name: str) -> bool:
        return average_cost or chosen.of(name) is Matching.AVERAGE

    return [
        *await _sessions(store, account, average),
        *await _imported(store, account, average),
    ]


async def known_accounts(store: SqliteStore) -> list[str]:
    """Accounts of sessions and imported ones, by name."""
    return sorted({run.account_id for run in await store.runs()} | {*await store.import_accounts()})


async def book_of(store: SqliteStore, account: str) -> TradeBook | None:
    """One account's trades; None when it has none. Raises StoreError."""
    found = await read_books(store, account)
    return found[0].trades if found else None


async def _sessions(
    store: Store, account: str, average: Callable[[str], bool]
) -> list[AccountBook]:
    found: list[AccountBook] = []
    for run in await store.runs():
        if account not in ("", run.account_id):
            continue
        book = TradeBook(
            run.account_id,
            label=run.label,
            multipliers=await stored_multipliers(store, run.account_id),
            average_cost=average(run.account_id),
        )
        ledger = await store.ledger(run.account_id)
        await aside(partial(book.restore, ledger), name="match")
        await _know_equity(store, book)
        if book.fills():
            found.append(
                AccountBook(
                    account_id=run.account_id,
                    trades=book,
                    entries=await store.entries(run.account_id),
                    trade_entries=await _of_trades(store, run.account_id),
                    excursions=await _excursions(store, run.account_id),
                    orders={o.client_order_id: o for o in await store.orders(run.account_id)},
                )
            )
    return found


async def _know_equity(store: Store, book: TradeBook) -> None:
    """The equity with which its last day began, as the desk has kept it."""
    written = await store.newest_record(DAY, book.account_id)
    with suppress(msgspec.DecodeError):
        if written is not None:
            begun = msgspec.json.decode(written, type=DayOpening)
            book.starting_equity, book.equity_day = begun.equity, begun.day


async def _imported(
    store: SqliteStore, account: str, average: Callable[[str], bool]
) -> list[AccountBook]:
    found: list[AccountBook] = []
    for name in await store.import_accounts():
        if account not in ("", name):
            continue
        bookings = await store.imported(name)
        read = partial(ImportedBook, name, bookings, average_cost=average(name))
        book = await aside(read, name="match")
        found.append(
            AccountBook(
                account_id=name,
                trades=book.trades,
                entries=await store.entries(name),
                trade_entries=await _of_trades(store, name),
                excursions=await _excursions(store, name),
                imported=True,
                unmatched=book.unmatched,
                cash=book.cash,
            )
        )
    return found


async def _of_trades(store: EntryStore, account: str) -> dict[str, JournalEntry]:
    return {entry.trade_id: entry for entry in await store.trade_entries(account)}


async def _excursions(store: ExcursionStore, account: str) -> dict[str, Excursion]:
    return {excursion.trade_id: excursion for excursion in await store.excursions(account)}

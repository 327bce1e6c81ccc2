"""MAE and MFE of closed trades, measured from the tapes of their sessions."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from cockpit.adapters.feeds.chunks import Told, Unreadable
from cockpit.adapters.storage.store import SqliteStore
from cockpit.adapters.tape.reader import TapeFile, blocks, open_tape
from cockpit.app.bookkeeping.books import AccountBook, known_accounts, read_books, read_ledger
from cockpit.app.bookkeeping.importing import PART, open_imports
from cockpit.app.bookkeeping.report import MeasureReport
from cockpit.app.errors import NothingThereError
from cockpit.app.ledger import ledger_in
from cockpit.app.recording import FOLDER
from cockpit.domain.currency import USD
from cockpit.domain.excursion import Excursion
from cockpit.domain.trade import Direction, Trade
from cockpit.journal.excursion import Prices, excursion_of
from cockpit.kernel.aside import aside
from cockpit.ports.entries import ExcursionStore
from cockpit.ports.feed import FeedError, RawQuote, RawRow, RawTrade

PRINTS, QUOTES = "prints on tape", "quotes on tape"


class _Seen:
    """Prints and quotes of one symbol, by time."""

    def __init__(self, trades: Sequence[Trade]) -> None:
        self._first = min(trade.opened_ns for trade in trades)
        self._last = max(trade.closed_ns for trade in trades)
        self._prints = (array("q"), array("d"))
        self._quotes = (array("q"), array("d"), array("d"))

    def take(self, row: RawRow) -> None:
        """A row of the symbol."""
        if not self._first <= row.ts_event <= self._last:
            return
        if isinstance(row, RawTrade) and not row.cancelled and row.price > 0:
            self._prints[0].append(row.ts_event)
            self._prints[1].append(row.price)
        elif isinstance(row, RawQuote) and 0 < row.bid < row.ask:
            self._quotes[0].append(row.ts_event)
            self._quotes[1].append(row.bid)
            self._quotes[2].append(row.ask)

    def prices(self, trade: Trade) -> tuple[Prices, str]:
        """Prints; without any while the trade was open, the price it could have been closed at."""
        printed = _prices(self._prints[0], self._prints[1])
        if len(printed.between(trade.opened_ns, trade.closed_ns).ts):
            return printed, PRINTS
        times, bids, asks = self._quotes
        return _prices(times, bids if trade.direction is Direction.LONG else asks), QUOTES


async def measure(data_dir: Path, account: str = "") -> MeasureReport:
    """Measure every closed trade that a tape of the data folder has seen, and keep it.

    A session's trades are measured by its own tapes; imported ones by those of live feeds.
    Raises NothingThereError, StoreError and InstanceError.
    """
    ledger_in(data_dir)
    async with open_imports(data_dir) as store:
        books = await _books(store, account)
        found, report = _of_tapes(books, data_dir)
        await store.save_excursions(found)
    return report


async def measure_beside(data_dir: Path, store: ExcursionStore, account: str = "") -> MeasureReport:
    """The same in a session that runs: tapes are read in a thread, and stored in parts.

    A tape that is still being recorded counts as far as it is written.
    """
    async with read_ledger(data_dir) as reader:
        books = await _books(reader, account)
    found, report = await aside(partial(_of_tapes, books, data_dir), name="measure")
    for first in range(0, len(found), PART):  # an order that must be durable waits for one part
        await store.save_excursions(found[first : first + PART])
    return report


async def _books(store: SqliteStore, account: str) -> list[AccountBook]:
    if account and account not in await known_accounts(store):
        why = f"Nothing is stored for an account {account!r}."
        raise NothingThereError(why, user_text=f"{why} List them: cockpit journal accounts")
    return await read_books(store, account)


def _of_tapes(
    books: Iterable[AccountBook], data_dir: Path
) -> tuple[list[Excursion], MeasureReport]:
    """Blocks for as long as it takes to read the tapes."""
    tapes, unreadable = _tapes(data_dir)
    found: list[Excursion] = []
    unseen = 0
    for book in books:
        trades = book.trades.trades()
        excursions = list(_measured(book, trades, tapes))
        unseen += len(trades) - len(excursions)
        found.extend(excursions)
    told = MeasureReport(measured=len(found), unseen=unseen, unreadable=tuple(unreadable))
    return found, told


def _tapes(data_dir: Path) -> tuple[list[TapeFile], list[str]]:
    found: list[TapeFile] = []
    unreadable: list[str] = []
    for path in sorted((data_dir / FOLDER).glob("*.tape")):
        try:
            found.append(open_tape(path))
        except FeedError:
            unreadable.append(path.name)
    return found, unreadable


def _measured(
    book: AccountBook, trades: Sequence[Trade], tapes: Iterable[TapeFile]
) -> Iterable[Excursion]:
    """Trades that lie wholly within one tape: between two nobody was looking.

    A trade of which only the day is known can't be looked up, nor one in another currency than the
    tapes' prices.
    """
    trades = [t for t in trades if t.held_ns is not None and t.currency == USD]
    for tape in tapes:
        if not _of_account(tape, book):
            continue
        mine = [t for t in trades if tape.start_ns <= t.opened_ns and t.closed_ns <= tape.end_ns]
        by_symbol: dict[str, list[Trade]] = {}
        for trade in mine:
            by_symbol.setdefault(trade.symbol, []).append(trade)
        seen = {symbol: _Seen(some) for symbol, some in by_symbol.items()}
        _play(tape, seen)
        for trade in mine:
            prices, source = seen[trade.symbol].prices(trade)
            multiplier = book.trades.multiplier(trade.symbol)
            found = excursion_of(trade, prices, source=source, multiplier=multiplier)
            if found is not None:
                yield found


def _of_account(tape: TapeFile, book: AccountBook) -> bool:
    """True for a session's own tapes, and for live ones where a statement brought the trades."""
    if book.imported:
        return not tape.origin.label
    return tape.path.stem.partition("_")[2].partition("_")[2].startswith(book.account_id)


def _play(tape: TapeFile, seen: dict[str, _Seen]) -> None:
    if not seen:
        return
    for block in blocks(tape):
        for batch in block:
            if isinstance(batch, Unreadable | Told):
                continue
            for row in batch[1]:
                if (one := seen.get(row.symbol)) is not None:
                    one.take(row)


def _prices(ts: array[int], price: array[float]) -> Prices:
    times, values = np.array(ts, dtype=np.int64), np.array(price, dtype=np.float64)
    order = np.argsort(times, kind="stable")  # a source may be out of order within a batch
    return Prices(ts=times[order], low=values[order], high=values[order])

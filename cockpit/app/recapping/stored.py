"""A recap from the command line: from what is stored, without a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cockpit import __version__
from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.app import registry
from cockpit.app.bookkeeping.books import AccountBook, read_books
from cockpit.app.data.asking import asking
from cockpit.app.errors import NothingThereError
from cockpit.app.ledger import ledger_in
from cockpit.app.recapping.market_days import headlines, researched_days
from cockpit.app.recapping.room import Export, trade_called
from cockpit.app.recapping.voice_rules import rules_beside
from cockpit.app.recapping.writers import chosen_writer
from cockpit.app.settings import AppSettings, settings_file
from cockpit.app.signing.accounts import AccountBook as Accounts
from cockpit.app.signing.vaults import vault_of
from cockpit.journal.days import day_of
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel import settings
from cockpit.kernel.clock import WallClock
from cockpit.kernel.instance import InstanceLock
from cockpit.ports.store import Store
from cockpit.recap.desk import RecapDesk, Told
from cockpit.recap.kinds import days_of, period_on
from cockpit.recap.material import Material
from cockpit.recap.wishes import Wishes


@dataclass(frozen=True, kw_only=True)
class Written:
    """The file, whose recap it holds, and, where nobody chose, who else traded in its period."""

    path: Path
    account: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecapWanted:
    """What to write. `account` empty takes the last one that traded, or was journalled, then.

    `day` is any of the kind's period; `trade` the id of a post-mortem's, the last one closed for
    none; `symbols` are what a digest looks at, those traded that day for none.
    """

    kind: str
    day: str
    account: str = ""
    trade: str = ""
    symbols: Sequence[str] = ()


def _nobody(_words: str) -> None: ...


async def export_stored(
    data_dir: Path, config: Path | None, wanted: RecapWanted, target: Export, told: Told = _nobody
) -> Written:
    """Write a recap from what is stored to a file; `told` hears how far it is.

    Raises NothingThereError when there is nothing to tell of, RecapError, and ExportError when the
    file can't be written.
    """
    ledger = ledger_in(data_dir)
    lock = InstanceLock(data_dir)
    lock.acquire()
    try:
        store = await open_store(ledger)
        try:
            material = await _material(store, data_dir, config, wanted)
            desk = _desk(store, data_dir, config)
            recap = await desk.write(wanted.kind, wanted.day, material, told)
            notes = await desk.notes_of(recap) if target.with_notes else ()
            wishes = Wishes(private=target.private, notes=notes, told=told)
            written = await desk.export(recap, target.fmt, target.path, target.overwrite, wishes)
            await desk.keep(recap)  # last: an export that is refused leaves no recap behind
            others = await _others(store, wanted, recap.account_id)
            return Written(path=written, account=recap.account_id, others=others)
        finally:
            await store.close()
    finally:
        lock.release()


async def _material(
    store: SqliteStore, data_dir: Path, config: Path | None, wanted: RecapWanted
) -> Material:
    found = await _account(store, wanted)
    book = found.trades
    if wanted.kind == "post-mortem":
        trade = trade_called(book, wanted.trade)
        seen = found.excursion(trade)
        return Material(book=book, trade=trade, plan=found.plan(trade), excursion=seen)
    if wanted.kind == "devlog":
        return Material(book=book, orders=tuple(found.orders.values()), version=__version__)
    if wanted.kind != "digest":
        return Material(book=book)
    day = wanted.day
    symbols = wanted.symbols or sorted({fill.symbol for fill in book.fills(day)})
    if not symbols:
        return Material(book=book)
    clock = WallClock()
    asked = _with_keys(data_dir, wanted.account)
    async with asking(data_dir, config, clock, asked) as research:
        rows = await researched_days(research.router, symbols, day, clock.now_ns())
        news = await headlines(research.router, day) if rows else []
    return Material(book=book, market=tuple(rows), headlines=tuple(news))


def _with_keys(data_dir: Path, account: str) -> str:
    """The account, where it has keys that may open market data; the settings' own otherwise.

    The journal also has accounts of statements and of simulations, of which no broker knows.
    """
    return account if account in {one.name for one in Accounts(data_dir).records()} else ""


async def _account(store: SqliteStore, wanted: RecapWanted) -> AccountBook:
    """The account that a recap is of. Raises NothingThereError."""
    runs = {run.account_id: run for run in await store.runs()}
    names = [*await store.import_accounts(), *runs]
    chosen = [name for name in reversed(names) if wanted.account in ("", name)]
    if not chosen:
        who = wanted.account
        raise _nothing(f"There is no account {who!r}." if who else "No session is stored.")
    for name in chosen:
        books = await read_books(store, name)
        book = books[0] if books else None
        if await _tells(store, name, book, wanted):
            label = runs[name].label if name in runs else ""
            empty = AccountBook(account_id=name, trades=TradeBook(name, label=label))
            return book or empty
    where = _of(chosen, wanted.account)
    if wanted.kind == "post-mortem":
        named = f"no closed trade {wanted.trade!r}" if wanted.trade else "no closed trade"
        why = f"There is {named}{where}."
        raise NothingThereError(why, user_text=f"{why} List them: cockpit journal trades --json")
    raise _nothing(f"Nothing is stored for {wanted.day}{where}.")


async def _others(store: SqliteStore, wanted: RecapWanted, taken: str) -> tuple[str, ...]:
    """The accounts that could have been meant as well; none where one was named."""
    if wanted.account or wanted.trade:
        return ()
    days = days_of(period_on(wanted.kind, wanted.day))
    books = [book for book in await read_books(store) if book.account_id != taken]
    traded = {
        book.account_id
        for book in books
        if (wanted.kind == "post-mortem" and book.trades.trades())
        or any(book.trades.fills(day) for day in days)
    }
    return tuple(sorted(traded))


async def _tells(store: Store, name: str, book: AccountBook | None, wanted: RecapWanted) -> bool:
    """Whether an account has something to say to the kind that is wanted."""
    if wanted.kind == "digest":
        return True
    if wanted.kind == "post-mortem" and book is not None:
        trades = book.trades
        return bool(trades.trades()) if not wanted.trade else trades.trade(wanted.trade) is not None
    days = days_of(period_on(wanted.kind, wanted.day))
    if book is not None and any(book.trades.fills(day) for day in days):
        return True
    if wanted.kind == "devlog":
        return any(day_of(o.created_ns) in days for o in await store.orders(name))
    return any([await store.entry(name, day) is not None for day in days])


def _of(names: list[str], account: str) -> str:
    if account:
        return f" in {account}"
    return (
        " in the one session there is" if len(names) == 1 else f" in any of {len(names)} sessions"
    )


def _desk(store: Store, data_dir: Path, config: Path | None) -> RecapDesk:
    toml, clock = settings_file(config), WallClock()
    own = settings.load(AppSettings, toml=toml)
    writer = chosen_writer(own.writer, toml, data_dir, vault_of(toml, data_dir, clock), clock)
    fallback = registry.build("writers", "template", toml)
    return RecapDesk(store, writer, fallback, clock, rules_beside(config))


def _nothing(why: str) -> NothingThereError:
    return NothingThereError(why, user_text=f"{why} Run a session first, for example: cockpit demo")

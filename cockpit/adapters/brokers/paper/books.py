"""The venue's own books on the disk: what a lasting paper account is after its process has died.

They play the broker's side, so they are no part of the ledger and nothing there is taken for
true here. Each act of the venue is one transaction, made in a thread, and nothing that tells
of it leaves the venue before the disk has it. Orders keep their latest state, executions are
only added; cash and positions follow from the executions and are not stored.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path

import msgspec
import structlog

from cockpit.adapters.brokers.paper.orders import VenueOrder
from cockpit.kernel.clock import Timer, Work
from cockpit.ports.broker import BrokerError, ExecutionReport
from cockpit.ports.clock import Clock

FORMAT = "1"
RETRY_NS = 1_000_000_000
TABLES = """
    CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE orders (client_order_id TEXT PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE executions (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
"""
SAY = "INSERT OR REPLACE INTO about (name, value) VALUES (?, ?)"
PUT = """INSERT INTO orders (client_order_id, body) VALUES (?, ?)
    ON CONFLICT (client_order_id) DO UPDATE SET body = excluded.body"""
ADD = "INSERT INTO executions (body) VALUES (?)"

_UNREADABLE = (
    sqlite3.Error,
    OSError,
    msgspec.MsgspecError,
    KeyError,
    ValueError,
    ArithmeticError,  # a decimal that is none
)
_log = structlog.get_logger(__name__)
_encode = msgspec.json.encode
_order = msgspec.json.Decoder(VenueOrder).decode
_execution = msgspec.json.Decoder(ExecutionReport).decode


class _Rows(msgspec.Struct, frozen=True):
    """What one act changed, as it was then: a later act may change the same order again."""

    orders: tuple[tuple[str, str], ...]
    executions: tuple[tuple[str], ...]
    seen_ns: int


class Kept(msgspec.Struct, frozen=True):
    """What the books hold: orders by arrival, executions as they came, the last time seen."""

    starting_cash: Decimal
    orders: tuple[VenueOrder, ...]
    executions: tuple[ExecutionReport, ...]
    seen_ns: int


class Books:
    """One account's file, written by one thread. `on_kept` is called in the loop.

    `known` says that the account has traded before: then its books must be there.
    """

    def __init__(
        self, path: Path, account_id: str, starting_cash: Decimal, clock: Clock, *, known: bool
    ) -> None:
        self._path = path
        self._account_id = account_id
        self._starting_cash = starting_cash
        self._clock = clock
        self._known = known
        self._thread: ThreadPoolExecutor | None = None
        self._db: sqlite3.Connection | None = None
        self._waiting: list[_Rows] = []
        self._retry: Timer | None = None
        self._failed: BaseException | None = None
        self._writing: asyncio.Future[None] | None = None
        self._asking: list[asyncio.Future[None]] = []
        self.on_kept: Callable[[], None] = lambda: None

    async def load(self) -> Kept:
        """Open or make the file and read it. Raises BrokerError, never an empty account for it."""
        return await asyncio.wrap_future(self._thread_of_its_own().submit(self._load))

    @property
    def behind(self) -> bool:
        """True while something that happened is not on the disk yet."""
        return self._writing is not None or bool(self._waiting)

    def write(
        self, orders: Iterable[VenueOrder], executions: Iterable[ExecutionReport], now_ns: int
    ) -> None:
        """Take in what one act changed; later acts wait their turn."""
        self._waiting.append(
            _Rows(
                tuple((o.client_order_id, _encode(o).decode()) for o in orders),
                tuple((_encode(e).decode(),) for e in executions),
                now_ns,
            )
        )
        if self._writing is None and self._retry is None:
            self._write_all()

    async def kept(self) -> None:
        """Wait until the disk has all so far. Raises BrokerError when it refuses."""
        if self._failed is not None:  # said at once: a virtual clock would wait for us
            raise self._refused("written", self._failed)
        if self.behind:
            asking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._asking.append(asking)
            await asking

    async def close(self) -> None:
        """Finish what is under way and let go of the file; the next `write` opens it again."""
        while self._writing is not None:
            await asyncio.wait([self._writing])
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.wrap_future(thread.submit(self._let_go))
            thread.shutdown(wait=True)

    def _thread_of_its_own(self) -> ThreadPoolExecutor:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="paper-books")
        return self._thread

    def _write_all(self) -> None:
        """All that waits, in one transaction; a virtual clock stands still meanwhile."""
        batch = tuple(self._waiting)
        work = self._clock.begin_work()
        self._writing = asyncio.wrap_future(self._thread_of_its_own().submit(self._put, batch))
        self._writing.add_done_callback(partial(self._written, len(batch), work))

    def _written(self, count: int, work: Work, done: asyncio.Future[None]) -> None:
        self._writing = None
        self._failed = error = None if done.cancelled() else done.exception()
        if error is None:
            del self._waiting[:count]
        asking, self._asking = self._asking, []
        if error is not None:
            _log.error("paper_books_not_written", file=str(self._path), error=repr(error))
            self._retry = self._clock.call_at(self._clock.now_ns() + RETRY_NS, self._try_again)
            self._answer(asking, error)
        elif self._waiting:
            self._asking = asking
            self._write_all()
        else:
            self._answer(asking, None)
            self.on_kept()
        work.release()

    def _try_again(self) -> None:
        self._retry = None
        self._write_all()

    def _answer(self, asking: list[asyncio.Future[None]], error: BaseException | None) -> None:
        for future in asking:
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(self._refused("written", error))

    # in the thread

    def _put(self, batch: tuple[_Rows, ...]) -> None:
        db = self._connection()
        with db:
            db.execute("BEGIN IMMEDIATE")
            for rows in batch:
                db.executemany(PUT, rows.orders)
                db.executemany(ADD, rows.executions)
            db.execute(SAY, ("seen_ns", str(batch[-1].seen_ns)))

    def _load(self) -> Kept:
        try:
            db = self._connection()
            return self._read(db)
        except _UNREADABLE as error:
            self._let_go()
            raise self._refused("read", error) from error

    def _read(self, db: sqlite3.Connection) -> Kept:
        if (verdict := db.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
            raise ValueError(f"it is damaged: {verdict}")
        about = dict(db.execute("SELECT name, value FROM about"))
        if (about["format"], about["account_id"]) != (FORMAT, self._account_id):
            raise ValueError(f"it is of {about['account_id']}, format {about['format']}")
        orders = [_order(body) for (body,) in db.execute("SELECT body FROM orders")]
        rows = db.execute("SELECT body FROM executions ORDER BY number")
        return Kept(
            starting_cash=Decimal(about["starting_cash"]),
            orders=tuple(sorted(orders, key=lambda order: order.sequence)),
            executions=tuple(_execution(body) for (body,) in rows),
            seen_ns=int(about["seen_ns"]),
        )

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self._path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._begin(self._db)
        return self._db

    def _begin(self, db: sqlite3.Connection) -> None:
        """Make the tables in an empty file; one that a death left half made is still empty."""
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
            return
        if self._known:
            raise ValueError("it is empty or gone, but the account has traded")
        about = {
            "format": FORMAT,
            "account_id": self._account_id,
            "starting_cash": str(self._starting_cash),
            "seen_ns": "0",
        }
        with db:
            db.execute("BEGIN IMMEDIATE")
            for table in TABLES.split(";"):
                db.execute(table)
            db.executemany(SAY, list(about.items()))

    def _let_go(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def _refused(self, verb: str, error: BaseException) -> BrokerError:
        return BrokerError(
            f"{self._path}: {error!r}",
            user_text=f"The paper account's own books {self._path} can't be {verb}: {error}. "
            "Nothing was made up in their place; the ledger is untouched. Mend the file or bring "
            "back a copy, or begin a new paper account with: cockpit run --new-paper-account",
            code="PAPER_BOOKS",
        )


def last_seen(path: Path) -> int:
    """The last time that the account of these books has seen; 0 where there are none.

    Books that can't be read count as none here: `Books.load` says what is wrong with them.
    """
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            row = db.execute("SELECT value FROM about WHERE name = 'seen_ns'").fetchone()
    except sqlite3.Error:
        return 0
    return int(row[0]) if row else 0

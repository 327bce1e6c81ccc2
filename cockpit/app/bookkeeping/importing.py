"""Imports a broker's statement: read, say what each line is, book what is new, once."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.app.bookkeeping.books import read_ledger
from cockpit.app.bookkeeping.columns import Columns, columns_in, read_table
from cockpit.app.bookkeeping.doubles import Doubles
from cockpit.app.bookkeeping.errors import DoubleImportError, StatementFileError
from cockpit.app.bookkeeping.mappings import Mappings
from cockpit.app.bookkeeping.report import ImportReport, Seen, report_of
from cockpit.app.bookkeeping.seen import seen_before
from cockpit.app.errors import NothingThereError
from cockpit.app.launch import STORE_NAME
from cockpit.domain.imported import Booking
from cockpit.journal.statements.booking import Numbered, bookings_of
from cockpit.journal.statements.errors import ColumnsError
from cockpit.journal.statements.reading import detect
from cockpit.journal.statements.statement import Statement
from cockpit.journal.statements.table import Source
from cockpit.kernel.aside import aside
from cockpit.kernel.clock import WallClock
from cockpit.kernel.instance import InstanceLock
from cockpit.ports.imports import ImportBatch, ImportStore
from cockpit.ports.store import Store

LARGEST_BYTES = 1_000_000_000
PART = 1_000
"""Bookings stored at once: an order that must be durable waits that long at most."""


Progress = Callable[[int, int], object]
"""Hears how many bookings are stored, and of how many; what it raises ends the import."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What to import. `account` empty: the statement's own; `preview` stores nothing.

    `doubles` says what to do with lines that another import has booked for another account, or as
    another kind of statement.
    """

    file: Path
    account: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict[str, str])
    preview: bool = False
    doubles: Doubles = Doubles.ASK


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A file that was read: what it says, and what is to be booked of it."""

    digest: str
    statement: Statement
    found: list[Numbered]


async def import_statement(
    data_dir: Path,
    file: Path,
    *,
    account: str = "",
    mapping: Mapping[str, str] | None = None,
    preview: bool = False,
    doubles: Doubles = Doubles.ASK,
) -> ImportReport:
    """Read `file` and book what is new, where no cockpit runs.

    A second import of the same lines changes nothing. Raises StatementFileError, StatementError,
    DoubleImportError, StoreError and InstanceError.
    """
    ask = Ask(file=file, account=account, mapping=mapping or {}, preview=preview, doubles=doubles)
    prepared = prepare(data_dir, ask)
    async with open_imports(data_dir) as store:
        return await book(store, store, ask, prepared)


async def import_beside(
    data_dir: Path, store: ImportStore, ask: Ask, told: Progress = lambda _done, _all: None
) -> ImportReport:
    """The same in a session that runs: beside its loop, and in parts, since orders wait for them.

    When it fails or `told` ends it, what was booked so far is taken back.
    """
    prepared = await aside(partial(prepare, data_dir, ask), name="statement")
    async with read_ledger(data_dir) as reader:
        return await book(store, reader, ask, prepared, told)


def prepare(data_dir: Path, ask: Ask) -> Prepared:
    """Read the file; blocks. Raises StatementFileError and StatementError."""
    raw = _content(ask.file)
    statement = _read(raw, Mappings(data_dir), dict(ask.mapping))
    return Prepared(
        digest=hashlib.sha256(raw).hexdigest(),
        statement=statement,
        found=bookings_of(statement, ask.account),
    )


async def columns_beside(data_dir: Path, file: Path, why: ColumnsError | None = None) -> Columns:
    """The first rows of a file as a table, and what its columns seem to mean, read in a thread.

    Raises StatementFileError, StatementError, and `why` where it can be no table of trades.
    """

    def read() -> Columns:
        return columns_in(data_dir, _content(file), why)

    return await aside(read, name="columns")


async def book(
    store: ImportStore,
    reader: SqliteStore,
    ask: Ask,
    prepared: Prepared,
    told: Progress = lambda _done, _all: None,
) -> ImportReport:
    """Store what is new with `store`; `reader` says what is known.

    Raises DoubleImportError where a person has to choose first.
    """
    found = prepared.found
    await _refuse_sessions(reader, {each.booking.account_id for each in found})
    seen = await seen_before(reader, prepared.statement, found, prepared.digest)
    if ask.doubles is Doubles.BOOK:
        seen = Seen(known=seen.known, notes=seen.notes)
    batch = _batch(ask.file, prepared)
    if not ask.preview:
        _refuse_undecided(ask, seen)
        there = seen.known | seen.doubles.keys()
        bookings = [each.booking for each in found if each.line not in there]
        await _stored(store, batch, bookings, told)
    batch_id = "" if ask.preview else batch.batch_id
    tell = partial(report_of, str(ask.file), prepared.statement, found, seen, batch_id)
    return await aside(tell, name="report")


def _refuse_undecided(ask: Ask, seen: Seen) -> None:
    if ask.doubles is not Doubles.ASK or not seen.doubles:
        return
    first = min(seen.doubles)
    count = len(seen.doubles)
    lines = "A line says" if count == 1 else f"{count:,} lines say"
    raise DoubleImportError(
        f"{count} doubles",
        user_text=f"{lines} what another import has booked: line {first}, for one: "
        f"{seen.doubles[first]}. Nothing was booked. Leave such lines out with --doubles leave, or "
        "book them beside the others with --doubles book.",
    )


async def _stored(
    store: ImportStore, batch: ImportBatch, bookings: Sequence[Booking], told: Progress
) -> None:
    try:
        for first in range(0, len(bookings), PART):
            told(first, len(bookings))
            await store.save_import(batch, bookings[first : first + PART])
        told(len(bookings), len(bookings))
    except BaseException:
        await store.withdraw_import(batch.batch_id, WallClock().now_ns())
        raise


async def undo_import(data_dir: Path, batch_id: str) -> ImportBatch:
    """Take an import back where no cockpit runs. Raises NothingThereError, StoreError."""
    async with open_imports(data_dir) as store:
        return await take_back(store, batch_id)


async def take_back(store: ImportStore, batch_id: str) -> ImportBatch:
    """Take an import back: its bookings count no more. Raises NothingThereError, StoreError."""
    batches = {b.batch_id: b for b in await store.imports() if b.withdrawn_ns is None}
    if batch_id not in batches:
        why = f"There is no import {batch_id!r} that counts."
        raise NothingThereError(
            why, user_text=f"{why} List them: cockpit journal imports. Nothing was changed."
        )
    await store.withdraw_import(batch_id, WallClock().now_ns())
    return batches[batch_id]


async def all_imports(data_dir: Path) -> list[ImportBatch]:
    """Every import, oldest first; none where there is no ledger. Raises StoreError."""
    if not (data_dir / STORE_NAME).exists():
        return []
    async with read_ledger(data_dir) as store:
        return list(await store.imports())


@asynccontextmanager
async def open_imports(data_dir: Path) -> AsyncGenerator[SqliteStore]:
    """The ledger in `data_dir`, made when missing; nobody else may have it open."""
    lock = _alone_in(data_dir)
    try:
        store = await open_store(data_dir / STORE_NAME)
        try:
            yield store
        finally:
            await store.close()
    finally:
        lock.release()


def _alone_in(data_dir: Path) -> InstanceLock:
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = InstanceLock(data_dir)
    lock.acquire()
    return lock


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise _unusable(file, "it is larger than any statement")
        return file.read_bytes()
    except OSError as error:
        raise _unusable(file, error.strerror or str(error)) from error


def _read(raw: bytes, mappings: Mappings, told: dict[str, str]) -> Statement:
    source = Source(raw)
    known = None if told else detect(source)
    if known is not None:
        return known.read(source)
    return read_table(source, mappings, told)


async def _refuse_sessions(store: Store, accounts: set[str]) -> None:
    """What a session's own broker reported is the truth about its account, not a statement."""
    taken = accounts & {run.account_id for run in await store.runs()}
    if taken:
        name = min(taken)
        raise StatementFileError(
            f"{name} is a session's account",
            user_text=f"{name} is the account of a session, which books its own fills. "
            "Nothing was imported. Choose another name with --account.",
        )


def _batch(file: Path, prepared: Prepared) -> ImportBatch:
    now = WallClock().now_ns()
    return ImportBatch(
        batch_id=f"{prepared.digest[:6]}-{now // 1_000_000:x}",
        format=prepared.statement.format,
        file_name=file.name,
        digest=prepared.digest,
        imported_ns=now,
    )


def _unusable(file: Path, why: str) -> StatementFileError:
    return StatementFileError(
        f"{file}: {why}",
        user_text=f"The file {file} can't be read: {why}. Nothing was imported.",
    )

"""Imports a broker's statement: read, say what each line is, book what is new, once."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.app.bookkeeping.errors import StatementFileError
from cockpit.app.bookkeeping.mappings import Mappings
from cockpit.app.errors import NothingThereError
from cockpit.app.launch import STORE_NAME
from cockpit.journal.statements import mapped
from cockpit.journal.statements.booking import Numbered, bookings_of
from cockpit.journal.statements.reading import detect
from cockpit.journal.statements.statement import Statement, Verdict
from cockpit.journal.statements.table import Source
from cockpit.kernel.clock import WallClock
from cockpit.kernel.instance import InstanceLock
from cockpit.ports.imports import ImportBatch, ImportStore
from cockpit.ports.store import Store

KNOWN = "known"
"""Verdict on a line that an earlier import booked already."""
LARGEST_BYTES = 1_000_000_000


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one line: booked, known, ignored, review or unknown."""

    line: int
    verdict: str
    reason: str
    account: str
    text: str


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a file said and what was booked of it. `batch_id` is empty for a preview."""

    file: str
    format: str
    title: str
    batch_id: str
    accounts: tuple[str, ...]
    booked: int
    known: int
    ignored: int
    review: int
    unknown: int
    warnings: tuple[str, ...]
    rows: tuple[Row, ...]


async def import_statement(
    data_dir: Path,
    file: Path,
    *,
    account: str = "",
    mapping: Mapping[str, str] | None = None,
    preview: bool = False,
) -> ImportReport:
    """Read `file` and book what is new, under `account` or the statement's own ones.

    With `preview` nothing is stored. A second import of the same lines changes nothing.
    Raises StatementFileError, StatementError, StoreError and InstanceError.
    """
    raw = _content(file)
    statement = _read(raw, Mappings(data_dir), dict(mapping or {}))
    found = bookings_of(statement, account)
    async with open_imports(data_dir) as store:
        await _refuse_sessions(store, {each.booking.account_id for each in found})
        known = await _known(store, found)
        batch = _batch(file, raw, statement)
        if not preview:
            await store.save_import(batch, [each.booking for each in found])
    return _report(file, statement, found, known, "" if preview else batch.batch_id)


async def undo_import(data_dir: Path, batch_id: str) -> ImportBatch:
    """Take an import back: its bookings count no more. Raises NothingThereError, StoreError."""
    async with open_imports(data_dir) as store:
        batches = {b.batch_id: b for b in await store.imports() if b.withdrawn_ns is None}
        if batch_id not in batches:
            why = f"There is no import {batch_id!r} that counts."
            raise NothingThereError(
                why, user_text=f"{why} List them: cockpit journal imports. Nothing was changed."
            )
        await store.withdraw_import(batch_id, WallClock().now_ns())
        return batches[batch_id]


async def all_imports(data_dir: Path) -> list[ImportBatch]:
    """Every import, oldest first. Raises StoreError."""
    async with open_imports(data_dir) as store:
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
    heading = mapped.heading_of(source)
    _refuse_unknown(told, heading)
    mapping = {**mapped.guessed(heading), **(mappings.of(heading) or {}), **told}
    statement = mapped.read(source, mapping)
    if told:
        mappings.remember(heading, mapping)
    return statement


def _refuse_unknown(told: Mapping[str, str], heading: Iterable[str]) -> None:
    meanings = [name for name in told if name not in mapped.MEANINGS]
    columns = [column for column in told.values() if column not in set(heading)]
    if not meanings and not columns:
        return
    wrong = f"{meanings[0]} is not a meaning" if meanings else f"there is no column {columns[0]!r}"
    raise StatementFileError(
        wrong,
        user_text=f"The columns can't be mapped: {wrong}. Meanings are "
        f"{', '.join(mapped.MEANINGS)}; the columns are {', '.join(filter(None, heading))}. "
        "Nothing was imported.",
    )


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


async def _known(store: ImportStore, found: Iterable[Numbered]) -> set[int]:
    """The lines of which everything is booked already."""
    keys: dict[str, frozenset[str]] = {}
    new: set[int] = set()
    lines: set[int] = set()
    for each in found:
        account = each.booking.account_id
        if account not in keys:
            keys[account] = await store.import_keys(account)
        lines.add(each.line)
        if each.booking.key not in keys[account]:
            new.add(each.line)
    return lines - new


def _batch(file: Path, raw: bytes, statement: Statement) -> ImportBatch:
    now = WallClock().now_ns()
    digest = hashlib.sha256(raw).hexdigest()
    return ImportBatch(
        batch_id=f"{digest[:6]}-{now // 1_000_000:x}",
        format=statement.format,
        file_name=file.name,
        digest=digest,
        imported_ns=now,
    )


def _report(
    file: Path, statement: Statement, found: list[Numbered], known: set[int], batch_id: str
) -> ImportReport:
    accounts = {each.line: each.booking.account_id for each in found}
    rows = tuple(
        Row(
            line=line.number,
            verdict=KNOWN if line.number in known else line.verdict.value,
            reason="an earlier import booked it" if line.number in known else line.reason,
            account=accounts.get(line.number, ""),
            text=line.text,
        )
        for line in statement.lines
    )
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in (KNOWN, *Verdict)}
    return ImportReport(
        file=str(file),
        format=statement.format,
        title=statement.title,
        batch_id=batch_id if counts[Verdict.BOOKED] else "",
        accounts=tuple(sorted(set(accounts.values()))),
        booked=counts[Verdict.BOOKED],
        known=counts[KNOWN],
        ignored=counts[Verdict.IGNORED],
        review=counts[Verdict.REVIEW],
        unknown=counts[Verdict.UNKNOWN],
        warnings=statement.warnings,
        rows=rows,
    )


def _unusable(file: Path, why: str) -> StatementFileError:
    return StatementFileError(
        f"{file}: {why}",
        user_text=f"The file {file} can't be read: {why}. Nothing was imported.",
    )

"""Runs, journal entries and recaps: few rows, so SQLModel as it comes."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from cockpit.adapters.storage.database import Database
from cockpit.adapters.storage.rows import entry_of, recap_of, run_of, tags_json
from cockpit.adapters.storage.tables import EntryRow, RecapRow, RunRow
from cockpit.domain.account import Mode
from cockpit.ports.store import JournalEntry, Run, StoredRecap

STALE = "UPDATE recap SET stale = 1 WHERE account_id = :account_id AND day = :day AND stale = 0"
RUNS = """SELECT account_id, mode, label, source, started_ns FROM run
    ORDER BY started_ns, number"""


def open_run(
    database: Database, *, mode: Mode, label: str, source: str, now_ns: int, fresh: bool
) -> Run:
    """A fresh account where the market is simulated anew, else the lasting one of its label.

    For those modes the broker keeps its account in memory and counts its ids from one again,
    so an account of an earlier run must not be continued.
    """
    with database.session() as session:
        lasting = None if mode.simulated or fresh else _lasting(session, mode, label)
        if lasting is not None:
            return run_of(lasting)
        newest = select(func.max(RunRow.number)).where(col(RunRow.mode) == mode.value)
        number = (session.exec(newest).one() or 0) + 1
        row = RunRow(
            account_id=f"{mode.value.upper()}-{number}",
            mode=mode.value,
            number=number,
            label=label,
            source=source,
            started_ns=now_ns,
        )
        session.add(row)
        session.flush()
        return run_of(row)


def _lasting(session: Session, mode: Mode, label: str) -> RunRow | None:
    found = select(RunRow).where(col(RunRow.mode) == mode.value, col(RunRow.label) == label)
    return session.exec(found.order_by(col(RunRow.number).desc())).first()


def runs(database: Database) -> list[Run]:
    """All runs, oldest first."""
    return [
        Run(account_id=name, mode=Mode(mode), label=label, source=source, started_ns=started_ns)
        for name, mode, label, source, started_ns in database.execute(RUNS, {})
    ]


def save_entry(database: Database, entry: JournalEntry) -> None:
    """One more version of the day's entry; the version is counted here."""
    with database.session() as session:
        newest = select(func.max(EntryRow.version)).where(
            col(EntryRow.account_id) == entry.account_id, col(EntryRow.day) == entry.day
        )
        session.add(
            EntryRow(
                account_id=entry.account_id,
                day=entry.day,
                version=(session.exec(newest).one() or 0) + 1,
                drafted=entry.drafted,
                note=entry.note,
                tags=tags_json(entry.tags),
                rating=entry.rating,
                updated_ns=entry.updated_ns,
            )
        )
        session.flush()


def entry(database: Database, account_id: str, day: str) -> JournalEntry | None:
    """The latest version of a day's entry."""
    with database.session() as session:
        found = (
            select(EntryRow)
            .where(col(EntryRow.account_id) == account_id, col(EntryRow.day) == day)
            .order_by(col(EntryRow.version).desc())
        )
        row = session.exec(found).first()
        return None if row is None else entry_of(row)


def entries(database: Database, account_id: str | None) -> list[JournalEntry]:
    """The latest version of each day, newest day first."""
    with database.session() as session:
        newest = select(func.max(EntryRow.id)).group_by(col(EntryRow.account_id), col(EntryRow.day))
        found = select(EntryRow).where(col(EntryRow.id).in_(newest))
        if account_id is not None:
            found = found.where(col(EntryRow.account_id) == account_id)
        ordered = found.order_by(col(EntryRow.day).desc(), col(EntryRow.id).desc())
        return [entry_of(row) for row in session.exec(ordered)]


def save_recap(database: Database, recap: StoredRecap) -> None:
    """One more recap; the newest of a day and kind counts."""
    with database.session() as session:
        values = {name: getattr(recap, name) for name in StoredRecap.__struct_fields__}
        session.add(RecapRow(**values))
        session.flush()


def mark_recaps_stale(database: Database, account_id: str, day: str) -> None:
    """Every recap of the day; its words and figures stay as they were."""
    values = {"account_id": account_id, "day": day}
    database.execute(STALE, values)


def recaps(database: Database, account_id: str) -> list[StoredRecap]:
    """All recaps of the account, newest first."""
    with database.session() as session:
        found = (
            select(RecapRow)
            .where(col(RecapRow.account_id) == account_id)
            .order_by(col(RecapRow.id).desc())
        )
        return [recap_of(row) for row in session.exec(found)]

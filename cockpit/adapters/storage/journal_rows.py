"""Runs and recaps in SQL."""

from __future__ import annotations

import msgspec

from cockpit.adapters.storage import rows
from cockpit.adapters.storage.database import Database
from cockpit.adapters.storage.statements import ADD_RECAP, ADD_RUN
from cockpit.domain.account import Mode
from cockpit.domain.values import iso_week
from cockpit.ports.store import Run, StoredRecap

RUNS = "SELECT * FROM run ORDER BY started_ns, number"
TRADED = """SELECT account_id FROM run WHERE EXISTS
    (SELECT 1 FROM fill WHERE fill.account_id = run.account_id) ORDER BY started_ns, number"""
LASTING = """SELECT * FROM run WHERE mode = :mode AND
    CASE WHEN substr(:source, 1, 8) = 'account:' THEN source = :source
    ELSE label = :label AND substr(source, 1, 8) <> 'account:' END
    ORDER BY number DESC LIMIT 1"""
NEWEST_RUN = "SELECT coalesce(max(number), 0) FROM run WHERE mode = :mode"
STALE = """UPDATE recap SET stale = 1 WHERE account_id = :account_id AND day IN (:day, :week)
    AND stale = 0 AND kind <> 'digest'"""
RECAP_ACCOUNTS = "SELECT DISTINCT account_id FROM recap ORDER BY account_id"
RECAPS = "SELECT * FROM recap WHERE account_id = :account_id ORDER BY id DESC LIMIT :most"
RECAP = "SELECT * FROM recap WHERE account_id = :account_id AND id = :recap_id"
APPROVE = """UPDATE recap SET approved_ns = :now_ns WHERE account_id = :account_id
    AND id = :recap_id AND stale = 0 AND approved_ns IS NULL"""
_ALL = -1  # SQLite's own word for no limit


def open_run(
    database: Database, *, mode: Mode, label: str, source: str, now_ns: int, fresh: bool
) -> Run:
    """A fresh account where the market is simulated anew, else the lasting one of its label.

    For those modes the broker keeps its account in memory and counts its ids from one again,
    so an account of an earlier run must not be continued. A stored account's is its own, by
    whatever feed it is looked at.
    """
    if not (mode.simulated or fresh):
        for lasting in database.rows(LASTING, mode=mode.value, label=label, source=source):
            return rows.run_of(lasting)
    [newest] = database.execute(NEWEST_RUN, {"mode": mode.value}).fetchone()
    number = newest + 1
    run = Run(
        account_id=f"{mode.value.upper()}-{number}",
        mode=mode,
        label=label,
        source=source,
        started_ns=now_ns,
    )
    database.execute(ADD_RUN, rows.run_values(run, number))
    return run


def runs(database: Database) -> list[Run]:
    """All runs, oldest first."""
    return [rows.run_of(row) for row in database.rows(RUNS)]


def traded_accounts(database: Database) -> list[str]:
    """Accounts of runs that have a fill, by the beginning of the first one."""
    return [row["account_id"] for row in database.rows(TRADED)]


def save_recap(database: Database, recap: StoredRecap) -> StoredRecap:
    """One more recap, given back with its id; the newest of a day and kind counts."""
    cursor = database.execute(ADD_RECAP, rows.recap_values(recap))
    return msgspec.structs.replace(recap, recap_id=cursor.lastrowid or 0)


def approve_recap(database: Database, account_id: str, recap_id: int, now_ns: int) -> bool:
    """Approve it unless it is stale: one statement, so that no correction comes in between."""
    named = {"account_id": account_id, "recap_id": recap_id, "now_ns": now_ns}
    return database.execute(APPROVE, named).rowcount == 1


def mark_recaps_stale(database: Database, account_id: str, day: str) -> None:
    """Every recap of the day and of its week; their words and figures stay as they were.

    A digest tells of the market, whatever was filled.
    """
    named = {"account_id": account_id, "day": day, "week": iso_week(day)}
    database.execute(STALE, named)


def recap_accounts(database: Database) -> list[str]:
    """Accounts with a stored recap, by name."""
    return [row["account_id"] for row in database.rows(RECAP_ACCOUNTS)]


def recaps(database: Database, account_id: str, most: int | None = None) -> list[StoredRecap]:
    """The recaps of the account, newest first; all of them for None."""
    found = database.rows(RECAPS, account_id=account_id, most=_ALL if most is None else most)
    return [rows.recap_of(row) for row in found]


def recap(database: Database, account_id: str, recap_id: int) -> StoredRecap | None:
    """One recap of the account."""
    found = database.rows(RECAP, account_id=account_id, recap_id=recap_id)
    return rows.recap_of(found[0]) if found else None

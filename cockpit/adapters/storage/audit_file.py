"""Reads the audit log of a file without changing it, row by row, whoever has it open."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from cockpit.adapters.storage.audit_chain import AuditRow, ChainReport, check_chain
from cockpit.adapters.storage.audit_tables import first_difference
from cockpit.adapters.storage.failures import explain

ROWS = "SELECT seq, ts_ns, account_id, kind, payload, prev_hash, hash FROM audit ORDER BY seq"
OF_ACCOUNT = ROWS.replace("ORDER BY", "WHERE account_id = ? ORDER BY")
NEXT = ROWS.replace("ORDER BY", "WHERE seq >= ? ORDER BY") + " LIMIT ?"
TABLES = "SELECT count(*) FROM sqlite_master WHERE name IN ('audit', 'audit_head')"
BEFORE_AUDIT = ("0001",)
"""Revisions of the tables that knew no audit log yet."""


def verify_audit(path: Path) -> ChainReport | None:
    """Check the whole chain, then the tables against it; None for a file older than the log.

    Raises StoreError when the file can't be read.
    """
    with _reading(path) as db:
        if db.execute(TABLES).fetchone() == (2,):
            ends = db.execute("SELECT seq, hash FROM audit_head").fetchall()
            rows = (AuditRow(*row) for row in db.execute(ROWS))
            report = check_chain(rows, ends[0] if len(ends) == 1 else (0, ""))
            if report.fault:
                return report
            return msgspec.structs.replace(report, difference=first_difference(db))
        revision = db.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision and revision[0] in BEFORE_AUDIT:
        return None
    return ChainReport(rows=0, head="", fault="row 1: the tables of the log are gone")


def follow_audit(path: Path, seq: int, head: str, most: int) -> ChainReport | None:
    """Check the next `most` rows after row `seq`, whose hash was `head` (0 and START at first).

    `rows` of the answer is how far it has come; call it again from there until nothing is
    new. The row it starts from must still be the one it was. None for a file older than the
    log. Raises StoreError when the file can't be read.
    """
    with _reading(path) as db:
        if db.execute(TABLES).fetchone() != (2,):
            return None
        ends = db.execute("SELECT seq, hash FROM audit_head").fetchall()
        end = ends[0] if len(ends) == 1 else (0, "")
        rows = [AuditRow(*row) for row in db.execute(NEXT, (seq, most + 1))]
        if seq:
            if not rows or rows[0].seq != seq or rows[0].hash != head:
                fault = f"row {seq}: it is not the row that was checked before"
                return ChainReport(rows=seq, head=head, fault=fault)
            rows = rows[1:]
        if len(rows) >= most:
            rows = rows[:most]
            end = (rows[-1].seq, rows[-1].hash)
        return check_chain(rows, end, begin=(seq, head))


def read_audit(path: Path, account_id: str = "") -> Iterator[AuditRow]:
    """The rows, oldest first, of one account or of all; none in a file without a log.

    Raises StoreError.
    """
    with _reading(path) as db:
        if db.execute(TABLES).fetchone() != (2,):
            return
        found = db.execute(OF_ACCOUNT, (account_id,)) if account_id else db.execute(ROWS)
        for row in found:
            yield AuditRow(*row)


@contextmanager
def _reading(path: Path) -> Generator[sqlite3.Connection]:
    """One moment of the file: what is added meanwhile is not seen."""
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        ) as db:
            db.text_factory = _text
            db.execute("BEGIN")
            yield db
    except sqlite3.Error as error:
        raise explain(error, path) from error


def _text(stored: bytes) -> str:
    """Bytes that are no text must be found as a bad row, not end the reading."""
    return stored.decode("utf-8", "surrogateescape")

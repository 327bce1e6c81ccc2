"""The audit log from the command line: read as it is stored, without a session or a lock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cockpit.adapters.storage.audit_chain import AuditRow, ChainReport
from cockpit.adapters.storage.audit_file import read_audit, verify_audit
from cockpit.app.errors import NothingThereError
from cockpit.app.ledger import ledger_in

__all__ = ["AuditRow", "ChainReport", "stored_rows", "verify"]


def verify(data_dir: Path) -> ChainReport:
    """Check the ledger's chain from its first row to its end, and the tables; changes nothing.

    Raises NothingThereError without a ledger or a log in it, StoreError when it can't be read.
    """
    report = verify_audit(ledger_in(data_dir))
    if report is None:
        why = f"The ledger in {data_dir} is from before there was an audit log."
        raise NothingThereError(why, user_text=f"{why} The next session begins one.")
    return report


def stored_rows(data_dir: Path, account_id: str) -> Iterator[AuditRow]:
    """The rows, oldest first, of one account or with "" of all.

    Raises NothingThereError when there is none, StoreError when it can't be read.
    """
    found = False
    for row in read_audit(ledger_in(data_dir), account_id):
        found = True
        yield row
    if not found:
        why = f"The audit log has no row{f' of {account_id!r}' if account_id else ''}."
        raise NothingThereError(why, user_text=f"{why} Run a session first: cockpit demo")

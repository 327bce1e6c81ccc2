"""Takes what was kept beside the ledger into it: once, whole, and before anything else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import structlog

from cockpit.adapters.storage import audit_rows, ledger_rows
from cockpit.adapters.storage.aside import AsideFile
from cockpit.adapters.storage.audit_chain import AuditRow
from cockpit.adapters.storage.database import Database
from cockpit.domain.errors import DomainError
from cockpit.domain.order import Order

KIND = "emergency"
_log = structlog.get_logger(__name__)


class Folded(msgspec.Struct, frozen=True):
    """What the audit log says before such rows: which file, how many of its rows, their end."""

    first: str
    rows: int
    head: str


class Folding:
    """Called around each transaction of the ledger, in its thread."""

    def __init__(self, aside: AsideFile) -> None:
        self._aside = aside
        self._taken = 0

    def begun(self, database: Database) -> None:
        """Write what waits into the transaction that has just begun."""
        rows = self._aside.rows
        self._taken = len(rows)
        if rows:
            _fold(database, rows)

    def kept(self) -> None:
        """The transaction is durable: what was taken need not wait any more."""
        if self._taken:
            try:
                self._aside.forget(self._taken)
            except OSError as error:  # it is known as taken, and emptied another time
                _log.warning("emergency_file_not_emptied", error=str(error))

    def close(self) -> None:
        """Let go of the file."""
        self._aside.close()


def _fold(database: Database, rows: Sequence[AuditRow]) -> None:
    first = rows[0]
    written = audit_rows.newest(database, KIND, first.account_id)
    known = None if written is None else msgspec.json.decode(written, type=Folded)
    done = known.rows if known is not None and known.first == first.hash else 0
    if len(rows) <= done:
        return
    head = Folded(first.hash, len(rows), rows[-1].hash)
    audit_rows.add(database, KIND, first.account_id, rows[-1].ts_ns, audit_rows.written(head))
    for row in rows[done:]:
        _take(database, row)
    _log.warning("emergency_file_folded", rows=len(rows) - done)


def _take(database: Database, row: AuditRow) -> None:
    kind = row.kind
    if kind == "order":
        try:
            ledger_rows.save_order(database, msgspec.json.decode(row.payload, type=Order))
        except (msgspec.DecodeError, DomainError) as error:  # of another version of the program
            _log.error("emergency_order_unreadable", row=row.payload, error=str(error))
            kind = "emergency_unreadable"
        else:
            return
    audit_rows.add(database, kind, row.account_id, row.ts_ns, row.payload.encode())

"""The ledger on the disk: whether its file is whole and its audit log unbroken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from cockpit.adapters.storage.audit_chain import START, ChainReport
from cockpit.adapters.storage.audit_file import follow_audit
from cockpit.adapters.storage.checkup import schema_state
from cockpit.domain.errors import CockpitError
from cockpit.kernel.aside import aside
from cockpit.ports.health import Check, CheckState

MOST_ROWS = 500
MOST_PIECES = 40
PIECE_PAUSE_S = 0.02
RESTORE = "Don't trade on it: stop, copy the data folder away, restore the newest backup."
_OK, _FAILED = CheckState.OK, CheckState.FAILED


class Integrity:
    """SQLite's own quick check of the file, beside the loop; ends when nobody waits any more."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def ask(self) -> Sequence[Check]:
        """Look now; the file may be open in a cockpit."""
        given_up = False

        def look() -> Check:
            return ledger(self._path, lambda: given_up)

        try:
            return (await aside(look, name="check-ledger"),)
        except CockpitError as error:
            return (_failed("ledger", error.user_text, RESTORE),)
        finally:
            given_up = True


class AuditTrail:
    """Follows the audit log's chain: all of it once, in pieces, then what is new each time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seq, self._head = 0, START

    async def ask(self) -> Sequence[Check]:
        """Go on from where the last look ended; it yields the processor between two pieces."""
        whole = False
        for _ in range(MOST_PIECES):
            before = self._seq
            report = await aside(self._piece, name="check-audit")
            if report is None:
                return (Check(name="audit log", state=_OK, found="none yet", required=True),)
            if report.fault:
                step = "Run cockpit audit verify, and keep the file as it is."
                return (_failed("audit log", f"Broken at {report.fault}.", step),)
            self._seq, self._head = report.rows, report.head
            whole = self._seq - before < MOST_ROWS
            if whole:
                break
            await asyncio.sleep(PIECE_PAUSE_S)
        found = f"{self._seq:,} rows, unbroken" + ("" if whole else " so far; it goes on")
        return (Check(name="audit log", state=_OK, found=found, required=True),)

    def _piece(self) -> ChainReport | None:
        if not self._path.exists():
            return None
        return follow_audit(self._path, self._seq, self._head, MOST_ROWS)


def ledger(path: Path, given_up: Callable[[], bool] = lambda: False) -> Check:
    """Whether the file is whole. Raises StoreError when not."""
    found = "none yet; it is made at the first start"
    if path.exists():
        found = schema_state(path, given_up)
    return Check(name="ledger", state=_OK, found=found, required=True)


def _failed(name: str, found: str, step: str) -> Check:
    return Check(name=name, state=_FAILED, found=found, next_step=step, required=True)

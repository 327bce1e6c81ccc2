"""The journal asked from a second terminal: the running cockpit writes, for it has the ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from cockpit.app.bookkeeping.acts import carried_out
from cockpit.app.bookkeeping.importing import Ask, import_beside, take_back
from cockpit.app.bookkeeping.measuring import measure_beside
from cockpit.app.bookkeeping.report import DOUBTFUL, ImportReport
from cockpit.app.bookkeeping.writing import imports_of, writing_beside
from cockpit.app.control.messages import (
    EntryRequest,
    EntryTold,
    Imported,
    ImportRequest,
    Measured,
    MeasureRequest,
    RecapsRequest,
    RecapsTold,
    Undone,
    UndoRequest,
)
from cockpit.app.core import Core
from cockpit.app.recapping.shelf import shelf_beside

JournalRequest = EntryRequest | ImportRequest | UndoRequest | MeasureRequest | RecapsRequest


async def kept(
    core: Core, request: JournalRequest, tell: Callable[[str], None]
) -> EntryTold | Imported | Undone | Measured | RecapsTold:
    """Do what is asked; `tell` hears how far a long import is. Raises CockpitError."""
    match request:
        case EntryRequest():
            desk = await writing_beside(core, request.about)
            return EntryTold(outcome=await carried_out(desk, request.act))
        case ImportRequest():
            return Imported(report=await _imported(core, request, tell))
        case MeasureRequest():
            tell("Reading the tapes.")
            found = await measure_beside(core.data_dir, core.store, request.account)
            return Measured(report=found)
        case RecapsRequest():
            return RecapsTold(recaps=await shelf_beside(core).done(request.act))
        case UndoRequest():
            return Undone(batch=await take_back(imports_of(core), request.batch_id))


async def _imported(
    core: Core, request: ImportRequest, tell: Callable[[str], None]
) -> ImportReport:
    ask = Ask(
        file=Path(request.file),
        account=request.account,
        mapping=request.mapping,
        preview=request.preview,
        doubles=request.doubles,
    )
    tell(f"Reading {ask.file.name}.")

    def told(done: int, bookings: int) -> None:
        tell(f"{done:,} of {bookings:,} bookings are stored.")

    report = await import_beside(core.data_dir, imports_of(core), ask, told)
    if request.every_row:
        return report
    doubtful = tuple(row for row in report.rows if row.verdict in DOUBTFUL)
    return msgspec.structs.replace(report, rows=doubtful)

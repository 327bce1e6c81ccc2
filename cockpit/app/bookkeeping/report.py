"""What a statement said, line by line, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from cockpit.journal.statements.booking import Numbered
from cockpit.journal.statements.statement import Line, Statement, Verdict

KNOWN = "known"
"""Verdict on a line that an earlier import booked already."""
DOUBLE = "double"
"""Verdict on a line that another import has booked, for another account or as another kind."""
DOUBTFUL = (Verdict.REVIEW.value, Verdict.UNKNOWN.value, DOUBLE)
"""Verdicts on lines that a person should look at."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What of a statement is in the ledger already: known lines, and why others are doubles.

    `notes` are about the file as a whole.
    """

    known: frozenset[int] = frozenset()
    doubles: Mapping[int, str] = {}
    notes: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one line: booked, known, double, ignored, review or unknown."""

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
    doubles: int = 0


class MeasureReport(msgspec.Struct, frozen=True, kw_only=True):
    """How many trades were measured, how many no tape has seen, and the tapes not readable."""

    measured: int
    unseen: int
    unreadable: tuple[str, ...] = ()


def report_of(
    file: str,
    statement: Statement,
    found: Sequence[Numbered],
    seen: Seen,
    batch_id: str,
) -> ImportReport:
    """A verdict on each line of `statement`."""
    accounts = {each.line: each.booking.account_id for each in found}
    rows = tuple(_row(line, seen, accounts.get(line.number, "")) for line in statement.lines)
    verdicts = (KNOWN, DOUBLE, *Verdict)
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in verdicts}
    return ImportReport(
        file=file,
        format=statement.format,
        title=statement.title,
        batch_id=batch_id if counts[Verdict.BOOKED] else "",
        accounts=tuple(sorted(set(accounts.values()))),
        booked=counts[Verdict.BOOKED],
        known=counts[KNOWN],
        ignored=counts[Verdict.IGNORED],
        review=counts[Verdict.REVIEW],
        unknown=counts[Verdict.UNKNOWN],
        warnings=(*statement.warnings, *seen.notes),
        rows=rows,
        doubles=counts[DOUBLE],
    )


def _row(line: Line, seen: Seen, account: str) -> Row:
    verdict, reason = line.verdict.value, line.reason
    if line.number in seen.known:
        verdict, reason = KNOWN, "an earlier import booked it"
    elif line.number in seen.doubles:
        verdict, reason = DOUBLE, seen.doubles[line.number]
    return Row(line=line.number, verdict=verdict, reason=reason, account=account, text=line.text)

"""What a statement said, line by line, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cockpit.journal.statements.booking import Numbered
from cockpit.journal.statements.statement import Statement, Verdict

KNOWN = "known"
"""Verdict on a line that an earlier import booked already."""
DOUBTFUL = (Verdict.REVIEW.value, Verdict.UNKNOWN.value)
"""Verdicts on lines that a person should look at."""


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


class MeasureReport(msgspec.Struct, frozen=True, kw_only=True):
    """How many trades were measured, how many no tape has seen, and the tapes not readable."""

    measured: int
    unseen: int
    unreadable: tuple[str, ...] = ()


def report_of(
    file: str,
    statement: Statement,
    found: Sequence[Numbered],
    known: set[int],
    batch_id: str,
) -> ImportReport:
    """A verdict on each line of `statement`; `known` are the lines that were booked before."""
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
        warnings=statement.warnings,
        rows=rows,
    )

"""A table of one's own: which column means what, guessed, remembered, or told by a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from cockpit.app.bookkeeping.errors import StatementFileError
from cockpit.app.bookkeeping.mappings import Mappings
from cockpit.journal.statements import mapped
from cockpit.journal.statements.errors import ColumnsError
from cockpit.journal.statements.statement import Statement
from cockpit.journal.statements.table import Record, Source

SHOWN = 8
"""Rows of a table that a person looks at to say what its columns mean."""


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """The first records of a file, and which column of the heading is taken for what.

    `heading` is the place of the heading among `records`. `mapping` is by meaning; empty text says
    that a person wants no column for it. `remembered` tells that a person said so before.
    """

    records: tuple[Record, ...]
    heading: int
    mapping: Mapping[str, str]
    remembered: bool = False


def read_table(source: Source, mappings: Mappings, told: Mapping[str, str]) -> Statement:
    """The file as a table of trades; what is told is remembered for its headings.

    Raises StatementFileError, and StatementError where columns are missing.
    """
    found = columns_of(source, mappings, told)
    heading = found.records[found.heading].cells
    _refuse_unknown(told, heading)
    mapping = {**found.mapping, **told}
    statement = mapped.read(source, _meant(mapping))
    if told:
        mappings.remember(heading, mapping)
    return statement


def columns_of(source: Source, mappings: Mappings, told: Mapping[str, str]) -> Columns:
    """What the columns seem to mean: as told before, else by their usual names.

    Raises StatementError for a file without a record, and StatementFileError.
    """
    records = mapped.records_of(source)
    at, before = mapped.heading_at(source, _meant(told)), None
    if not told:
        for place, record in enumerate(records[: mapped.SEARCHED]):
            before = mappings.of(record.cells)
            if before is not None:
                at = place
                break
    else:
        before = mappings.of(records[at].cells)
    return Columns(
        records=tuple(records[: mapped.SEARCHED + SHOWN]),
        heading=at,
        mapping={**mapped.guessed(records[at].cells), **(before or {})},
        remembered=before is not None,
    )


def columns_in(data_dir: Path, raw: bytes, why: ColumnsError | None = None) -> Columns:
    """The same for the window; blocks. Raises `why` for what has too few columns for a trade."""
    found = columns_of(Source(raw), Mappings(data_dir), {})
    widest = max(len(set(filter(None, record.cells))) for record in found.records)
    if why is not None and widest < len(mapped.NEEDED):
        raise why
    return found


def _meant(mapping: Mapping[str, str]) -> dict[str, str]:
    """Without the meanings for which no column is wanted."""
    return {meaning: column for meaning, column in mapping.items() if column}


def _refuse_unknown(told: Mapping[str, str], heading: Sequence[str]) -> None:
    meanings = [name for name in told if name not in mapped.MEANINGS]
    columns = _not_in(heading, told.values())
    if not meanings and not columns:
        return
    wrong = f"{meanings[0]} is not a meaning" if meanings else f"there is no column {columns[0]!r}"
    raise StatementFileError(
        wrong,
        user_text=f"The columns can't be mapped: {wrong}. Meanings are "
        f"{', '.join(mapped.MEANINGS)}; the columns are {', '.join(filter(None, heading))}. "
        "Nothing was imported.",
    )


def _not_in(heading: Sequence[str], columns: Iterable[str]) -> list[str]:
    return [column for column in columns if column and column not in set(heading)]

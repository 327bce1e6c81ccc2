"""A statement file as records with their line numbers, and tables found in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.journal.statements.errors import StatementError, UnreadableError
from cockpit.journal.statements.statement import Line, ignored, review

HEADING = "a heading"
_SEARCHED = 40  # records before which a table's heading must stand


class Record(msgspec.Struct, frozen=True):
    """One record of a delimited file; `number` is the line it begins on, from 1."""

    number: int
    cells: tuple[str, ...]

    @property
    def blank(self) -> bool:
        """True when no cell says anything."""
        return not any(self.cells)

    @property
    def text(self) -> str:
        """What it says, for a person to see."""
        return " ".join(cell for cell in self.cells if cell)


class Source:
    """The text of a file. `records` are its lines as delimited records, blank ones left out."""

    def __init__(self, raw: bytes) -> None:
        self.text = _decoded(raw)

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The records, each cell stripped. Raises StatementError for a broken quotation."""
        reader = csv.reader(io.StringIO(self.text), delimiter=_delimiter(self.text))
        found: list[Record] = []
        before = 0
        try:
            for cells in reader:
                found.append(Record(before + 1, tuple(cell.strip() for cell in cells)))
                before = reader.line_num
        except csv.Error as error:
            raise _not_a_table(str(error)) from error
        return tuple(record for record in found if not record.blank)

    def heading(self, *columns: str) -> int | None:
        """Where the record that names all `columns` stands; None when there is none."""
        for index, record in enumerate(self.records[:_SEARCHED]):
            if set(columns) <= set(record.cells):
                return index
        return None


Fields = dict[str, str]
Interpret = Callable[[Fields], Line]


def fields_of(heading: Record, record: Record) -> Fields:
    """The cells by their column's name; "" for a cell that isn't there."""
    cells = (*record.cells, *("",) * len(heading.cells))
    return {name: cell for name, cell in zip(heading.cells, cells, strict=False) if name}


def read_lines(
    heading: Record, records: Iterable[Record], interpret: Interpret
) -> tuple[Line, ...]:
    """A verdict on each record below a heading."""
    return tuple(judged(record, lambda r: interpret(fields_of(heading, r))) for record in records)


def judged(record: Record, interpret: Callable[[Record], Line]) -> Line:
    """A record's verdict; one whose figures can't be read is for a person to see."""
    try:
        line = interpret(record)
    except UnreadableError as error:
        line = review(error.user_text)
    except DomainError as error:
        line = review(str(error))
    return msgspec.structs.replace(line, number=record.number, text=record.text)


def headings(records: Sequence[Record]) -> tuple[Line, ...]:
    """The verdict on records that only say what is below them."""
    return tuple(judged(record, lambda _: ignored(HEADING)) for record in records)


def _decoded(raw: bytes) -> str:
    if b"\0" in raw or raw[:4] in (b"%PDF", b"PK\x03\x04"):
        raise _not_a_table("it is no text file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    head = text[:4000]
    return max((",", ";", "\t"), key=head.count)


def _not_a_table(why: str) -> StatementError:
    return StatementError(
        f"not a table: {why}",
        user_text=f"The file can't be read as a statement: {why}. Nothing was booked. "
        "Export it from the broker as CSV (or OFX/QFX) and import that.",
    )

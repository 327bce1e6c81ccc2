"""A statement file as records with their line numbers, and tables found in it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.journal.statements.errors import StatementError, UnreadableError
from cockpit.journal.statements.figures import is_day, with_decimal_points
from cockpit.journal.statements.statement import Line, ignored, review

HEADING = "a heading"
_SEARCHED = 40  # records before which a table's heading must stand
_TOTAL = re.compile(r"(grand |sub-? ?)?(transactions? |account )?totals?:?", re.IGNORECASE)
_FORMULA = re.compile(r'^="(.*)"$')  # how a spreadsheet keeps the zeros of "0012"
_SEPARATOR = re.compile(r"^sep=(.)\s*$", re.IGNORECASE)


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

    @property
    def total(self) -> bool:
        """True for a sum below a table: a cell says so, and none is a day."""
        named = any(_TOTAL.fullmatch(cell) for cell in self.cells if cell)
        return named and not any(map(is_day, self.cells))


class Source:
    """The text of a file. `records` are its lines as delimited records, blank ones left out."""

    def __init__(self, raw: bytes) -> None:
        self.text = _decoded(raw)

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The records, each cell stripped. Raises StatementError for a broken quotation."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=_delimiter(self.text))
        found: list[Record] = []
        before = 0
        try:
            for cells in reader:
                found.append(Record(before + 1, tuple(map(_cell, cells))))
                before = reader.line_num
        except csv.Error as error:
            raise _not_a_table(str(error)) from error
        return _pointed([record for record in found if not record.blank])

    def heading(self, *columns: str) -> int | None:
        """Where the record that names all `columns` stands; None when there is none.

        Neither capitals nor the number of blanks count.
        """
        wanted = {named(column) for column in columns}
        for index, record in enumerate(self.records[:_SEARCHED]):
            if wanted <= set(map(named, record.cells)):
                return index
        return None


@lru_cache(maxsize=1024)
def named(column: str) -> str:
    """A column's name as it is compared: "Fees  & Comm" is "fees & comm"."""
    return " ".join(column.casefold().split())


class Fields:
    """Cells by their column's name, of which neither capitals nor the number of blanks count."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = {named(column): cell for column, cell in cells.items() if column}

    def __getitem__(self, column: str) -> str:
        """The cell, "" for one that isn't there. Raises UnreadableError without that column."""
        try:
            return self._cells[named(column)]
        except KeyError:
            raise UnreadableError(f"the table has no column {column!r}") from None

    def get(self, *columns: str) -> str:
        """The cell of the first of these columns that says something, else ""."""
        found = (self._cells.get(named(column), "") for column in columns)
        return next(filter(None, found), "")

    @property
    def silent(self) -> bool:
        """True when no cell says anything."""
        return not any(self._cells.values())


Interpret = Callable[[Fields], Line]


def fields_of(heading: Record, record: Record, beside: Mapping[str, str] | None = None) -> Fields:
    """The cells by their column's name; `beside` adds what the file says elsewhere."""
    cells = (*record.cells, *("",) * len(heading.cells))
    return Fields({**dict(zip(heading.cells, cells, strict=False)), **(beside or {})})


Compare = Callable[[Fields, Sequence[Fields]], Line]


def read_lines(
    heading: Record, records: Iterable[Record], interpret: Interpret
) -> tuple[Line, ...]:
    """A verdict on each record below a heading; sums and the heading again are nothing to book."""
    return tuple(
        judged(record, lambda r: _repeats(heading, r) or interpret(fields_of(heading, r)))
        for record in records
    )


def read_beside(heading: Record, records: Sequence[Record], compare: Compare) -> tuple[Line, ...]:
    """The same where what a line means is told by others, too: `compare` has them all."""
    rows = [fields_of(heading, record) for record in records]
    return tuple(
        judged(record, lambda r, f=fields: _repeats(heading, r) or compare(f, rows))
        for record, fields in zip(records, rows, strict=True)
    )


def judged(record: Record, interpret: Callable[[Record], Line]) -> Line:
    """A record's verdict; one whose figures can't be read is for a person to see."""
    line = seen(lambda: interpret(record))
    return msgspec.structs.replace(line, number=record.number, text=record.text)


def seen(read: Callable[[], Line]) -> Line:
    """What is read; what can't be, whatever the reason, is for a person to see."""
    try:
        return read()
    except UnreadableError as error:
        return review(error.user_text)
    except DomainError as error:
        return review(str(error))
    except (ValueError, ArithmeticError) as error:  # no such day, a division by nothing
        return review(f"its figures can't be read ({error})")


def headings(records: Sequence[Record]) -> tuple[Line, ...]:
    """The verdict on records that only say what is below them."""
    return tuple(judged(record, lambda _: ignored(HEADING)) for record in records)


def _repeats(heading: Record, record: Record) -> Line | None:
    if record.total:
        return ignored("a total")
    alike = sum(
        bool(one) and named(one) == named(other)
        for one, other in zip(heading.cells, record.cells, strict=False)
    )
    return ignored(HEADING) if 2 * alike > sum(map(bool, heading.cells)) else None


def _cell(text: str) -> str:
    bare = text.strip()
    formula = _FORMULA.match(bare)
    return bare if formula is None else formula[1].strip()


def _pointed(records: list[Record]) -> tuple[Record, ...]:
    """The records with decimal points, also where the file has decimal commas."""
    pointed = with_decimal_points(cell for record in records for cell in record.cells)
    if pointed is None:
        return tuple(records)
    return tuple(Record(r.number, tuple(map(pointed, r.cells))) for r in records)


def _decoded(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw or raw[:4] in (b"%PDF", b"PK\x03\x04"):
        raise _not_a_table("it is no text file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The one that cuts the first lines into the most cells of one and the same number."""
    head = text[:8000].splitlines(keepends=True)[:_SEARCHED]
    told = _SEPARATOR.match(head[0]) if head else None
    return told[1] if told else max(",;\t|", key=lambda mark: _cut(head, mark))


def _cut(head: Sequence[str], mark: str) -> int:
    try:
        widths = Counter(len(cells) - 1 for cells in csv.reader(head, delimiter=mark))
    except csv.Error:
        return 0
    return max((width * count for width, count in widths.items()), default=0)


def _not_a_table(why: str) -> StatementError:
    return StatementError(
        f"not a table: {why}",
        user_text=f"The file can't be read as a statement: {why}. Nothing was booked. "
        "Export it from the broker as CSV (or OFX/QFX) and import that.",
    )

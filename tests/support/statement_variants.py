"""The same statement as another program, another locale or another day would have written it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

_NUMBER = re.compile(r"-?\$?-?[\d,]*\.?\d+")
_US_DATE = re.compile(r"\d\d/\d\d/\d{4}")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_A_DATE = re.compile(r"\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d|[A-Z][a-z]{2} \d\d, \d{4}")
_NO_FIGURE = re.compile(r"account|ref|order|#|symbol|date|time|/d|id|expir|root", re.IGNORECASE)

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Sheet:
    """A table with its heading at `at`, and how it is written down."""

    rows: Rows
    at: int
    delimiter: str = ","
    end: str = "\n"
    encoding: str = "utf-8"
    quoting: int = csv.QUOTE_MINIMAL

    @property
    def heading(self) -> tuple[str, ...]:
        return self.rows[self.at]

    @property
    def width(self) -> int:
        return len(self.heading)

    @property
    def raw(self) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(
            out, delimiter=self.delimiter, lineterminator=self.end,
            quoting=self.quoting,  # type: ignore[arg-type]  # one of csv's constants
        )  # fmt: skip
        writer.writerows(self.rows)
        return out.getvalue().encode(self.encoding)

    def below(self, changed: Callable[[list[tuple[str, ...]]], Sequence[Sequence[str]]]) -> Sheet:
        """With other rows below the heading; what is no part of the table stays at its end."""
        inside = [row for row in self.rows[self.at + 1 :] if self._is_line(row)]
        beside = [row for row in self.rows[self.at + 1 :] if not self._is_line(row)]
        after = [*map(tuple, changed(inside)), *beside]
        return replace(self, rows=(*self.rows[: self.at + 1], *after))

    def cells(self, changed: Callable[[str, str], str]) -> Sheet:
        """With each cell below the heading changed, by its column's name and what it says."""
        names = (*self.heading, *("",) * 99)
        after = (
            tuple(changed(n, c) for n, c in zip(names, row, strict=False))
            for row in self.rows[self.at + 1 :]
        )
        return replace(self, rows=(*self.rows[: self.at + 1], *after))

    def _is_line(self, row: Sequence[str]) -> bool:
        return any(_A_DATE.match(cell) for cell in row)


def sheet(raw: bytes, at: int) -> Sheet:
    """A file whose heading is its record `at`, blank lines not counted."""
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    filled = tuple(tuple(row) for row in rows if any(cell.strip() for cell in row))
    return Sheet(rows=filled, at=at)


Variant = Callable[[Sheet, Random], Sheet]


def _spread(told: Sheet, chance: Random) -> Sheet:
    """Blank lines here and there."""
    rows: list[tuple[str, ...]] = []
    for row in told.rows:
        rows += [()] * chance.randrange(2)
        rows.append(row)
    return replace(told, rows=tuple(rows), at=rows.index(told.heading))


def _columns(told: Sheet, chance: Random) -> Sheet:
    """The columns in another order."""
    order = list(range(told.width))
    chance.shuffle(order)
    above, below = told.rows[: told.at], told.rows[told.at :]
    wide = [(*row, *("",) * told.width) for row in below]
    return replace(told, rows=(*above, *(tuple(row[n] for n in order) for row in wide)))


def _more(told: Sheet, _chance: Random) -> Sheet:
    """A column that nobody has heard of, with letters that are no ASCII."""
    wide = [(*row, *("",) * told.width)[: told.width] for row in told.rows[told.at :]]
    more = ["Remarques", *("Café d'été" for _ in wide[1:])]
    rows = [(*row, extra) for row, extra in zip(wide, more, strict=True)]
    return replace(told, rows=(*told.rows[: told.at], *rows))


def _total(told: Sheet, _chance: Random) -> Sheet:
    return replace(told, rows=(*told.rows, ("Total", *("",) * (told.width - 1))))


def _again(told: Sheet, chance: Random) -> Sheet:
    """The heading once more, as where two exports were put together."""
    place = chance.randrange(told.at + 1, len(told.rows) + 1)
    return replace(told, rows=(*told.rows[:place], told.heading, *told.rows[place:]))


def _headings(told: Sheet, _chance: Random) -> Sheet:
    loud = tuple(f" {cell.upper()} " if cell else "" for cell in told.heading)
    return replace(told, rows=(*told.rows[: told.at], loud, *told.rows[told.at + 1 :]))


def _figures(change: Callable[[str], str]) -> Variant:
    def changed(name: str, cell: str) -> str:
        is_figure = _NUMBER.fullmatch(cell) and not _NO_FIGURE.search(name)
        return change(cell) if is_figure else cell

    return lambda told, _chance: told.cells(changed)


def _bare(cell: str) -> tuple[str, str, str]:
    """Sign, whole part and fraction of a figure."""
    digits = cell.replace("$", "").replace(",", "")
    whole, _, fraction = digits.lstrip("-").partition(".")
    return "-" if digits.startswith("-") else "", whole or "0", fraction


def _grouped(cell: str) -> str:
    sign, whole, fraction = _bare(cell)
    return f"{sign}{int(whole):,}{'.' if fraction else ''}{fraction}"


def _bracketed(cell: str) -> str:
    sign, whole, fraction = _bare(cell)
    plain = f"{whole}{'.' if fraction else ''}{fraction}"
    return f"({plain})" if sign else plain


def _zeros(cell: str) -> str:
    sign, whole, fraction = _bare(cell)
    return f"{sign}{whole}.{fraction:0<4}"


def _continental(cell: str) -> str:
    sign, whole, fraction = _bare(cell)
    return f"{sign}{f'{int(whole):,}'.replace(',', '.')}{',' if fraction else ''}{fraction}"


def _commas(told: Sheet, chance: Random) -> Sheet:
    return replace(_figures(_continental)(told, chance), delimiter=";")


def _dates(form: str) -> Variant:
    def changed(_name: str, cell: str) -> str:
        if _US_DATE.fullmatch(cell):
            month, day, year = map(int, cell.split("/"))
        elif _ISO_DATE.fullmatch(cell):
            year, month, day = map(int, cell.split("-"))
        else:
            return cell
        return f"{date(year, month, day):{form}}"

    return lambda told, _chance: told.cells(changed)


def _shuffled(told: Sheet, chance: Random) -> Sheet:
    return told.below(lambda rows: chance.sample(rows, len(rows)))


WRITING: dict[str, Variant] = {
    "byte order mark": lambda s, _: replace(s, encoding="utf-8-sig"),
    "windows line ends": lambda s, _: replace(s, end="\r\n"),
    "old line ends": lambda s, _: replace(s, end="\r"),
    "utf-16": lambda s, _: replace(s, encoding="utf-16"),
    "every cell quoted": lambda s, _: replace(s, quoting=csv.QUOTE_ALL),
    "blank lines": _spread,
}
"""What changes a file and not a cell of it: fits every statement."""

TABLE: dict[str, Variant] = {
    "western letters": lambda s, c: replace(_more(s, c), encoding="cp1252"),
    "semicolons": lambda s, _: replace(s, delimiter=";"),
    "tabs": lambda s, _: replace(s, delimiter="\t"),
    "columns shuffled": _columns,
    "an unknown column": _more,
    "a total": _total,
    "the heading again": _again,
    "capital headings": _headings,
    "named months": _dates("%b %d, %Y"),
    "iso dates": _dates("%Y-%m-%d"),
    "oldest first": lambda s, _: s.below(lambda rows: rows[::-1]),
}
"""What may be different in one flat table."""

FIGURES: dict[str, Variant] = {
    "decimal commas": _commas,
    "thousands": _figures(_grouped),
    "brackets": _figures(_bracketed),
    "zeros": _figures(_zeros),
}
"""How figures may be printed."""

UNSORTED: dict[str, Variant] = {"rows in no order": _shuffled}

"""A blotter's columns as data: what a cell says, how it looks, how wide, what sorts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol

from cockpit.ui.theme import FontRole
from cockpit.ui.theme.format import MISSING


class Align(Enum):
    """Where text stands in its cell; numbers stand right."""

    LEFT = auto()
    RIGHT = auto()


class Mark(Enum):
    """A small drawn shape beside a word, so that colour is never alone."""

    RING = auto()  # not begun or waiting
    DOT = auto()  # alive
    HALF = auto()  # partly done
    CHECK = auto()  # done
    CROSS = auto()  # refused or ended without effect
    QUESTION = auto()  # nobody knows
    PAUSE = auto()  # held, halted
    ELSEWHERE = auto()  # not made here
    UP = auto()
    DOWN = auto()


class Look(NamedTuple):
    """How a word of a fixed vocabulary looks: text, colour role, shape."""

    text: str
    role: str
    mark: Mark | None = None


def _plain(_value: Any) -> str:
    return "text"


def muted(_value: Any) -> str:
    """Colour role of labels and secondary figures."""
    return "muted"


def signed_role(value: Any) -> str:
    """Colour role of a gain, a loss or nothing."""
    if value is None or value == 0:
        return "text"
    return "up" if value > 0 else "down"


def text_of(value: Any) -> str:
    """A word as it is; a missing one as the missing sign."""
    return MISSING if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `show`, `role`, `mark` and `sort` take the cell's raw value and give its text, its
    colour's role, the shape beside it and the sort key (None sorts last either way).
    `sample` is the widest usual text; a wider number widens its column. When the table is
    too narrow the column with the highest `drop` leaves first; 0 never leaves. `flash`
    lights a change up, `marks_stale` greys it with its row. `curve` cells hold an array of
    prices painted as a sparkline. `below_buttons` is for the last column of rows with buttons:
    it is as wide as they are, so that they stand over nothing else.
    """

    key: str
    title: str
    show: Callable[[Any], str] = text_of
    sample: str = ""
    align: Align = Align.RIGHT
    role: Callable[[Any], str] = _plain
    mark: Callable[[Any], Mark | None] | None = None
    sort: Callable[[Any], Any] | None = None
    font: FontRole = FontRole.BODY
    stretch: bool = False
    flash: bool = False
    marks_stale: bool = False
    curve: bool = False
    drop: int = 0
    below_buttons: bool = False
    hint: str = ""


class Row(NamedTuple):
    """One row's raw values in the order of the columns; `stale` greys prices.

    `tip` is the whole reason or remark shown on hover.
    """

    values: tuple[Any, ...]
    stale: bool = False
    tip: str = ""


class StillKeys(list[str]):
    """Keys of rows that never change: given again, nothing needs to be looked at again."""


class Rows(Protocol):
    """Where a blotter pulls its rows from, once a frame and only those it shows."""

    def keys(self) -> list[str]:
        """All rows in their natural order."""
        ...

    def row(self, key: str) -> Row:
        """The row now. Raises KeyError for a key that is gone."""
        ...

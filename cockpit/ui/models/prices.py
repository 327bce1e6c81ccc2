"""A price in a cell: a number that sorts and flashes, with the decimals of its instrument."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from cockpit.market.book import Book
from cockpit.ui.theme.format import number, price_places

USUAL = 2
_places = lru_cache(maxsize=256)(price_places)


class CellPrice(float):
    """A price that is shown with other than two decimals."""

    __slots__ = ("places",)
    places: int


def in_cell(value: float | None, places: int) -> float | None:
    """`value`, knowing with how many decimals it is shown."""
    if value is None or places == USUAL:
        return value
    made = CellPrice(value)
    made.places = places
    return made


def price_text(value: float | None) -> str:
    """A cell's price with the decimals it has to have."""
    return number(value, places=value.places if isinstance(value, CellPrice) else USUAL)


def exact(value: Decimal | None) -> str:
    """A price that somebody set, with all its decimals; nothing where there is none."""
    return "" if value is None else number(value, places=_places(value))


def places_of(book: Book, symbol: str) -> int:
    """Decimals of the instrument's tick; two where nobody knows it."""
    instrument = book.instrument(symbol)
    return USUAL if instrument is None else _places(instrument.tick)

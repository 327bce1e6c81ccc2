"""The watchlist as data: its columns, and its rows pulled from the book."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.ui.models.columns import Align, Column, Mark, Row, muted, signed_role
from cockpit.ui.models.prices import in_cell, places_of, price_text
from cockpit.ui.theme import FontRole
from cockpit.ui.theme.format import compact, percent

STALE_AFTER_S = 5.0
SPARK_POINTS = 60
_change = partial(percent, signed=True)


def _name_text(name: tuple[str, bool]) -> str:
    return name[0]


def _name_role(name: tuple[str, bool]) -> str:
    return "warning" if name[1] else "text"


def _name_mark(name: tuple[str, bool]) -> Mark | None:
    return Mark.PAUSE if name[1] else None


def _change_text(change: tuple[bool, float | None]) -> str:
    halted, fraction = change
    return "HALTED" if halted else _change(fraction)


def _change_role(change: tuple[bool, float | None]) -> str:
    halted, fraction = change
    return "warning" if halted else signed_role(fraction)


def _change_sort(change: tuple[bool, float | None]) -> float:
    return -inf if change[1] is None else change[1]


def _no_text(_curve: object) -> str:
    return ""


def columns() -> tuple[Column, ...]:
    """Symbol, last, change, sparkline, bid, ask, spread, volume."""
    return (
        Column(
            "symbol", "Symbol", _name_text, "AAAAA", Align.LEFT, _name_role, _name_mark,
            font=FontRole.STRONG, stretch=True,
        ),
        Column(
            "last", "Last", price_text, "000.00", flash=True, marks_stale=True,
            font=FontRole.STRONG, hint="Price of the last trade",
        ),
        Column(
            "change", "Chg %", _change_text, "HALTED", role=_change_role,
            sort=_change_sort, marks_stale=True,
            hint="Last trade against the previous close; - where one of them is not known",
        ),
        Column("spark", "Session", _no_text, "00000000", curve=True, marks_stale=True, drop=3),
        _quoted("bid", "Bid", "Best price somebody pays", drop=1),
        _quoted("ask", "Ask", "Best price somebody asks", drop=1),
        Column(
            "spread", "Spread", price_text, "0.00", role=muted, marks_stale=True, drop=5,
            hint="Ask minus bid",
        ),
        Column(
            "volume", "Volume", compact, "0.00 M", role=muted, drop=4,
            hint="Shares traded today",
        ),
    )  # fmt: skip


def _quoted(key: str, title: str, hint: str, drop: int) -> Column:
    return Column(
        key, title, price_text, "000.00", flash=True, marks_stale=True, drop=drop, hint=hint
    )


class WatchRows:
    """Rows of the symbols that `symbols` names, pulled from book and bars."""

    def __init__(
        self,
        book: Book,
        bars: BarBook | None = None,
        symbols: Callable[[], list[str]] | None = None,
    ) -> None:
        self._book = book
        self._bars = bars
        self._symbols = symbols or (lambda: list(book.symbols))
        self._curves: dict[str, tuple[int, NDArray[np.float64]]] = {}

    def keys(self) -> list[str]:
        """The watched symbols."""
        return self._symbols()

    def row(self, key: str) -> Row:
        """The symbol's latest values; stale when its quote is older than STALE_AFTER_S."""
        book = self._book
        quote, last, age = book.quote(key), book.last(key), book.age_s(key)
        halted, places = book.halted(key), places_of(book, key)
        values: tuple[Any, ...] = (
            (key, halted),
            in_cell(last.price, places) if last is not None else None,
            (halted, book.change_fraction(key)),
            self._curve(key),
            in_cell(quote.bid, places) if quote is not None else None,
            in_cell(quote.ask, places) if quote is not None else None,
            in_cell(quote.ask - quote.bid, places) if quote is not None else None,
            book.volume(key) or None,
        )
        stale = age is None or age > STALE_AFTER_S
        return Row(values, stale, self._tip(key, age, halted=halted))

    def _tip(self, key: str, age: float | None, *, halted: bool) -> str:
        instrument = self._book.instrument(key)
        name = instrument.name if instrument is not None and instrument.name else key
        if halted:
            return f"{name}: trading is halted by the exchange"
        if age is None:
            return f"{name}: no quote yet"
        return f"{name}: quote {age:.1f} s old" if age > STALE_AFTER_S else name

    def _curve(self, key: str) -> NDArray[np.float64] | None:
        """Closes of the session, thinned; made anew with each new bar only."""
        if self._bars is None:
            return None
        self._bars.past.list(key)
        series = self._bars.series(key)
        known = self._curves.get(key)
        if known is not None and known[0] == len(series):
            return known[1]
        step = max(1, len(series) // SPARK_POINTS)
        closes = series.close[::-step][::-1].copy()  # always with the newest
        self._curves[key] = (len(series), closes)
        return closes

"""Symbols that were renamed: the same shares, under another name from a day on.

Statements don't tell of it: the one name was bought, the other is sold. Whoever held the old name
on that day holds the new one; a trade that was closed before keeps the name that it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from cockpit.domain.imported import Booking, Conversion, Effect, Entry, Execution, Split, Transfer
from cockpit.domain.values import ZERO
from cockpit.journal.days import day_of


class SymbolChange(NamedTuple):
    """`old` is called `new` from `day` (New York, ISO 8601) on; one share stays one share."""

    old: str
    new: str
    day: str


KNOWN: Sequence[SymbolChange] = (
    SymbolChange("PCLN", "BKNG", "2018-02-27"),
    SymbolChange("SYMC", "NLOK", "2019-11-05"),
    SymbolChange("BBT", "TFC", "2019-12-09"),
    SymbolChange("LB", "BBWI", "2021-08-03"),
    SymbolChange("COG", "CTRA", "2021-10-04"),
    SymbolChange("WLTW", "WTW", "2022-01-10"),
    SymbolChange("VIAC", "PARA", "2022-02-17"),
    SymbolChange("BLL", "BALL", "2022-05-10"),
    SymbolChange("FB", "META", "2022-06-09"),
    SymbolChange("ANTM", "ELV", "2022-06-28"),
    SymbolChange("NLOK", "GEN", "2022-11-08"),
    SymbolChange("PKI", "RVTY", "2023-05-16"),
    SymbolChange("FISV", "FI", "2023-06-07"),
    SymbolChange("RE", "EG", "2023-07-10"),
    SymbolChange("ABC", "COR", "2023-08-30"),
    SymbolChange("FLT", "CPAY", "2024-03-25"),
    SymbolChange("SQ", "XYZ", "2025-01-21"),
)


def renamed(
    bookings: Sequence[Booking], changes: Iterable[SymbolChange] = KNOWN
) -> Sequence[Booking]:
    """The bookings (by time) with what was held over a change under its new name."""
    symbols = {getattr(booking.entry, "symbol", "") for booking in bookings}
    for change in changes:
        if change.old in symbols:
            for currency in sorted({booking.currency for booking in bookings}):
                bookings = _over(bookings, change, currency)
            symbols.add(change.new)
    return bookings


def _over(bookings: Sequence[Booking], change: SymbolChange, currency: str) -> Sequence[Booking]:
    """The same for what is held in one currency."""
    held, opened = ZERO, len(bookings)  # where the position began that is held on that day
    for place, booking in enumerate(bookings):
        if day_of(booking.ts_event) >= change.day:
            break
        if booking.currency != currency:
            continue
        before, held = held, _held_after(held, booking.entry, change.old)
        if before == 0 and held != 0:
            opened = place
    if held == 0:
        return bookings
    return [
        booking
        if place < opened or booking.currency != currency or day_of(booking.ts_event) >= change.day
        else _called(booking, change)
        for place, booking in enumerate(bookings)
    ]


def _held_after(held: Decimal, entry: Entry, symbol: str) -> Decimal:
    if isinstance(entry, Conversion) and entry.gives == symbol:
        return max(ZERO, held - entry.given)
    if getattr(entry, "symbol", "") != symbol:
        return held
    match entry:
        case Execution():
            closes = max(ZERO, -entry.side.sign * held)
            size = min(entry.quantity, closes) if entry.effect is Effect.CLOSES else entry.quantity
            return held + entry.side.sign * size
        case Split():
            return entry.after(held) or held
        case Transfer():
            return held + entry.quantity if entry.quantity < 0 or entry.price else held
        case Conversion():
            return held + entry.received
        case _:
            return held


def _called(booking: Booking, change: SymbolChange) -> Booking:
    entry = booking.entry
    told: dict[str, str] = {}
    if getattr(entry, "symbol", "") == change.old:
        told["symbol"] = change.new
    if isinstance(entry, Conversion) and entry.gives == change.old:
        told["gives"] = change.new
    if not told:
        return booking
    return msgspec.structs.replace(booking, entry=msgspec.structs.replace(entry, **told))

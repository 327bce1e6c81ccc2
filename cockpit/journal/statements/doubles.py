"""Lines that say what another import has booked already, under another account or format.

A key knows a line again where it is read the same way for the same account. The same file read as
another kind of statement, or booked under another name, has other keys and would be booked twice:
so what is new is compared with the ledger by what happened, whatever it is called there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from cockpit.domain.imported import (
    Booking,
    CashMovement,
    Conversion,
    Entry,
    Execution,
    Expiry,
    Split,
    Transfer,
)
from cockpit.journal.days import day_of
from cockpit.journal.statements.booking import Numbered

_SIGNS = re.compile(r"[^A-Z0-9]")
_CENT = Decimal("0.01")
_SECOND = 1_000_000_000

Key = tuple[str, str]
"""An account and a booking's key in it."""
What = tuple[str | Decimal, ...]


def doubles_of(
    new: Sequence[Numbered],
    booked: Iterable[tuple[str, Booking]],
    *,
    claimed: Collection[Key] = (),
    same_file: Collection[str] = (),
) -> dict[int, Booking]:
    """The lines of `new` that say what `booked` has, each with its counterpart there.

    `booked` are the ledger's with the import they are from; `claimed` are those that other lines of
    this file are known by, `same_file` the imports of this very file. What one import of a format
    has booked for an account stands for itself: there keys tell lines apart. Cash alone proves
    nothing, since equal sums are paid to many: it follows where a trade of the file is a double or
    the file is the same, and where there is nothing else and all of it is there.
    """
    there: defaultdict[What, list[tuple[str, Booking]]] = defaultdict(list)
    for batch, booking in booked:
        if (booking.account_id, booking.key) not in claimed:
            there[_what(booking)].append((batch, booking))
    found: dict[int, Booking | None] = {}
    for each in sorted(new, key=lambda one: isinstance(one.booking.entry, CashMovement)):
        twin = _twin(each.booking, there.get(_what(each.booking), []), same_file)
        found[each.line] = None if found.get(each.line, twin) is None else twin
    doubles = {line: twin for line, twin in found.items() if twin is not None}
    trades = [each for each in new if not isinstance(each.booking.entry, CashMovement)]
    alike = any(each.line in doubles for each in trades) if trades else len(doubles) == len(found)
    return doubles if same_file or alike else {}


def _twin(
    booking: Booking, candidates: list[tuple[str, Booking]], same_file: Collection[str]
) -> Booking | None:
    """One of the candidates, which is no other line's counterpart then."""
    for place, (batch, other) in enumerate(candidates):
        elsewhere = (other.account_id, _format(other)) != (booking.account_id, _format(booking))
        if (elsewhere or batch in same_file) and _at_one_time(booking, other):
            return candidates.pop(place)[1]
    return None


def _at_one_time(one: Booking, other: Booking) -> bool:
    """True in one second; on one day is enough where one of them tells no more."""
    told = one.timed and other.timed
    return not told or one.ts_event // _SECOND == other.ts_event // _SECOND


def _format(booking: Booking) -> str:
    """The statement's kind, with which a key begins."""
    return booking.key.rsplit("-", 2)[0]


def _what(booking: Booking) -> What:
    """What happened on which day, as any statement tells it: prices to the cent, no fees."""
    entry = booking.entry
    return (day_of(booking.ts_event), booking.currency, type(entry).__name__, *_told(entry))


def _told(entry: Entry) -> What:
    match entry:
        case Execution():
            price = entry.price.quantize(_CENT)
            return _plain(entry.symbol), entry.side.value, entry.quantity, price
        case Split():
            return _plain(entry.symbol), entry.change
        case Transfer():
            return _plain(entry.symbol), entry.quantity
        case Conversion():
            return _plain(entry.gives), entry.given, _plain(entry.symbol), entry.received
        case Expiry():
            return _plain(entry.symbol), entry.quantity
        case CashMovement():
            return (entry.amount.quantize(_CENT),)


def _plain(symbol: str) -> str:
    """BRK.B, BRK/B and BRK B are one."""
    return _SIGNS.sub("", symbol.upper())


def told_of(doubles: Mapping[int, Booking]) -> dict[int, str]:
    """Why each of these lines is taken for a double."""
    return {
        line: f"{twin.account_id} has the same already, from a {_format(twin)} statement"
        for line, twin in doubles.items()
    }

"""What came first on a day of which a statement knows no times.

An export has its own order within a day, and some have none. What is closed must have been opened:
where the order told would close what nobody held, another one is taken that doesn't.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby

import msgspec

from cockpit.domain.imported import Booking, Effect, Execution, Expiry
from cockpit.domain.values import ZERO
from cockpit.journal.days import day_of

Held = Callable[[str], Decimal]
"""What is held of a symbol, signed, before the day."""


def by_day(bookings: Iterable[Booking]) -> Iterator[list[Booking]]:
    """Bookings (by time) of one day without times together, any other alone."""
    numbered = enumerate(bookings)
    for _, group in groupby(numbered, lambda n: n[0] if n[1].timed else day_of(n[1].ts_event)):
        yield [booking for _, booking in group]


def as_it_must_have_been(day: Sequence[Booking], held: Held) -> Sequence[Booking]:
    """The bookings of a day in an order that closes as little as possible of what nobody held."""
    if len(day) < 2:
        return day
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, booking in enumerate(day):
        if isinstance(booking.entry, Execution | Expiry):
            places[booking.entry.symbol].append(place)
    ordered = list(day)
    for symbol, own in places.items():
        told = [day[place] for place in own]
        best = _best(told, held(symbol))
        if best is not told:
            for place, booking in zip(own, best, strict=True):
                at = day[place].ts_event
                ordered[place] = msgspec.structs.replace(booking, ts_event=at)
    return ordered


def _best(told: list[Booking], held: Decimal) -> list[Booking]:
    lacking = _lacking(told, held)
    if lacking == 0:
        return told
    turned = told[::-1]
    opening_first = sorted(told, key=_closes)
    best = min((told, turned, opening_first), key=lambda order: _lacking(order, held))
    return best if _lacking(best, held) < lacking else told


def _closes(booking: Booking) -> bool:
    return isinstance(booking.entry, Expiry) or (
        isinstance(booking.entry, Execution) and booking.entry.effect is Effect.CLOSES
    )


def _lacking(order: Sequence[Booking], held: Decimal) -> Decimal:
    """Units that this order closes though nobody held them."""
    lacking = ZERO
    for booking in order:
        entry = booking.entry
        if isinstance(entry, Expiry):
            ended = min(entry.quantity, abs(held))
            lacking += entry.quantity - ended
            held += -ended if held > 0 else ended
        elif isinstance(entry, Execution):
            size = entry.quantity
            if entry.effect is Effect.CLOSES:
                size = min(size, max(ZERO, -entry.side.sign * held))
                lacking += entry.quantity - size
            held += entry.side.sign * size
    return lacking

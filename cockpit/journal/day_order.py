"""What came first on a day of which a statement knows no times.

An export has its own order within a day, and some have none. What is closed must have been opened:
where the order told would close what nobody held, another one is taken that doesn't.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

import msgspec

from cockpit.domain.imported import Booking, Effect, Execution, Expiry
from cockpit.domain.values import ZERO
from cockpit.journal.days import day_of
from cockpit.journal.tradebook import Instrument

Held = Callable[[Booking], Decimal]
"""What is held of what a booking is about, signed, before the day."""


def by_day(bookings: Iterable[Booking]) -> Iterator[list[Booking]]:
    """Bookings (by time) of each day together."""
    for _, group in groupby(bookings, lambda booking: day_of(booking.ts_event)):
        yield list(group)


def as_it_must_have_been(day: Sequence[Booking], held: Held) -> Sequence[Booking]:
    """The bookings of a day in an order that closes as little as possible of what nobody held.

    What has a time keeps it. What has none goes first, except for ends and closes that would lack
    units then: they go behind what was traded of the symbol.
    """
    untimed = [booking for booking in day if not booking.timed]
    if not untimed or len(day) < 2:
        return day
    ordered = _among_untimed(untimed, held)
    timed: defaultdict[Instrument, list[Booking]] = defaultdict(list)
    for booking in day:
        if booking.timed and isinstance(booking.entry, Execution | Expiry):
            timed[_about(booking)].append(booking)
    if not timed:
        return [*ordered, *(booking for booking in day if booking.timed)]
    moved = _moved_behind(ordered, timed, held)
    every = (*ordered, *(booking for booking in day if booking.timed))
    return sorted(
        (moved.get(booking.key, booking) for booking in every), key=lambda each: each.ts_event
    )


def _moved_behind(
    untimed: Sequence[Booking], timed: Mapping[Instrument, list[Booking]], held: Held
) -> dict[str, Booking]:
    """By key, what ends or closes behind the trades of its symbol, with its place in time."""
    found: dict[str, Booking] = {}
    for instrument, trades in timed.items():
        own = [booking for booking in untimed if _about(booking) == instrument]
        before = held(trades[0])
        late = [booking for booking in own if _closes(booking)]
        early = [booking for booking in own if not _closes(booking)]
        told = _lacking([*own, *trades], before)
        if _lacking([*early, *trades, *late], before) < told:
            for place, booking in enumerate(late, start=1):
                at = trades[-1].ts_event + place
                found[booking.key] = msgspec.structs.replace(booking, ts_event=at)
    return found


def _among_untimed(day: Sequence[Booking], held: Held) -> Sequence[Booking]:
    if len(day) < 2:
        return day
    places: defaultdict[Instrument, list[int]] = defaultdict(list)
    for place, booking in enumerate(day):
        if isinstance(booking.entry, Execution | Expiry):
            places[_about(booking)].append(place)
    ordered = list(day)
    for own in places.values():
        told = [day[place] for place in own]
        best = _best(told, held(told[0]))
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


def _about(booking: Booking) -> Instrument:
    return getattr(booking.entry, "symbol", ""), booking.currency


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

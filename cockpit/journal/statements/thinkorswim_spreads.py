"""The legs of thinkorswim's spreads: its cash balance books a sum, its trade history has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from cockpit.domain.imported import ONE, Effect, Execution
from cockpit.domain.order import Side
from cockpit.domain.values import CENT, ZERO
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.figures import (
    CONTRACT,
    day,
    needed,
    option_symbol,
    time_of_day,
)
from cockpit.journal.statements.statement import When
from cockpit.journal.statements.table import Fields, Record, fields_of

EFFECTS = {"TO OPEN": Effect.OPENS, "TO CLOSE": Effect.CLOSES}
_COLUMNS = {"Exec Time", "Pos Effect", "Side", "Exp", "Strike"}
_FEE_STEP = Decimal("0.000001")


class Leg(NamedTuple):
    """One of several trades that were made as one. `quantity` is signed."""

    symbol: str
    quantity: Decimal
    price: Decimal
    multiplier: Decimal
    effect: Effect | None


class Spreads:
    """What was traded in several legs, by the minute; each is taken once."""

    def __init__(self, records: Iterable[Record], sections: set[str]) -> None:
        self._by_minute: defaultdict[str, list[list[Leg]]] = defaultdict(list)
        for when, legs in _groups(records, sections):
            if len(legs) > 1:
                self._by_minute[minute_of(when)].append(legs)

    def take(self, when: When, amount: Decimal) -> Sequence[Leg]:
        """The legs traded in that minute that make this amount; empty when none do."""
        waiting = self._by_minute[minute_of(when)]
        for place, legs in enumerate(waiting):
            made = sum((-leg.quantity * leg.price * leg.multiplier for leg in legs), ZERO)
            if abs(made - amount) <= CENT:
                return waiting.pop(place)
        return ()


def executions_of(legs: Sequence[Leg], fee: Decimal) -> list[Execution]:
    """The legs as trades; each bears its share of the fee by quantity."""
    whole = sum((abs(leg.quantity) for leg in legs), ZERO)
    shares = [(fee * abs(leg.quantity) / whole).quantize(_FEE_STEP) for leg in legs[:-1]]
    shares.append(fee - sum(shares, ZERO))
    return [
        Execution(
            symbol=leg.symbol,
            side=Side.BUY if leg.quantity > 0 else Side.SELL,
            quantity=abs(leg.quantity),
            price=leg.price,
            fee=share,
            multiplier=leg.multiplier,
            effect=leg.effect,
        )
        for leg, share in zip(legs, shares, strict=True)
    ]


def typed(text: str) -> When:
    """A day and a time in one cell."""
    date, _, clock = text.partition(" ")
    return When(day(date), time_of_day(clock))


def minute_of(when: When) -> str:
    """The two sections agree on the minute, not always on the second."""
    return f"{when.day} {(when.ns or 0) // 60_000_000_000}"


def _groups(records: Iterable[Record], sections: set[str]) -> list[tuple[When, list[Leg]]]:
    """A leg without a time belongs to the one above it."""
    found: list[tuple[When, list[Leg]]] = []
    heading = None
    for record in records:
        if record.cells[0] in sections:
            heading = None
        elif set(record.cells) >= _COLUMNS:
            heading = record
        elif heading is not None:
            fields = fields_of(heading, record)
            try:
                if fields["Exec Time"]:
                    found.append((typed(fields["Exec Time"]), []))
                if found:
                    found[-1][1].append(_leg(fields))
            except (UnreadableError, ValueError):
                continue  # whose legs can't be read stays a spread for a person to see
    return found


def _leg(fields: Fields) -> Leg:
    symbol, multiplier = fields["Symbol"], ONE
    if fields["Type"] in ("CALL", "PUT"):
        expiry = datetime.strptime(fields["Exp"].title(), "%d %b %y").date()  # noqa: DTZ007 -- a day has no zone
        strike = needed(fields["Strike"], "strike")
        symbol = option_symbol(symbol, expiry, fields["Type"], strike)
        multiplier = CONTRACT
    return Leg(
        symbol=symbol,
        quantity=needed(fields["Qty"], "quantity"),
        price=needed(fields["Price"], "price"),
        multiplier=multiplier,
        effect=EFFECTS.get(fields["Pos Effect"]),
    )

"""An imported account's book: bookings folded in the order they happened.

What a statement can't tell stays untold. Shares sold that no statement brought in are not a
short: their cost is unknown, so they make no trade and are listed as unmatched.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.fill import Fill
from cockpit.domain.imported import (
    Booking,
    CashMovement,
    Conversion,
    Effect,
    Entry,
    Execution,
    Expiry,
    Split,
    Transfer,
)
from cockpit.domain.values import ZERO
from cockpit.journal.day_order import as_it_must_have_been, by_day
from cockpit.journal.statistics import USD
from cockpit.journal.symbol_changes import renamed
from cockpit.journal.tradebook import TradeBook

IMPORTED = "imported"
"""Strategy of a trade from a statement: which one it was, no statement says."""


class Unmatched(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be matched, and why: it is in no trade and in no position."""

    booking: Booking
    symbol: str
    quantity: Decimal
    reason: str


class ImportedBook:
    """The trades of one imported account, with its cash movements and what didn't match."""

    def __init__(
        self, account_id: str, bookings: Iterable[Booking], *, average_cost: bool = False
    ) -> None:
        every = renamed(sorted(bookings, key=lambda booking: booking.ts_event))
        self.trades = TradeBook(
            account_id, multipliers=_multipliers(every), average_cost=average_cost
        )
        self.trades.currencies = _currencies(every)
        self.cash: list[Booking] = []
        self.unmatched: list[Unmatched] = []
        self._held: dict[str, Decimal] = {}
        for day in by_day(every):
            for booking in as_it_must_have_been(day, self._of):
                self._take(booking, booking.entry)

    def _take(self, booking: Booking, entry: Entry) -> None:
        match entry:
            case Execution():
                self._trade(booking, entry)
            case Split():
                self._split(booking, entry)
            case Transfer():
                self._transfer(booking, entry)
            case Conversion():
                self._convert(booking, entry)
            case Expiry():
                self._expire(booking, entry)
            case CashMovement():
                self.cash.append(booking)

    def _trade(self, booking: Booking, entry: Execution) -> None:
        quantity = entry.quantity
        if entry.effect is Effect.CLOSES:
            held = max(ZERO, -entry.side.sign * self._of(entry.symbol))
            quantity = min(quantity, held)
        if quantity < entry.quantity:
            why = "it was held before the first statement, so its cost is not known"
            self._miss(booking, entry.symbol, entry.quantity - quantity, why)
        if quantity == 0:
            return
        fill = _fill(booking, entry, quantity)
        self._held[entry.symbol] = self._of(entry.symbol) + fill.signed_quantity
        self.trades.add(fill)

    def _split(self, booking: Booking, entry: Split) -> None:
        after = entry.after(self._of(entry.symbol))
        if after == 0:
            why = "nothing was held that a split could change"
            self._miss(booking, entry.symbol, entry.change, why)
            return
        cost = self._cost(entry.symbol) / abs(after)
        self._set(booking, entry.symbol, after, cost, AdjustmentKind.SPLIT)

    def _transfer(self, booking: Booking, entry: Transfer) -> None:
        held = self._of(entry.symbol)
        after = held + entry.quantity
        if entry.quantity > 0 and entry.price is None:
            why = "the statement does not say what it cost"
            self._miss(booking, entry.symbol, entry.quantity, why)
            return
        if entry.quantity < 0 and after < 0:
            why = "more went than was held"
            self._miss(booking, entry.symbol, entry.quantity, why)
            return
        cost = self._cost_after(entry, held) if after else ZERO
        self._set(booking, entry.symbol, after, cost, AdjustmentKind.TRANSFER)

    def _cost_after(self, entry: Transfer, held: Decimal) -> Decimal:
        after = abs(held + entry.quantity)
        if after > abs(held):
            came = abs(entry.quantity) * (entry.price or ZERO)
            return (self._cost(entry.symbol) + came) / after
        return self._cost(entry.symbol) / abs(held)

    def _convert(self, booking: Booking, entry: Conversion) -> None:
        held = self._of(entry.gives)
        if held < entry.given:
            why = f"{entry.gives} was held before the first statement, so its cost is not known"
            self._miss(booking, entry.symbol, entry.received, why)
            return
        cost = self._cost(entry.gives) * entry.given / held
        left, own = held - entry.given, self._of(entry.symbol)
        average = self._cost(entry.gives) / held if left else ZERO
        self._set(booking, entry.gives, left, average, AdjustmentKind.TRANSFER)
        total = own + entry.received
        worth = (self._cost(entry.symbol) + cost) / total
        self._set(booking, entry.symbol, total, worth, AdjustmentKind.TRANSFER)

    def _expire(self, booking: Booking, entry: Expiry) -> None:
        held = self._of(entry.symbol)
        ended = min(entry.quantity, abs(held))
        if ended < entry.quantity:
            why = "it was held before the first statement, so what it had cost is not known"
            self._miss(booking, entry.symbol, entry.quantity - ended, why)
        if ended == 0:
            return
        left = abs(held) - ended
        cost = self._cost(entry.symbol) / abs(held) if left else ZERO
        signed = left if held > 0 else -left
        fee = entry.fee * ended / entry.quantity
        self._set(booking, entry.symbol, signed, cost, AdjustmentKind.EXPIRED, fee=fee)

    def _set(
        self,
        booking: Booking,
        symbol: str,
        quantity: Decimal,
        cost: Decimal,
        kind: AdjustmentKind,
        *,
        fee: Decimal = ZERO,
    ) -> None:
        self._held[symbol] = quantity
        self.trades.adjust(
            Adjustment(
                adjustment_id=f"{booking.key}-{symbol}",
                account_id=booking.account_id,
                symbol=symbol,
                quantity=quantity,
                average_cost=cost,
                kind=kind,
                reason=booking.text,
                ts_event=booking.ts_event,
                ts_init=booking.ts_event,
                fee=fee,
                timed=booking.timed,
            )
        )

    def _miss(self, booking: Booking, symbol: str, quantity: Decimal, reason: str) -> None:
        self.unmatched.append(
            Unmatched(booking=booking, symbol=symbol, quantity=quantity, reason=reason)
        )

    def _of(self, symbol: str) -> Decimal:
        return self._held.get(symbol, ZERO)

    def _cost(self, symbol: str) -> Decimal:
        """What is held of a symbol has cost this, unsigned, in prices times units."""
        return sum((lot.price * lot.quantity for lot in self.trades.lots(symbol)), ZERO)


def _fill(booking: Booking, entry: Execution, quantity: Decimal) -> Fill:
    return Fill(
        execution_id=booking.key,
        account_id=booking.account_id,
        client_order_id=booking.key,
        symbol=entry.symbol,
        side=entry.side,
        quantity=quantity,
        price=entry.price,
        fee=entry.fee if quantity == entry.quantity else entry.fee * quantity / entry.quantity,
        ts_event=booking.ts_event,
        ts_init=booking.ts_event,
        strategy=IMPORTED,
        timed=booking.timed,
    )


def _currencies(bookings: Iterable[Booking]) -> dict[str, str]:
    told = ((b.entry.symbol, b.currency) for b in bookings if isinstance(b.entry, Execution))
    return {symbol: currency for symbol, currency in told if currency != USD}


def _multipliers(bookings: Iterable[Booking]) -> dict[str, Decimal]:
    executions = (b.entry for b in bookings if isinstance(b.entry, Execution))
    return {entry.symbol: entry.multiplier for entry in executions if entry.multiplier != 1}

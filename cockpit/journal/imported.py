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
from cockpit.journal.symbol_changes import renamed
from cockpit.journal.tradebook import Instrument, TradeBook
from cockpit.journal.words import money

LABEL = "Imported statement"
"""What kind of session a book of imported trades tells of: none."""
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
            account_id, label=LABEL, multipliers=_multipliers(every), average_cost=average_cost
        )
        self.cash: list[Booking] = []
        self.unmatched: list[Unmatched] = []
        self._held: dict[Instrument, Decimal] = {}
        for day in by_day(every):
            for booking in as_it_must_have_been(day, self._before):
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
            held = max(ZERO, -entry.side.sign * self._of(_traded(booking, entry)))
            quantity = min(quantity, held)
        if quantity < entry.quantity:
            why = "it was held before the first statement, so its cost is not known"
            self._miss(booking, entry.symbol, entry.quantity - quantity, why)
        if quantity == 0:
            return
        fill = _fill(booking, entry, quantity)
        traded = _traded(booking, entry)
        self._held[traded] = self._of(traded) + fill.signed_quantity
        self.trades.add(fill)

    def _split(self, booking: Booking, entry: Split) -> None:
        held = self._meant(booking, entry.symbol)
        after = entry.after(self._of(held))
        if after == 0:
            why = "nothing was held that a split could change"
            self._miss(booking, entry.symbol, entry.change, why)
            return
        cost = self._cost(held) / abs(after)
        self._set(booking, held, after, cost, AdjustmentKind.SPLIT)

    def _transfer(self, booking: Booking, entry: Transfer) -> None:
        came = entry.quantity > 0 and entry.price is not None
        what = (entry.symbol, booking.currency) if came else self._meant(booking, entry.symbol)
        held = self._of(what)
        after = held + entry.quantity
        if entry.quantity > 0 and entry.price is None:
            why = "the statement does not say what it cost"
            self._miss(booking, entry.symbol, entry.quantity, why)
            return
        if entry.quantity < 0 and after < 0:
            why = "more went than was held"
            self._miss(booking, entry.symbol, entry.quantity, why)
            return
        cost = self._cost_after(entry, what) if after else ZERO
        if after == 0:
            self._tell_fees(booking, what, entry.quantity)
        self._set(booking, what, after, cost, AdjustmentKind.TRANSFER)

    def _cost_after(self, entry: Transfer, what: Instrument) -> Decimal:
        held = self._of(what)
        after = abs(held + entry.quantity)
        if after > abs(held):
            came = abs(entry.quantity) * (entry.price or ZERO)
            return (self._cost(what) + came) / after
        return self._cost(what) / abs(held)

    def _convert(self, booking: Booking, entry: Conversion) -> None:
        given = self._meant(booking, entry.gives)
        held = self._of(given)
        if held < entry.given:
            why = f"{entry.gives} was held before the first statement, so its cost is not known"
            self._miss(booking, entry.symbol, entry.received, why)
            return
        got = (entry.symbol, given[1])
        cost = self._cost(given) * entry.given / held
        left, own = held - entry.given, self._of(got)
        average = self._cost(given) / held if left else ZERO
        if left == 0:
            self._tell_fees(booking, given, -entry.given)
        self._set(booking, given, left, average, AdjustmentKind.TRANSFER)
        total = own + entry.received
        worth = (self._cost(got) + cost) / total
        self._set(booking, got, total, worth, AdjustmentKind.TRANSFER)

    def _tell_fees(self, booking: Booking, what: Instrument, quantity: Decimal) -> None:
        """All of a position leaves: what was paid to trade it is in no trade where none closed."""
        opened = (t for t in self.trades.open_trades() if (t.symbol, t.currency) == what)
        trade = next(opened, None)
        if trade is not None and not trade.matches and trade.fees:
            paid = money(trade.fees, what[1])
            why = f"it left before it was closed: the {paid} of fees it had cost are in no trade"
            self._miss(booking, what[0], quantity, why)

    def _expire(self, booking: Booking, entry: Expiry) -> None:
        what = self._meant(booking, entry.symbol)
        held = self._of(what)
        ended = min(entry.quantity, abs(held))
        if ended < entry.quantity:
            why = "it was held before the first statement, so what it had cost is not known"
            self._miss(booking, entry.symbol, entry.quantity - ended, why)
        if ended == 0:
            return
        left = abs(held) - ended
        cost = self._cost(what) / abs(held) if left else ZERO
        signed = left if held > 0 else -left
        fee = entry.fee * ended / entry.quantity
        self._set(booking, what, signed, cost, AdjustmentKind.EXPIRED, fee=fee)

    def _set(
        self,
        booking: Booking,
        what: Instrument,
        quantity: Decimal,
        cost: Decimal,
        kind: AdjustmentKind,
        *,
        fee: Decimal = ZERO,
    ) -> None:
        symbol, currency = what
        self._held[what] = quantity
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
                currency=currency,
            )
        )

    def _miss(self, booking: Booking, symbol: str, quantity: Decimal, reason: str) -> None:
        self.unmatched.append(
            Unmatched(booking=booking, symbol=symbol, quantity=quantity, reason=reason)
        )

    def _before(self, booking: Booking) -> Decimal:
        return self._of(self._meant(booking, getattr(booking.entry, "symbol", "")))

    def _meant(self, booking: Booking, symbol: str) -> Instrument:
        """Which of a symbol's positions a line without a price is about.

        That in the line's own currency; where there is none, and the symbol is held in one other,
        that one: many statements name the currency with trades alone.
        """
        told = (symbol, booking.currency)
        if isinstance(booking.entry, Execution) or self._of(told):
            return told
        others = [what for what, held in self._held.items() if what[0] == symbol and held]
        return others[0] if len(others) == 1 else told

    def _of(self, what: Instrument) -> Decimal:
        return self._held.get(what, ZERO)

    def _cost(self, what: Instrument) -> Decimal:
        """What is held has cost this, unsigned, in prices times units."""
        return sum((lot.price * lot.quantity for lot in self.trades.lots(*what)), ZERO)


def _traded(booking: Booking, entry: Execution) -> Instrument:
    return entry.symbol, booking.currency


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
        currency=booking.currency,
    )


def _multipliers(bookings: Iterable[Booking]) -> dict[str, Decimal]:
    executions = (b.entry for b in bookings if isinstance(b.entry, Execution))
    return {entry.symbol: entry.multiplier for entry in executions if entry.multiplier != 1}

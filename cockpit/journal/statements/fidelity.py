"""Fidelity: account history, of one account or of all. What happened is told in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.imported import (
    ONE,
    CashKind,
    CashMovement,
    Effect,
    Entry,
    Execution,
    ExpiryKind,
)
from cockpit.domain.order import Side
from cockpit.journal.statements.agreement import agreed_price
from cockpit.journal.statements.ended import ended_option
from cockpit.journal.statements.figures import (
    CONTRACT,
    day,
    is_day,
    needed,
    number,
    occ_symbol,
    optional,
)
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.statement import (
    Line,
    Statement,
    When,
    booked,
    ignored,
    review,
    unknown,
)
from cockpit.journal.statements.table import Fields, Record, Source, headings, read_lines

_COLUMNS = ("Run Date", "Action", "Symbol", "Settlement Date")
_UNIT = re.compile(r" \(\$\)$")
_CUSIP = re.compile(r"^[0-9A-Z]{8}\d$")
_PER_HUNDRED = Decimal("0.01")
"""Bonds are priced for 100 of face value."""

_TRADES: Sequence[tuple[str, Side, Effect | None]] = (
    ("YOU BOUGHT OPENING", Side.BUY, Effect.OPENS),
    ("YOU BOUGHT CLOSING", Side.BUY, Effect.CLOSES),
    ("YOU BOUGHT SHORT COVER", Side.BUY, Effect.CLOSES),
    ("YOU BOUGHT", Side.BUY, None),
    ("REINVESTMENT", Side.BUY, None),
    ("YOU SOLD OPENING", Side.SELL, Effect.OPENS),
    ("YOU SOLD SHORT SALE", Side.SELL, Effect.OPENS),
    ("YOU SOLD", Side.SELL, Effect.CLOSES),
    ("REDEMPTION PAYOUT", Side.SELL, Effect.CLOSES),
)
_ENDS = {
    "EXPIRED": ExpiryKind.EXPIRED,
    "ASSIGNED": ExpiryKind.ASSIGNED,
    "EXERCISED": ExpiryKind.EXERCISED,
}
_CASH = (
    (CashKind.TAX, ("FOREIGN TAX", "TAX PAID")),
    (CashKind.FEE, ("FEE",)),
    (CashKind.INTEREST, ("INTEREST", "EXEMPT INT")),
    (CashKind.DIVIDEND, ("DIVIDEND", "CAP GAIN", "RETURN OF CAPITAL")),
    (CashKind.TRANSFER, ("TRANSFER", "DEPOSIT", "CHECK", "CONTRIB", "FUNDS", "BILL PAY", "DEBIT")),
)


def _fits(source: Source) -> bool:
    return source.heading(*_COLUMNS) is not None


def _read(source: Source) -> Statement:
    at = source.heading(*_COLUMNS) or 0
    top, named, records = source.records[:at], source.records[at], source.records[at + 1 :]
    heading = Record(named.number, tuple(_UNIT.sub("", cell) for cell in named.cells))
    lines = read_lines(heading, records, _line)
    return Statement(
        format="fidelity",
        title="Fidelity account history",
        lines=(*headings((*top, named)), *lines),
        newest_first=True,
    )


def _line(fields: Fields) -> Line:
    if not (is_day(fields["Run Date"]) or fields["Action"]):
        return ignored("a note below the table")
    found = _entries(fields)
    if isinstance(found, Line):
        return found
    return booked(
        found,
        When(day(fields["Run Date"])),
        account=fields.get("Account Number", "Account"),
        currency=fields.get("Currency") or "USD",
    )


def _entries(fields: Fields) -> Sequence[Entry] | Line:
    action = fields["Action"].upper()
    trade = next((known for known in _TRADES if action.startswith(known[0])), None)
    quantity = number(fields["Quantity"])
    if trade is not None and quantity:
        return _execution(fields, trade[1], trade[2], abs(quantity))
    ended = next((how for word, how in _ENDS.items() if action.startswith(word)), None)
    if ended is not None and quantity:
        return (_ended(fields, abs(quantity), ended),)
    amount = number(fields["Amount"])
    if quantity:
        return review("shares moved without a price; the broker's notice says what they cost")
    if amount is None:
        return unknown(f"the action {action!r} is not known")
    return (CashMovement(kind=_cash_kind(action), amount=amount, symbol=fields["Symbol"]),)


def _ended(fields: Fields, quantity: Decimal, how: ExpiryKind) -> Entry:
    fees = optional(fields.get("Commission")) + optional(fields.get("Fees"))
    amount = number(fields["Amount"])
    return ended_option(
        occ_symbol(fields["Symbol"]) or fields["Symbol"],
        quantity,
        how,
        price=number(fields.get("Price")),
        amount=None if amount is None else amount + fees,
        fee=fees,
    )


def _execution(
    fields: Fields, side: Side, effect: Effect | None, quantity: Decimal
) -> Sequence[Entry]:
    price = needed(fields["Price"], "price")
    fees = optional(fields.get("Commission")) + optional(fields.get("Fees"))
    accrued = optional(fields.get("Accrued Interest")) * -side.sign
    amount = number(fields["Amount"])
    traded = None if amount is None else amount - accrued
    symbol, multiplier = _instrument(fields["Symbol"], quantity * price, traded)
    execution = Execution(
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=agreed_price(side, quantity, price, traded, fees=fees, multiplier=multiplier),
        fee=fees,
        multiplier=multiplier,
        effect=effect,
    )
    if accrued == 0:
        return (execution,)
    return (execution, CashMovement(kind=CashKind.INTEREST, amount=accrued, symbol=symbol))


def _instrument(text: str, notional: Decimal, amount: Decimal | None) -> tuple[str, Decimal]:
    option = occ_symbol(text)
    if option is not None:
        return option, CONTRACT
    if _CUSIP.match(text) and amount is not None and abs(amount) < notional / 2:
        return text, _PER_HUNDRED
    return text, ONE


def _cash_kind(action: str) -> CashKind:
    return next(
        (kind for kind, words in _CASH if any(word in action for word in words)), CashKind.OTHER
    )


FORMAT = Format(name="fidelity", title="Fidelity account history", fits=_fits, read=_read)

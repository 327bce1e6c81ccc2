"""Robinhood: the account activity report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from cockpit.domain.imported import (
    ONE,
    CashKind,
    CashMovement,
    Effect,
    Entry,
    Execution,
    ExpiryKind,
    Split,
)
from cockpit.domain.order import Side
from cockpit.domain.values import ZERO
from cockpit.journal.statements.agreement import agreed_price
from cockpit.journal.statements.ended import ended_option
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.figures import CONTRACT, day, needed, number, option_symbol
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
from cockpit.journal.statements.table import Fields, Source, headings, read_beside

_MOST_A_CONTRACT = Decimal("0.10")
_COLUMNS = ("Activity Date", "Instrument", "Description", "Trans Code", "Quantity", "Amount")
_OPTION = re.compile(
    r"(?P<root>[A-Z.]+) (?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}) "
    r"(?P<right>Call|Put) \$(?P<strike>[\d.,]+)"
)
_TRADES: Mapping[str, tuple[Side, Effect | None]] = {
    "Buy": (Side.BUY, None),
    "BTO": (Side.BUY, Effect.OPENS),
    "BTC": (Side.BUY, Effect.CLOSES),
    "Sell": (Side.SELL, Effect.CLOSES),
    "STO": (Side.SELL, Effect.OPENS),
    "STC": (Side.SELL, Effect.CLOSES),
}
_ENDS = {
    "OEXP": ExpiryKind.EXPIRED,
    "OASGN": ExpiryKind.ASSIGNED,
    "OEXCS": ExpiryKind.EXERCISED,
}
_CASH = {
    "CDIV": CashKind.DIVIDEND,
    "MDIV": CashKind.DIVIDEND,
    "INT": CashKind.INTEREST,
    "SLIP": CashKind.INTEREST,
    "DTAX": CashKind.TAX,
    "AFEE": CashKind.FEE,
    "DFEE": CashKind.FEE,
    "GOLD": CashKind.FEE,
    "ACH": CashKind.TRANSFER,
    "XENT": CashKind.TRANSFER,
    "WIRE": CashKind.TRANSFER,
}


def _fits(source: Source) -> bool:
    return source.heading(*_COLUMNS) is not None


def _read(source: Source) -> Statement:
    at = source.heading(*_COLUMNS) or 0
    heading, records = source.records[at], source.records[at + 1 :]
    return Statement(
        format="robinhood",
        title="Robinhood account activity",
        lines=(
            *headings(source.records[: at + 1]),
            *read_beside(heading, records, _line),
        ),
        newest_first=True,
    )


def _line(fields: Fields, rows: Sequence[Fields]) -> Line:
    if not (fields["Activity Date"] or fields["Trans Code"]):
        return ignored("a note below the table")
    when = When(day(fields["Activity Date"]))
    if fields["Trans Code"] == "SPR":
        return _reverse_split(fields, rows, when)
    entry = _entry(fields)
    if entry is None:
        return unknown(f"the code {fields['Trans Code']!r} is not known")
    return booked(entry, when)


def _reverse_split(fields: Fields, rows: Sequence[Fields], when: When) -> Line:
    """The old units go (they have an S), the new ones come."""
    if fields["Quantity"].endswith("S"):
        return ignored("the old side of a reverse split: booked with the new one")
    old = [
        row
        for row in rows
        if all(row[name] == fields[name] for name in ("Trans Code", "Activity Date", "Instrument"))
        and row["Quantity"].endswith("S")
    ]
    if len(old) != 1:
        return review(f"the split of {fields['Instrument']} does not tell what was held before")
    change = _quantity(fields["Quantity"]) - _quantity(old[0]["Quantity"])
    return booked(Split(symbol=fields["Instrument"], change=change), when)


def _entry(fields: Fields) -> Entry | None:
    code = fields["Trans Code"]
    if code in _TRADES:
        return _execution(fields)
    if code in _ENDS:
        quantity = _quantity(fields["Quantity"])
        price, amount = number(fields.get("Price")), number(fields["Amount"])
        symbol = _instrument(fields)[0]
        return ended_option(symbol, quantity, _ENDS[code], price=price, amount=amount)
    if code == "SPL":
        return Split(symbol=fields["Instrument"], change=needed(fields["Quantity"], "quantity"))
    amount = number(fields["Amount"])
    if code not in _CASH or amount is None:
        return None
    return CashMovement(kind=_CASH[code], amount=amount, symbol=fields["Instrument"])


def _execution(fields: Fields) -> Execution:
    side, effect = _TRADES[fields["Trans Code"]]
    symbol, multiplier = _instrument(fields)
    quantity, price = _quantity(fields["Quantity"]), needed(fields["Price"], "price")
    amount = number(fields["Amount"])
    fee = ZERO if multiplier == 1 else _fee(side, quantity, quantity * price * multiplier, amount)
    return Execution(
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=agreed_price(side, quantity, price, amount, fees=fee, multiplier=multiplier),
        fee=fee,
        multiplier=multiplier,
        effect=effect,
    )


def _fee(side: Side, quantity: Decimal, notional: Decimal, amount: Decimal | None) -> Decimal:
    """What the regulators took of an option trade: it has no column, the amount lacks it."""
    lacking = ZERO if amount is None else -side.sign * notional - amount
    return lacking if ZERO < lacking <= _MOST_A_CONTRACT * quantity else ZERO


def _quantity(text: str) -> Decimal:
    """An ended option's quantity has an S for the short side."""
    return abs(needed(text.rstrip("S"), "quantity"))


def _instrument(fields: Fields) -> tuple[str, Decimal]:
    code = fields["Trans Code"]
    stock = code in ("Buy", "Sell")
    found = None if stock else _OPTION.search(fields["Description"])
    if found is None:
        if stock:
            return fields["Instrument"], ONE
        raise UnreadableError(f"{fields['Description']!r} names no option")
    expiry = date(int(found["year"]), int(found["month"]), int(found["day"]))
    strike = needed(found["strike"], "strike")
    return option_symbol(found["root"], expiry, found["right"], strike), CONTRACT


FORMAT = Format(name="robinhood", title="Robinhood account activity", fits=_fits, read=_read)

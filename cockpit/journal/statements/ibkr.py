"""Interactive Brokers: transaction history and activity statement.

Either is one file of several tables: each record names its table and says whether it
is a heading or data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

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
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.figures import (
    CONTRACT,
    day,
    needed,
    number,
    occ_symbol,
    optional,
    time_of_day,
)
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.ibkr_splits import Told, changes_by_split, split_line
from cockpit.journal.statements.statement import (
    Line,
    Statement,
    When,
    booked,
    ignored,
    unknown,
)
from cockpit.journal.statements.table import (
    Fields,
    Source,
    fields_of,
    headings,
    judged,
)

HISTORY = "Transaction History"
_CASH_TABLES: Mapping[str, CashKind] = {
    "Dividends": CashKind.DIVIDEND,
    "Payment In Lieu Of Dividends": CashKind.DIVIDEND,
    "Withholding Tax": CashKind.TAX,
    "Interest": CashKind.INTEREST,
    "Fees": CashKind.FEE,
    "Other Fees": CashKind.FEE,
    "Transaction Fees": CashKind.FEE,
    "Deposits & Withdrawals": CashKind.TRANSFER,
}
_CASH_TYPES: Mapping[str, CashKind] = {
    "Dividend": CashKind.DIVIDEND,
    "Payment in Lieu": CashKind.DIVIDEND,
    "Foreign Tax Withholding": CashKind.TAX,
    "Credit Interest": CashKind.INTEREST,
    "Debit Interest": CashKind.INTEREST,
    "Deposit": CashKind.TRANSFER,
    "Withdrawal": CashKind.TRANSFER,
    "Electronic Fund Transfer": CashKind.TRANSFER,
    "Forex Trade Component": CashKind.OTHER,
    "Adjustment": CashKind.OTHER,
    "Other Fee": CashKind.FEE,
    "Sales Tax": CashKind.TAX,
}
_ENDS = {
    "Expiration": ExpiryKind.EXPIRED,
    "Assignment": ExpiryKind.ASSIGNED,
    "Exercise": ExpiryKind.EXERCISED,
}
_OPTIONS = "Equity and Index Options"
_TRADED = ("Stocks", "Crypto", _OPTIONS)
_MUST_BE_SEEN = {"Transfers"}
_NOT_BOOKED = "a summary, nothing to book"


def _fits(source: Source) -> bool:
    return any(
        record.cells[:2] in ((HISTORY, "Header"), ("Trades", "Header")) for record in source.records
    )


def _read(source: Source) -> Statement:
    return Statement(
        format="ibkr",
        title="Interactive Brokers statement",
        lines=tuple(_lines(source)),
        newest_first=source.text.lstrip().startswith("Statement,Header") and HISTORY in source.text,
    )


def _lines(source: Source) -> Iterator[Line]:
    base, account, heading = "USD", "", None
    splits = changes_by_split(_rows(source, "Corporate Actions", ("Description", "Quantity")))
    trades = _rows(source, "Trades", ("Symbol", "DataDiscriminator"))
    ordered = {symbol for symbol, level in trades if level == "Order"}
    for record in source.records:
        table, kind, name, value = (*record.cells, "", "", "", "")[:4]
        if name == "Base Currency":
            base = value
        elif (table, name) == ("Account Information", "Account"):
            account = value
        if kind == "Header":
            heading = record
            yield from headings([record])
        elif heading is None or kind != "Data":
            yield judged(record, lambda _: ignored("a total"))
        else:
            reading = _READERS.get(table, _of_table(table))
            fields = fields_of(heading, record, {"base": base, "of account": account})
            if table == "Corporate Actions":
                reading = partial(_corporate, splits=splits)
            elif table == "Trades":
                reading = partial(_trade, ordered=ordered)
            yield judged(record, lambda _, r=reading, f=fields: r(f))


def _history(fields: Fields) -> Line:
    kind = fields["Transaction Type"]
    entry = _traded(fields) if kind in ("Buy", "Sell") else _untraded(fields, kind)
    if entry is None:
        return unknown(f"the type {kind!r} is not known")
    return booked(
        entry, When(day(fields["Date"])), account=fields["Account"], currency=fields["base"]
    )


def _traded(fields: Fields) -> Execution:
    """Amounts are in the base currency: a price in another one is as the broker converted it."""
    side = Side.BUY if fields["Transaction Type"] == "Buy" else Side.SELL
    symbol, multiplier = instrument(fields["Symbol"])
    quantity, price = abs(needed(fields["Quantity"], "quantity")), needed(fields["Price"], "price")
    gross = needed(fields["Gross Amount"], "gross amount")
    try:
        price = agreed_price(side, quantity, price, gross, multiplier=multiplier)
    except UnreadableError:
        price = abs(gross) / (quantity * multiplier)
    return Execution(
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=price,
        fee=-optional(fields["Commission"]),
        multiplier=multiplier,
    )


def _untraded(fields: Fields, kind: str) -> Entry | None:
    symbol = "" if fields["Symbol"] == "-" else fields["Symbol"]
    if kind in _ENDS:
        gross = number(fields.get("Gross Amount"))
        return ended_option(
            instrument(symbol)[0],
            abs(needed(fields["Quantity"], "quantity")),
            _ENDS[kind],
            price=None if gross else number(fields.get("Price")),
            amount=gross,
            fee=-optional(fields.get("Commission")),
        )
    if kind not in _CASH_TYPES:
        return None
    amount = needed(fields["Net Amount"], "net amount")
    return CashMovement(kind=_CASH_TYPES[kind], amount=amount, symbol=symbol)


def _trade(fields: Fields, ordered: Collection[str]) -> Line:
    """An order, or an execution of one: those of a symbol whose orders are told repeat them."""
    level = fields["DataDiscriminator"]
    if level not in ("Order", "Trade"):
        return ignored("a total, or a line that repeats an order")
    if level == "Trade" and fields["Symbol"] in ordered:
        return ignored("an execution of an order that is booked as a whole")
    kind = fields["Asset Category"]
    if not kind.startswith(_TRADED):
        return unknown(f"{kind.lower()} are not read")
    signed = needed(fields["Quantity"], "quantity")
    option = kind.startswith(_OPTIONS)
    symbol = _spelled_option(fields["Symbol"]) if option else fields["Symbol"]
    if symbol is None:
        return unknown(f"the option {fields['Symbol']!r} is not understood")
    codes = fields["Code"].replace(" ", "").split(";")
    when = moment(fields["Date/Time"])
    fee = -optional(fields.get("Comm/Fee", "Comm in " + fields["Currency"]))
    ended = next((how for code, how in CODES.items() if code in codes), None)
    if ended is not None and option:
        price, proceeds = number(fields["T. Price"]), number(fields["Proceeds"])
        entry: Entry = ended_option(
            symbol, abs(signed), ended, price=price, amount=proceeds, fee=fee
        )
    else:
        told = signed_execution(
            signed,
            symbol=symbol,
            price=needed(fields["T. Price"], "price"),
            fee=fee,
            multiplier=CONTRACT if option else ONE,
            effect=Effect.CLOSES if "C" in codes and "O" not in codes else None,
        )
        entry = agreeing(told, number(fields["Proceeds"]))
    return booked(
        entry, when, account=fields.get("Account", "of account"), currency=fields["Currency"]
    )


CODES: Mapping[str, ExpiryKind] = {
    "Ep": ExpiryKind.EXPIRED,
    "A": ExpiryKind.ASSIGNED,
    "Ex": ExpiryKind.EXERCISED,
}
"""How an option ended, as a trade's code tells it."""


def signed_execution(signed: Decimal, **told: Any) -> Execution:
    """A purchase of what is above zero, a sale of what is below; `told` is all else."""
    return Execution(side=Side.BUY if signed > 0 else Side.SELL, quantity=abs(signed), **told)


def agreeing(told: Execution, proceeds: Decimal | None) -> Execution:
    """With the price that makes the proceeds, which are before the commission."""
    price = agreed_price(told.side, told.quantity, told.price, proceeds, multiplier=told.multiplier)
    return msgspec.structs.replace(told, price=price)


def _of_table(table: str) -> Callable[[Fields], Line]:
    def _cash(fields: Fields) -> Line:
        if table in _MUST_BE_SEEN:
            return unknown(f"{table.lower()} are not read")
        if table not in _CASH_TABLES:
            return ignored(_NOT_BOOKED)
        if not fields.get("Date", "Settle Date"):
            return ignored("a total")
        when = When(day(fields.get("Date", "Settle Date")))
        entry = CashMovement(kind=_CASH_TABLES[table], amount=needed(fields["Amount"], "amount"))
        return booked(
            entry, when, account=fields.get("Account", "of account"), currency=fields["Currency"]
        )

    return _cash


def _rows(source: Source, table: str, columns: tuple[str, str]) -> Iterator[Told]:
    """Two cells of each row of a table."""
    heading = None
    for record in source.records:
        if record.cells[:2] == (table, "Header"):
            heading = record
        elif heading is not None and record.cells[:2] == (table, "Data"):
            fields = fields_of(heading, record)
            yield fields.get(columns[0]), fields.get(columns[1])


def _corporate(fields: Fields, splits: Mapping[str, Decimal]) -> Line:
    moved = fields.get("Date/Time", "Report Date")
    if not moved:
        return ignored("a total")
    told = (fields["Description"], fields["Quantity"])
    return split_line(
        told,
        splits,
        partial(
            booked,
            when=moment(moved),
            account=fields.get("Account", "of account"),
            currency=fields.get("Currency") or "USD",
        ),
    )


_READERS: Mapping[str, Callable[[Fields], Line]] = {HISTORY: _history}


def moment(text: str) -> When:
    """A day, or a day and a time behind a comma, a semicolon or a blank."""
    date, _, clock = text.replace(";", ",").partition(",")
    if not clock and " " in date.strip():
        date, _, clock = date.strip().partition(" ")
    return When(day(date.strip()), time_of_day(clock) if clock.strip() else None)


def instrument(text: str) -> tuple[str, Decimal]:
    """Symbol and multiplier of a stock, or of an option in OCC's spelling."""
    option = occ_symbol(text)
    return (text, ONE) if option is None else (option, CONTRACT)


def _spelled_option(text: str) -> str | None:
    """As the OCC writes it: AAPL 20JAN23 150 C."""
    words = text.split()
    if len(words) != 4:
        return occ_symbol(text)
    root, expiry, strike, right = words
    try:
        day_ = datetime.strptime(expiry, "%d%b%y")  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        return None
    return occ_symbol(f"{root}{day_:%y%m%d}{right}{strike}")


FORMAT = Format(name="ibkr", title="Interactive Brokers statement", fits=_fits, read=_read)

"""Interactive Brokers: transaction history, activity statement, and flex query of trades.

The first two are one file of several tables: each record names its table and says whether it
is a heading or data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from cockpit.domain.imported import (
    ONE,
    CashKind,
    CashMovement,
    Effect,
    Entry,
    Execution,
    Expiry,
    ExpiryKind,
)
from cockpit.domain.order import Side
from cockpit.journal.statements.agreement import agreed_price
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
from cockpit.journal.statements.statement import (
    Line,
    Statement,
    When,
    booked,
    ignored,
    unknown,
)
from cockpit.journal.statements.table import (
    HEADING,
    Fields,
    Source,
    fields_of,
    headings,
    judged,
    read_lines,
)

HISTORY = "Transaction History"
_FLEX = ("TradeID", "Symbol", "Quantity", "TradePrice", "Buy/Sell", "IBCommission")
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
_MUST_BE_SEEN = {"Corporate Actions", "Transfers"}
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
            fields = fields_of(heading, record) | {"base": base, "account": account}
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
    symbol, multiplier = _instrument(fields["Symbol"])
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
        quantity = abs(needed(fields["Quantity"], "quantity"))
        return Expiry(symbol=_instrument(symbol)[0], quantity=quantity, how=_ENDS[kind])
    if kind not in _CASH_TYPES:
        return None
    amount = needed(fields["Net Amount"], "net amount")
    return CashMovement(kind=_CASH_TYPES[kind], amount=amount, symbol=symbol)


def _trade(fields: Fields) -> Line:
    if fields["DataDiscriminator"] not in ("Order", "Trade"):
        return ignored("a total, or a line that repeats an order")
    if fields["Asset Category"] not in ("Stocks", "Equity and Index Options"):
        return unknown(f"{fields['Asset Category'].lower()} are not read")
    signed = needed(fields["Quantity"], "quantity")
    option = fields["Asset Category"] != "Stocks"
    symbol = _spelled_option(fields["Symbol"]) if option else fields["Symbol"]
    if symbol is None:
        return unknown(f"the option {fields['Symbol']!r} is not understood")
    codes = fields["Code"].replace(" ", "").split(";")
    when = _moment(fields["Date/Time"])
    fee = -optional(fields.get("Comm/Fee") or fields.get("Comm in " + fields["Currency"], ""))
    ended = next((how for code, how in _CODES.items() if code in codes), None)
    if ended is not None and option:
        entry: Entry = Expiry(symbol=symbol, quantity=abs(signed), how=ended, fee=fee)
    else:
        told = _signed(
            signed,
            symbol=symbol,
            price=needed(fields["T. Price"], "price"),
            fee=fee,
            multiplier=CONTRACT if option else ONE,
            effect=Effect.CLOSES if "C" in codes and "O" not in codes else None,
        )
        entry = _agreeing(told, number(fields["Proceeds"]))
    return booked(entry, when, account=fields["account"], currency=fields["Currency"])


_EFFECTS = {"O": Effect.OPENS, "C": Effect.CLOSES}
_CODES = {"Ep": ExpiryKind.EXPIRED, "A": ExpiryKind.ASSIGNED, "Ex": ExpiryKind.EXERCISED}


def _signed(signed: Decimal, **told: Any) -> Execution:
    return Execution(side=Side.BUY if signed > 0 else Side.SELL, quantity=abs(signed), **told)


def _agreeing(told: Execution, proceeds: Decimal | None) -> Execution:
    """With the price that makes the proceeds, which are before the commission."""
    price = agreed_price(told.side, told.quantity, told.price, proceeds, multiplier=told.multiplier)
    return msgspec.structs.replace(told, price=price)


def _of_table(table: str) -> Callable[[Fields], Line]:
    def _cash(fields: Fields) -> Line:
        if table in _MUST_BE_SEEN:
            return unknown(f"{table.lower()} are not read")
        if table not in _CASH_TABLES:
            return ignored(_NOT_BOOKED)
        if not fields.get("Date") and not fields.get("Settle Date"):
            return ignored("a total")
        when = When(day(fields.get("Date") or fields["Settle Date"]))
        entry = CashMovement(kind=_CASH_TABLES[table], amount=needed(fields["Amount"], "amount"))
        return booked(entry, when, account=fields["account"], currency=fields["Currency"])

    return _cash


_READERS: Mapping[str, Callable[[Fields], Line]] = {HISTORY: _history, "Trades": _trade}


def _fits_flex(source: Source) -> bool:
    return source.heading(*_FLEX) is not None


def _read_flex(source: Source) -> Statement:
    at = source.heading(*_FLEX) or 0
    records = source.records
    return Statement(
        format="ibkr-flex",
        title="Interactive Brokers flex query",
        lines=(*headings(records[: at + 1]), *read_lines(records[at], records[at + 1 :], _flex)),
    )


def _flex(fields: Fields) -> Line:
    if "TradeID" in fields.values():
        return ignored(HEADING)
    if fields.get("LevelOfDetail", "EXECUTION") not in ("EXECUTION", "TRADE", ""):
        return ignored("a total, or a line that repeats an execution")
    symbol, multiplier = _instrument(fields["Symbol"])
    signed = abs(needed(fields["Quantity"], "quantity"))
    told = _signed(
        -signed if fields["Buy/Sell"].startswith("SELL") else signed,
        symbol=symbol,
        price=needed(fields["TradePrice"], "price"),
        fee=-optional(fields["IBCommission"]) - optional(fields.get("Taxes", "")),
        multiplier=number(fields.get("Multiplier", "")) or multiplier,
        effect=_EFFECTS.get(fields.get("Open/CloseIndicator", "")),
    )
    entry = _agreeing(told, number(fields.get("Proceeds", "")))
    return booked(
        entry,
        _moment(fields.get("DateTime") or fields.get("Date/Time") or fields.get("TradeDate", "")),
        account=fields.get("ClientAccountID", ""),
        currency=fields.get("CurrencyPrimary") or "USD",
        reference=fields["TradeID"],
    )


def _moment(text: str) -> When:
    """2023-01-05, 09:31:22", "20230105;093122" or a day alone."""
    date, _, clock = text.replace(";", ",").partition(",")
    return When(day(date.strip()), time_of_day(clock) if clock.strip() else None)


def _instrument(text: str) -> tuple[str, Decimal]:
    option = occ_symbol(text)
    return (text, ONE) if option is None else (option, CONTRACT)


def _spelled_option(text: str) -> str | None:
    """AAPL 20JAN23 150 C" as the OCC writes it."""
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
FLEX = Format(
    name="ibkr-flex", title="Interactive Brokers flex query", fits=_fits_flex, read=_read_flex
)

"""Interactive Brokers: flex query, as CSV of trades or as XML of all that was asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from xml.parsers import expat

import msgspec

from cockpit.domain.imported import CashKind, CashMovement, Effect, Entry
from cockpit.journal.statements.ended import ended_option
from cockpit.journal.statements.errors import StatementError, UnreadableError
from cockpit.journal.statements.figures import day, needed, number, optional
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.ibkr import (
    CODES,
    agreeing,
    instrument,
    moment,
    signed_execution,
)
from cockpit.journal.statements.ibkr_splits import changes_by_split, split_line
from cockpit.journal.statements.statement import (
    Line,
    Statement,
    When,
    booked,
    ignored,
    review,
    unknown,
)
from cockpit.journal.statements.table import (
    Fields,
    Source,
    fields_of,
    headings,
    read_lines,
    seen,
)

_FLEX = ("TradeID", "Symbol", "Quantity", "TradePrice", "Buy/Sell", "IBCommission")
_EFFECTS = {"O": Effect.OPENS, "C": Effect.CLOSES}
_EXECUTIONS = ("EXECUTION", "TRADE", "")
_NOT_READ = ("CASH", "CFD", "BOND")
_CASH: Mapping[str, CashKind] = {
    "Dividends": CashKind.DIVIDEND,
    "Payment In Lieu Of Dividends": CashKind.DIVIDEND,
    "Withholding Tax": CashKind.TAX,
    "Broker Interest Received": CashKind.INTEREST,
    "Broker Interest Paid": CashKind.INTEREST,
    "Bond Interest Received": CashKind.INTEREST,
    "Bond Interest Paid": CashKind.INTEREST,
    "Other Fees": CashKind.FEE,
    "Advisor Fees": CashKind.FEE,
    "Commission Adjustments": CashKind.FEE,
    "Deposits/Withdrawals": CashKind.TRANSFER,
    "Deposits & Withdrawals": CashKind.TRANSFER,
}
_ONLY_AN_ORDER = "an order without its executions: choose executions in the query, export again"
_CANCELLED = "(CA.)"
_AROUND = ("FlexQueryResponse", "FlexStatements", "FlexStatement")


def _fits(source: Source) -> bool:
    return source.heading(*_FLEX) is not None


def _read(source: Source) -> Statement:
    at = source.heading(*_FLEX) or 0
    records = source.records
    executed = _executed(fields_of(records[at], record) for record in records[at + 1 :])
    lines = read_lines(records[at], records[at + 1 :], partial(_trade, executed=executed))
    return _statement((*headings(records[: at + 1]), *lines))


def _statement(lines: tuple[Line, ...]) -> Statement:
    return Statement(format="ibkr-flex", title="Interactive Brokers flex query", lines=lines)


def _executed(trades: Iterable[Fields]) -> Collection[str]:
    """The symbols of which executions are told, and not only orders."""
    return {f.get("Symbol") for f in trades if f.get("LevelOfDetail").upper() in _EXECUTIONS}


def _trade(fields: Fields, executed: Collection[str]) -> Line:
    level = fields.get("LevelOfDetail").upper()
    if level == "ORDER" and fields["Symbol"] not in executed:
        return review(_ONLY_AN_ORDER)
    if level not in _EXECUTIONS:
        return ignored("a total, or a line that repeats an execution")
    kind = fields.get("AssetClass", "assetCategory").upper()
    if kind in _NOT_READ:
        return unknown(f"trades in {kind} are not read")
    return booked(
        _entry(fields, option=kind in ("OPT", "FOP")),
        moment(fields.get("DateTime", "Date/Time", "TradeDate")),
        account=fields.get("ClientAccountID", "accountId", "of account"),
        currency=fields.get("CurrencyPrimary", "currency") or "USD",
        reference=fields["TradeID"],
    )


def _entry(fields: Fields, *, option: bool) -> Entry:
    symbol, multiplier = instrument(fields["Symbol"])
    signed, cancelled = _signed(fields)
    fee = -optional(fields["IBCommission"]) - optional(fields.get("Taxes"))
    codes = fields.get("Notes/Codes", "notes", "Code").replace(" ", "").split(";")
    ended = next((how for code, how in CODES.items() if code in codes), None)
    if ended is not None and (option or multiplier != 1):
        if cancelled:
            raise UnreadableError("the end of an option was taken back")
        return ended_option(
            symbol,
            abs(signed),
            ended,
            price=number(fields["TradePrice"]),
            amount=number(fields.get("Proceeds")),
            fee=fee,
            multiplier=number(fields.get("Multiplier")) or multiplier,
        )
    effect = _EFFECTS.get(fields.get("Open/CloseIndicator", "openCloseIndicator"))
    told = signed_execution(
        signed,
        symbol=symbol,
        price=needed(fields["TradePrice"], "price"),
        fee=fee,
        multiplier=number(fields.get("Multiplier")) or multiplier,
        effect=None if cancelled else effect,
    )
    return agreeing(told, number(fields.get("Proceeds")))


def _signed(fields: Fields) -> tuple[Decimal, bool]:
    """Units bought (sold, negative), and whether that takes an earlier trade back."""
    word = fields.get("Buy/Sell", "buySell").upper()
    told, cancelled = needed(fields["Quantity"], "quantity"), _CANCELLED in word
    buys = word.startswith("SELL") if cancelled else not word.startswith("SELL")
    if buys and told < 0:
        raise UnreadableError(f"{word} and a quantity of {told:f} do not agree")
    return (abs(told) if buys else -abs(told)), cancelled


def _fits_xml(source: Source) -> bool:
    return "<FlexQueryResponse" in source.text[:4000]


def _read_xml(source: Source) -> Statement:
    elements = _elements(source.text)
    splits = changes_by_split(
        (f.get("actionDescription", "description"), f.get("quantity"))
        for _, name, f in elements
        if name == "CorporateAction"
    )
    executed = _executed(f for _, name, f in elements if name == "Trade")
    return _statement(
        tuple(_judged(at, name, fields, splits, executed) for at, name, fields in elements)
    )


def _elements(text: str) -> Sequence[tuple[int, str, Fields]]:
    """Line, name and attributes of all that has any, with the account it stands in."""
    found: list[tuple[int, str, Fields]] = []
    account = ""

    def starts(name: str, attributes: dict[str, str]) -> None:
        nonlocal account
        account = attributes.get("accountId", account) if name == "FlexStatement" else account
        if attributes and name not in _AROUND:
            told = {**attributes, "of account": account}
            found.append((parser.CurrentLineNumber, name, Fields(told)))

    def refused(*_: object) -> None:
        raise _broken("it declares things of its own")  # nobody's statement does, attacks do

    parser = expat.ParserCreate()
    parser.StartElementHandler = starts
    parser.StartDoctypeDeclHandler = refused
    try:
        parser.Parse(text.partition("?>")[2] if text.startswith("<?xml") else text, True)
    except expat.ExpatError as error:
        raise _broken(str(error)) from error
    return found


def _judged(
    at: int,
    name: str,
    fields: Fields,
    splits: Mapping[str, Decimal],
    executed: Collection[str],
) -> Line:
    line = seen(lambda: _element(name, fields, splits, executed))
    words = (name, fields.get("symbol"), fields.get("actionDescription", "description"))
    return msgspec.structs.replace(line, number=at, text=" ".join(filter(None, words)))


def _element(
    name: str, fields: Fields, splits: Mapping[str, Decimal], executed: Collection[str]
) -> Line:
    if name == "Trade":
        return _trade(fields, executed)
    if name == "Order" and fields.get("symbol") not in executed:
        return review(_ONLY_AN_ORDER)
    if name == "CashTransaction":
        return _cash(fields)
    if name == "CorporateAction":
        told = (fields.get("actionDescription", "description"), fields["quantity"])
        when = moment(fields.get("dateTime", "reportDate"))
        account = fields.get("accountId", "of account")
        book = partial(booked, when=when, account=account, currency=fields.get("currency") or "USD")
        return split_line(told, splits, book)
    if name == "Transfer":
        return unknown("transfers are not read")
    return ignored("a summary, or what repeats a trade")


def _cash(fields: Fields) -> Line:
    if fields.get("levelOfDetail").upper() == "SUMMARY":
        return ignored("a line that repeats others")
    kind = _CASH.get(fields["type"])
    if kind is None:
        return unknown(f"the type {fields['type']!r} is not known")
    symbol, _ = instrument(fields.get("symbol"))
    entry = CashMovement(kind=kind, amount=needed(fields["amount"], "amount"), symbol=symbol)
    told = fields.get("dateTime", "settleDate", "reportDate")
    return booked(
        entry,
        When(day(told.replace(",", ";").partition(";")[0].strip())),
        account=fields.get("accountId", "of account"),
        currency=fields.get("currency") or "USD",
        reference=fields.get("transactionID"),
    )


def _broken(why: str) -> StatementError:
    return StatementError(
        f"no flex query: {why}",
        user_text=f"The file can't be read as a flex query: {why}. Nothing was booked. "
        "Export it again.",
    )


FORMAT = Format(name="ibkr-flex", title="Interactive Brokers flex query", fits=_fits, read=_read)
XML = Format(
    name="ibkr-flex", title="Interactive Brokers flex query", fits=_fits_xml, read=_read_xml
)

"""tastytrade: the transaction history. Prices are a contract's money, not a unit's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from cockpit.domain.imported import (
    ONE,
    CashKind,
    CashMovement,
    Effect,
    Execution,
    Expiry,
    ExpiryKind,
    Split,
)
from cockpit.domain.order import Side
from cockpit.journal.statements.agreement import agreed_price
from cockpit.journal.statements.ended import ended_option
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.figures import instant, needed, number, occ_symbol, optional
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.statement import Line, Statement, booked, ignored, review, unknown
from cockpit.journal.statements.table import Fields, Source, headings, read_beside

_COLUMNS = ("Date", "Type", "Sub Type", "Action", "Symbol", "Value", "Quantity", "Average Price")
_SPLITS = ("Reverse Split", "Forward Split")
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_ENDS = {
    "Expiration": ExpiryKind.EXPIRED,
    "Assignment": ExpiryKind.ASSIGNED,
    "Cash Settled Assignment": ExpiryKind.ASSIGNED,
    "Exercise": ExpiryKind.EXERCISED,
    "Cash Settled Exercise": ExpiryKind.EXERCISED,
}
_FUTURES = (
    "futures are not read, neither their fills nor their cash: nothing of it was booked, "
    "keep these lines by hand"
)
_SETTLES_FUTURES = "Mark to Market"
_CASH = {
    "Dividend": CashKind.DIVIDEND,
    "Credit Interest": CashKind.INTEREST,
    "Debit Interest": CashKind.INTEREST,
    "Fee": CashKind.FEE,
    "Deposit": CashKind.TRANSFER,
    "Withdrawal": CashKind.TRANSFER,
    "Transfer": CashKind.TRANSFER,
}


def _fits(source: Source) -> bool:
    return source.heading(*_COLUMNS) is not None


def _read(source: Source) -> Statement:
    at = source.heading(*_COLUMNS) or 0
    lines = read_beside(source.records[at], source.records[at + 1 :], _line)
    return Statement(
        format="tastytrade",
        title="tastytrade transactions",
        lines=(*headings(source.records[: at + 1]), *lines),
        newest_first=True,
    )


def _line(fields: Fields, rows: Sequence[Fields]) -> Line:
    kind, sub = fields["Type"], fields["Sub Type"]
    if _of_futures(fields):
        return review(_FUTURES)
    if sub in _SPLITS:
        return _split(fields, rows)
    if sub in _ENDS:
        return _ended(fields)
    if kind == "Trade" or (kind == "Receive Deliver" and number(fields["Value"])):
        return _booked(fields, _execution)
    if kind == "Money Movement":
        return _booked(fields, _cash)
    return unknown(f"{kind}, {sub} is not known")


def _of_futures(fields: Fields) -> bool:
    """True for a future, an option on one, and the cash that settles either."""
    symbols = (fields["Symbol"], fields.get("Underlying Symbol"))
    return (
        fields.get("Instrument Type").startswith("Future")
        or fields["Sub Type"] == _SETTLES_FUTURES
        or any(symbol.startswith(("/", "./")) for symbol in symbols)
    )


def _ended(fields: Fields) -> Line:
    """Only an option ends; the shares that its end brings or takes are a trade at the strike."""
    if occ_symbol(fields["Symbol"]) or fields.get("Instrument Type").endswith("Option"):
        return _booked(fields, _expiry)
    if fields["Action"] and number(fields["Value"]):
        return _booked(fields, _execution)
    return review(
        f"{fields['Sub Type']} of {fields['Symbol'] or 'no instrument'} is neither the end of an "
        "option nor a trade of shares: nothing of it was booked, look at it at tastytrade"
    )


_Entry = Execution | Expiry | CashMovement | Split


def _booked(fields: Fields, entry: Callable[[Fields], _Entry]) -> Line:
    return booked(entry(fields), instant(fields["Date"]), currency=fields.get("Currency") or "USD")


def _execution(fields: Fields) -> Execution:
    side, effect = _meaning(fields)
    symbol, multiplier = _instrument(fields)
    quantity = abs(needed(fields["Quantity"], "quantity"))
    price = abs(needed(fields["Average Price"], "price")) / multiplier
    value = number(fields["Value"])
    return Execution(
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=agreed_price(side, quantity, price, value, multiplier=multiplier),
        fee=_charges(fields),
        multiplier=multiplier,
        effect=effect,
    )


def _expiry(fields: Fields) -> Expiry | Execution:
    symbol, multiplier = _instrument(fields)
    return ended_option(
        symbol,
        abs(needed(fields["Quantity"], "quantity")),
        _ENDS[fields["Sub Type"]],
        price=optional(fields["Average Price"]) / multiplier,
        amount=number(fields["Value"]),
        fee=_charges(fields),
        multiplier=multiplier,
    )


def _cash(fields: Fields) -> CashMovement:
    kind = _CASH.get(fields["Sub Type"], CashKind.OTHER)
    return CashMovement(kind=kind, amount=needed(fields["Value"], "value"), symbol=fields["Symbol"])


def _split(fields: Fields, rows: Sequence[Fields]) -> Line:
    """A split is told as the old position closed and the new one opened, at one moment."""
    if _meaning(fields)[1] is Effect.CLOSES:
        return ignored("the old side of a split: booked with the new one")
    symbol = _instrument(fields)[0]
    old = [
        row
        for row in rows
        if (row["Date"], row["Sub Type"]) == (fields["Date"], fields["Sub Type"])
        and _instrument(row)[0] == symbol
        and _meaning(row)[1] is Effect.CLOSES
    ]
    if len(old) != 1:
        return review(f"the split of {symbol} does not tell what was held before")
    change = needed(fields["Quantity"], "quantity") - needed(old[0]["Quantity"], "quantity")
    line = _booked(fields, lambda _: Split(symbol=symbol, change=change))
    return msgspec.structs.replace(line, reason="a split: the cost goes along")


def _meaning(fields: Fields) -> tuple[Side, Effect | None]:
    words = fields["Action"].upper().replace("_", " ").split()
    if not words or words[0] not in _SIDES:
        raise UnreadableError(f"the action {fields['Action']!r} is not known")
    effects = {"OPEN": Effect.OPENS, "CLOSE": Effect.CLOSES}
    return _SIDES[words[0]], effects.get(words[-1])


def _instrument(fields: Fields) -> tuple[str, Decimal]:
    option = occ_symbol(fields["Symbol"])
    multiplier = number(fields.get("Multiplier")) or ONE
    return option or fields["Symbol"], multiplier


def _charges(fields: Fields) -> Decimal:
    """Commissions and fees; exports differ in whether a charge has a minus."""
    return abs(optional(fields.get("Commissions"))) + abs(optional(fields.get("Fees")))


FORMAT = Format(name="tastytrade", title="tastytrade transactions", fits=_fits, read=_read)

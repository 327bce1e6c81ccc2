"""Schwab: brokerage transactions, bank transactions, and lists of positions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from cockpit.domain.imported import (
    ONE,
    CashKind,
    CashMovement,
    Conversion,
    Effect,
    Entry,
    Execution,
    Expiry,
    ExpiryKind,
    Split,
    Transfer,
)
from cockpit.domain.order import Side
from cockpit.domain.values import ZERO
from cockpit.journal.statements.agreement import agreed_price, total_doubted
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.figures import (
    CONTRACT,
    day,
    is_day,
    needed,
    number,
    option_symbol,
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
from cockpit.journal.statements.table import (
    HEADING,
    Fields,
    Record,
    Source,
    fields_of,
    headings,
    judged,
    read_beside,
    read_lines,
)

_COLUMNS = ("Date", "Action", "Symbol", "Description", "Quantity", "Price", "Fees & Comm", "Amount")
_BANK = ("Date", "Type", "Description", "Withdrawal (-)", "Deposit (+)", "RunningBalance")
_POSITIONS = ("Symbol", "Description", "Quantity", "Cost Basis")
_OPTION = re.compile(
    r"^(?P<root>\S+) (?P<expiry>\d\d/\d\d/\d{4}) (?P<strike>[\d.]+) (?P<right>[CP])$"
)
_TRADES: Mapping[str, tuple[Side, Effect | None]] = {
    "Buy": (Side.BUY, None),
    "Buy to Open": (Side.BUY, Effect.OPENS),
    "Buy to Close": (Side.BUY, Effect.CLOSES),
    "Buy to Cover": (Side.BUY, Effect.CLOSES),
    "Cover Short": (Side.BUY, Effect.CLOSES),
    "Reinvest Shares": (Side.BUY, None),
    "Sell": (Side.SELL, Effect.CLOSES),
    "Sell Short": (Side.SELL, Effect.OPENS),
    "Sell to Open": (Side.SELL, Effect.OPENS),
    "Sell to Close": (Side.SELL, Effect.CLOSES),
}
_ENDS = {
    "Expired": ExpiryKind.EXPIRED,
    "Assigned": ExpiryKind.ASSIGNED,
    "Exchange or Exercise": ExpiryKind.EXERCISED,
}
_CANCEL = "Cancel "
_MOVES = ("Journaled Shares", "Security Transfer", "Stock Plan Activity", "Internal Transfer")
_MERGED_FOR_CASH, _MERGED_SHARES = "Cash Merger", "Cash Merger Adj"
_CASH_WORDS = (
    (CashKind.TAX, ("tax",)),
    (CashKind.FEE, ("fee",)),
    (CashKind.INTEREST, ("interest",)),
    (CashKind.DIVIDEND, ("div", "cap gain")),
    (CashKind.TRANSFER, ("moneylink", "journal", "funds", "wire", "transfer")),
)
_ONLY_POSITIONS = (
    "This is a list of what is held. There is nothing to book in it: "
    "export the transactions instead."
)


def _fits(source: Source) -> bool:
    return source.heading(*_COLUMNS) is not None


def _read(source: Source) -> Statement:
    at = source.heading(*_COLUMNS) or 0
    top, heading, records = source.records[:at], source.records[at], source.records[at + 1 :]
    account = _account(top)
    lines = read_beside(heading, records, lambda fields, rows: _line(fields, rows, account))
    return Statement(
        format="schwab",
        title="Schwab transactions",
        lines=(*headings((*top, heading)), *lines),
        warnings=_doubts(heading, records),
        newest_first=True,
    )


def _doubts(heading: Record, records: Sequence[Record]) -> tuple[str, ...]:
    """What the total says against the sum of the lines."""
    total = [r for r in records if r.total]
    try:
        amounts = [number(fields_of(heading, r)["Amount"]) for r in records if not r.total]
        told = number(fields_of(heading, total[-1])["Amount"]) if total else None
    except UnreadableError:
        return ()  # the lines themselves say what can't be read
    found = sum(filter(None, amounts), ZERO)
    return () if told is None or told == found else (total_doubted(told, found),)


def _account(top: Sequence[Record]) -> str:
    """Its number's last digits where the title has them, else the name in the title."""
    found = re.search(r"for account (.+?) as of", top[0].text) if top else None
    if found is None:
        return ""
    ending = re.search(r"(\d{3,})$", found[1])
    return ending[1] if ending else found[1]


def _line(fields: Fields, rows: Sequence[Fields], account: str) -> Line:
    when = When(day(fields["Date"]))
    found = _entry(fields, rows)
    if isinstance(found, Line):
        return found
    return booked(found, when, account=account)


def _entry(fields: Fields, rows: Sequence[Fields]) -> Entry | Line:
    action = fields["Action"]
    if action in _TRADES:
        return _execution(fields)
    if action in _ENDS:
        return _expiry(fields)
    if action == "Stock Split":
        return Split(symbol=fields["Symbol"], change=needed(fields["Quantity"], "quantity"))
    if action in _MOVES:
        return _moved(fields)
    if action.startswith(_CANCEL) and action.removeprefix(_CANCEL) in _TRADES:
        return _taken_back(fields, rows)
    if action in _IN_PAIRS:
        return _IN_PAIRS[action](fields, rows)
    amount = number(fields["Amount"])
    if amount is None or number(fields["Quantity"]) is not None:
        return unknown(f"the action {action!r} is not known")
    return CashMovement(kind=_cash_kind(action), amount=amount, symbol=fields["Symbol"])


def _execution(fields: Fields) -> Execution:
    side, effect = _TRADES[fields["Action"]]
    symbol, multiplier = _instrument(fields["Symbol"])
    quantity = abs(needed(fields["Quantity"], "quantity"))
    price, fees = needed(fields["Price"], "price"), optional(fields["Fees & Comm"])
    amount = number(fields["Amount"])
    return Execution(
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=agreed_price(side, quantity, price, amount, fees=fees, multiplier=multiplier),
        fee=fees,
        multiplier=multiplier,
        effect=effect,
    )


def _taken_back(fields: Fields, rows: Sequence[Fields]) -> Line:
    """Which trade was never one: a person decides, for its line says nothing of that."""
    action = fields["Action"].removeprefix(_CANCEL)
    quantity, price = abs(needed(fields["Quantity"], "quantity")), number(fields["Price"])
    trade = f"{action} {quantity:f} {fields['Symbol']}" + ("" if price is None else f" @ {price:f}")
    days = sorted(
        day(row["Date"])
        for row in rows
        if (row["Action"], row["Symbol"]) == (action, fields["Symbol"])
        and abs(optional(row["Quantity"])) == quantity
        and price in (None, number(row["Price"]))
        and day(row["Date"]) <= day(fields["Date"])
    )
    if not days:
        return review(
            f"takes back {trade}, which is not in this file: another import may have booked it. "
            "Take that one back with cockpit journal undo, and import it without that line"
        )
    return review(
        f"takes back {trade} of {' or '.join(dict.fromkeys(days))}, which stays booked: take both "
        "lines out of the file and import that; what is imported already goes back with "
        "cockpit journal undo"
    )


def _expiry(fields: Fields) -> Expiry | Line:
    if number(fields["Price"]) or number(fields["Amount"]):
        return review("an option that ended has no price and no amount")
    return Expiry(
        symbol=_instrument(fields["Symbol"])[0],
        quantity=abs(needed(fields["Quantity"], "quantity")),
        how=_ENDS[fields["Action"]],
    )


def _moved(fields: Fields) -> Entry:
    quantity = number(fields["Quantity"])
    if quantity is None:
        amount = needed(fields["Amount"], "quantity and amount")
        return CashMovement(kind=CashKind.TRANSFER, amount=amount, symbol=fields["Symbol"])
    return Transfer(symbol=fields["Symbol"], quantity=quantity, price=number(fields["Price"]))


def _cash_merger(fields: Fields, rows: Sequence[Fields]) -> Entry | Line:
    """The money stands on one line, the shares that went for it on another."""
    if fields["Action"] == _MERGED_SHARES:
        return ignored("the shares of a cash merger: booked with its money")
    shares = [
        needed(row["Quantity"], "quantity")
        for row in rows
        if row["Action"] == _MERGED_SHARES
        and (row["Date"], row["Symbol"]) == (fields["Date"], fields["Symbol"])
    ]
    if len(shares) != 1 or shares[0] == 0:
        return review(f"the merger of {fields['Symbol']} does not tell how many shares went")
    quantity, amount = abs(shares[0]), needed(fields["Amount"], "amount")
    return Execution(
        symbol=fields["Symbol"],
        side=Side.SELL,
        quantity=quantity,
        price=amount / quantity,
        effect=Effect.CLOSES,
    )


def _stock_merger(fields: Fields, rows: Sequence[Fields]) -> Entry | Line:
    """One line takes the old shares away, another brings the new ones."""
    if needed(fields["Quantity"], "quantity") < 0:
        return ignored("the old shares of a merger: booked with the new ones")
    old = [
        row
        for row in rows
        if (row["Action"], row["Date"]) == (fields["Action"], fields["Date"])
        and optional(row["Quantity"]) < 0
    ]
    if len(old) != 1:
        return review(f"the merger into {fields['Symbol']} does not tell which shares went")
    return Conversion(
        gives=old[0]["Symbol"],
        given=-needed(old[0]["Quantity"], "quantity"),
        symbol=fields["Symbol"],
        received=needed(fields["Quantity"], "quantity"),
    )


def _reverse_split(fields: Fields, rows: Sequence[Fields]) -> Entry | Line:
    """The old quantity goes, the new one comes: two lines of one day."""
    if needed(fields["Quantity"], "quantity") < 0:
        return ignored("the old side of a reverse split: booked with the new one")
    sides = [
        needed(row["Quantity"], "quantity")
        for row in rows
        if (row["Action"], row["Date"]) == (fields["Action"], fields["Date"])
        and row["Symbol"].partition(" ")[0] == fields["Symbol"]
    ]
    if len(sides) != 2:
        return review(f"the reverse split of {fields['Symbol']} does not tell what was held")
    return Split(symbol=fields["Symbol"], change=sides[0] + sides[1])


_IN_PAIRS: Mapping[str, Callable[[Fields, Sequence[Fields]], Entry | Line]] = {
    _MERGED_FOR_CASH: _cash_merger,
    _MERGED_SHARES: _cash_merger,
    "Stock Merger": _stock_merger,
    "Reverse Split": _reverse_split,
}


def _instrument(text: str) -> tuple[str, Decimal]:
    option = _OPTION.match(text)
    if option is None:
        return text, ONE
    expiry = datetime.strptime(option["expiry"], "%m/%d/%Y").date()  # noqa: DTZ007 -- a day has no zone
    strike = needed(option["strike"], "strike")
    return option_symbol(option["root"], expiry, option["right"], strike), CONTRACT


def _cash_kind(action: str) -> CashKind:
    lower = action.lower()
    return next(
        (kind for kind, words in _CASH_WORDS if any(word in lower for word in words)),
        CashKind.OTHER,
    )


def _fits_bank(source: Source) -> bool:
    return source.heading(*_BANK) is not None


def _read_bank(source: Source) -> Statement:
    at = source.heading(*_BANK) or 0
    top, heading, records = source.records[:at], source.records[at], source.records[at + 1 :]
    return Statement(
        format="schwab-bank",
        title="Schwab bank transactions",
        lines=(
            *headings((*top, heading)),
            *read_lines(heading, records, _bank_line),
        ),
        newest_first=True,
    )


def _bank_line(fields: Fields) -> Line:
    if not (is_day(fields["Date"]) or fields.get("Withdrawal (-)", "Deposit (+)")):
        return ignored(HEADING)
    amount = optional(fields["Deposit (+)"]) - optional(fields["Withdrawal (-)"])
    kind = CashKind.INTEREST if fields["Type"] == "INTADJUST" else CashKind.TRANSFER
    entry = CashMovement(kind=kind, amount=amount)
    return booked(entry, When(day(fields["Date"])), account="bank")


def _fits_positions(source: Source) -> bool:
    first = source.records[0].text if source.records else ""
    return first.startswith("Positions for ") and source.heading(*_POSITIONS) is not None


def _read_positions(source: Source) -> Statement:
    held = ignored("what is held, not a transaction")
    return Statement(
        format="schwab-positions",
        title="Schwab positions",
        lines=tuple(judged(record, lambda _: held) for record in source.records),
        warnings=(_ONLY_POSITIONS,),
    )


FORMAT = Format(name="schwab", title="Schwab transactions", fits=_fits, read=_read)
BANK = Format(
    name="schwab-bank", title="Schwab bank transactions", fits=_fits_bank, read=_read_bank
)
POSITIONS = Format(
    name="schwab-positions", title="Schwab positions", fits=_fits_positions, read=_read_positions
)

"""Any table of trades, by which column means what: recognised by usual names, or told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial

import msgspec

from cockpit.domain.imported import (
    ONE,
    CashKind,
    CashMovement,
    Effect,
    Entry,
    Execution,
    Split,
)
from cockpit.domain.order import Side
from cockpit.journal.statements.agreement import agreed_price
from cockpit.journal.statements.errors import StatementError, UnreadableError
from cockpit.journal.statements.figures import (
    CONTRACT,
    day,
    instant,
    needed,
    number,
    occ_symbol,
    optional,
    time_of_day,
)
from cockpit.journal.statements.statement import (
    Line,
    Statement,
    When,
    booked,
    ignored,
    unknown,
)
from cockpit.journal.statements.table import Fields, Source, headings, judged

NAME = "table"
MEANINGS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "trade date", "datetime", "date/time", "timestamp", "executed at"),
    "time": ("time", "exec time", "trade time", "execution time"),
    "symbol": ("symbol", "ticker", "instrument", "underlying"),
    "side": ("side", "action", "buy/sell", "type", "transaction", "b/s"),
    "quantity": ("quantity", "qty", "shares", "size", "units", "volume", "filled qty"),
    "price": ("price", "fill price", "exec price", "avg price", "average price"),
    "fees": ("fees", "fee", "commission", "commissions", "comm", "costs"),
    "amount": ("amount", "net amount", "proceeds", "value"),
    "currency": ("currency", "ccy"),
    "account": ("account", "account number", "account id"),
    "id": ("id", "trade id", "execution id", "exec id", "fill id"),
}
"""What a column can mean, and the headings that are taken for it."""
NEEDED = ("date", "symbol", "quantity", "price")

_TRADES: Mapping[str, tuple[Side, Effect | None]] = {
    "buy": (Side.BUY, None),
    "b": (Side.BUY, None),
    "bought": (Side.BUY, None),
    "bot": (Side.BUY, None),
    "long": (Side.BUY, None),
    "sell": (Side.SELL, None),
    "s": (Side.SELL, None),
    "sold": (Side.SELL, None),
    "sld": (Side.SELL, None),
    "short": (Side.SELL, Effect.OPENS),
    "sell short": (Side.SELL, Effect.OPENS),
    "ss": (Side.SELL, Effect.OPENS),
    "cover": (Side.BUY, Effect.CLOSES),
    "buy to cover": (Side.BUY, Effect.CLOSES),
    "bc": (Side.BUY, Effect.CLOSES),
    "buy to open": (Side.BUY, Effect.OPENS),
    "bto": (Side.BUY, Effect.OPENS),
    "buy to close": (Side.BUY, Effect.CLOSES),
    "btc": (Side.BUY, Effect.CLOSES),
    "sell to open": (Side.SELL, Effect.OPENS),
    "sto": (Side.SELL, Effect.OPENS),
    "sell to close": (Side.SELL, Effect.CLOSES),
    "stc": (Side.SELL, Effect.CLOSES),
}
_CASH = {
    "dividend": CashKind.DIVIDEND,
    "interest": CashKind.INTEREST,
    "fee": CashKind.FEE,
    "tax": CashKind.TAX,
    "transfer": CashKind.TRANSFER,
    "deposit": CashKind.TRANSFER,
    "withdrawal": CashKind.TRANSFER,
}
_SPLITS = ("split", "stock split")

Mapped = Mapping[str, str]
"""Meaning to heading, e.g. {"symbol": "Ticker"}."""


def guessed(heading: Sequence[str]) -> dict[str, str]:
    """Which column means what, by the usual names; some may be missing."""
    found: dict[str, str] = {}
    for meaning, names in MEANINGS.items():
        fitting = [cell for name in names for cell in heading if cell.lower() == name]
        if fitting and fitting[0] not in found.values():
            found[meaning] = fitting[0]
    return found


def heading_of(source: Source) -> Sequence[str]:
    """The cells of the first record. Raises StatementError for a file without one."""
    if not source.records:
        raise StatementError(
            "empty file",
            user_text="The file is empty. Nothing was booked.",
        )
    return source.records[0].cells


def missing(mapping: Mapped) -> tuple[str, ...]:
    """The meanings without which no trade can be read."""
    return tuple(meaning for meaning in NEEDED if meaning not in mapping)


def read(source: Source, mapping: Mapped) -> Statement:
    """The table by `mapping`. Raises StatementError when a needed column is not mapped."""
    heading = source.records[0]
    if lacking := missing(mapping):
        raise StatementError(
            f"no column for {lacking}",
            user_text="This is none of the known statements, and as a table it lacks a column for "
            f"{', '.join(lacking)}. Its columns are: {', '.join(filter(None, heading.cells))}. "
            "Nothing was booked. Say which column is which: --map symbol=Ticker",
        )
    places = {cell: at for at, cell in enumerate(heading.cells)}

    def _fields(cells: Sequence[str]) -> Fields:
        return {
            meaning: cells[places[column]] if places[column] < len(cells) else ""
            for meaning, column in mapping.items()
        }

    lines = (judged(record, lambda r: _line(_fields(r.cells))) for record in source.records[1:])
    return Statement(format=NAME, title="a table of trades", lines=(*headings([heading]), *lines))


def _line(fields: Fields) -> Line:
    if not any(fields.values()):
        return ignored("an empty line")
    entry = _entry(fields)
    if entry is None:
        return unknown(f"the action {fields.get('side', '')!r} is not known")
    return booked(
        entry,
        _when(fields),
        account=fields.get("account", ""),
        currency=fields.get("currency") or "USD",
        reference=fields.get("id", ""),
    )


def _entry(fields: Fields) -> Entry | None:
    word = fields.get("side", "").lower().replace("_", " ")
    quantity = needed(fields["quantity"], "quantity")
    if not word:
        return _execution(fields, Side.BUY if quantity > 0 else Side.SELL, None)
    if word in _TRADES:
        return _execution(fields, *_TRADES[word])
    if word in _SPLITS:
        return Split(symbol=fields["symbol"], change=quantity)
    if word in _CASH:
        amount = number(fields.get("amount", ""))
        told = quantity * needed(fields["price"], "price") if amount is None else amount
        return CashMovement(kind=_CASH[word], amount=told, symbol=fields["symbol"])
    return None


def _execution(fields: Fields, side: Side, effect: Effect | None) -> Execution:
    option = occ_symbol(fields["symbol"])
    execution = Execution(
        symbol=option or fields["symbol"],
        side=side,
        quantity=abs(needed(fields["quantity"], "quantity")),
        price=needed(fields["price"], "price"),
        fee=abs(optional(fields.get("fees", ""))),
        multiplier=ONE if option is None else CONTRACT,
        effect=effect,
    )
    amount = number(fields.get("amount", ""))
    return execution if amount is None else _agreeing(execution, abs(amount))


def _agreeing(told: Execution, amount: Decimal) -> Execution:
    """The amount may be before or after fees: with one of them it must agree."""
    signed = -told.side.sign * amount
    agreed = partial(
        agreed_price, told.side, told.quantity, told.price, signed, multiplier=told.multiplier
    )
    try:
        price = agreed(fees=told.fee)
    except UnreadableError:
        price = agreed()
    return msgspec.structs.replace(told, price=price)


def _when(fields: Fields) -> When:
    date, clock = fields["date"], fields.get("time", "")
    if clock:
        return When(day(date), time_of_day(clock))
    try:
        return When(day(date))
    except UnreadableError:
        return _moment(date)


def _moment(text: str) -> When:
    """A day and a time in one cell; without a zone it is New York's."""
    try:
        zoned = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        zoned = False
    if zoned:
        return instant(text)
    date, _, clock = text.replace("T", " ").partition(" ")
    return When(day(date), time_of_day(clock.partition(".")[0]))

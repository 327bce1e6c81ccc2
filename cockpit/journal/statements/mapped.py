"""Any table of trades, by which column means what: recognised by usual names, or told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
from cockpit.journal.statements.errors import ColumnsError, StatementError, UnreadableError
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
from cockpit.journal.statements.table import (
    Fields,
    Record,
    Source,
    fields_of,
    headings,
    read_lines,
)

NAME = "table"
MEANINGS: Mapping[str, tuple[str, ...]] = {
    "date": (
        "filled time",
        "filled at",
        "fill time",
        "executed at",
        "execution date",
        "trade date",
        "datetime",
        "date/time",
        "date time",
        "timestamp",
        "date",
        "t/d",
    ),
    "time": ("exec time", "trade time", "execution time", "time"),
    "symbol": ("symbol", "ticker", "instrument", "underlying", "stock", "security"),
    "side": ("side", "action", "buy/sell", "b/s", "transaction type", "type", "transaction"),
    "quantity": (
        "filled qty",
        "filled quantity",
        "filled",
        "exec qty",
        "quantity",
        "qty",
        "shares",
        "size",
        "units",
        "volume",
        "amount of shares",
    ),
    "price": (
        "avg fill price",
        "average fill price",
        "fill price",
        "exec price",
        "execution price",
        "avg price",
        "average price",
        "trade price",
        "price",
    ),
    "fees": ("fees", "fee", "commission", "commissions", "comm", "costs", "fees & comm"),
    "amount": ("amount", "net amount", "proceeds", "value"),
    "currency": ("currency", "ccy"),
    "account": ("account", "account number", "account id"),
    "id": ("id", "trade id", "execution id", "exec id", "fill id"),
    "status": ("status", "order status", "state"),
}
"""What a column can mean, and the headings that are taken for it."""
_UNIT = re.compile(r"\([^)]*\)")
_SIGNS = re.compile(r"[^a-zA-Z&/]+")
_DATE = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b")
_UNFILLED = ("cancel", "reject", "expire", "fail", "pending")
SEARCHED = 40
"""Records among which a table's heading must stand."""
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
        fitting = (cell for name in names for cell in heading if _plain(cell) == name)
        free = next((cell for cell in fitting if cell not in found.values()), None)
        if free is not None:
            found[meaning] = free
    return found


def _plain(heading: str) -> str:
    """Without the unit in brackets and without signs: "Fill_Price ($)" is "fill price"."""
    return " ".join(_SIGNS.sub(" ", _UNIT.sub("", heading)).casefold().split())


def heading_of(source: Source, told: Mapped | None = None) -> Sequence[str]:
    """The cells of the table's heading. Raises StatementError for a file without a record.

    That is the first record with the columns `told`, else with all that are needed, else the one
    with the most names.
    """
    return records_of(source)[heading_at(source, told or {})].cells


def records_of(source: Source) -> Sequence[Record]:
    """What the file holds. Raises StatementError when that is nothing."""
    if not source.records:
        raise StatementError(
            "empty file",
            user_text="The file is empty. Nothing was booked.",
        )
    return source.records


def heading_at(source: Source, told: Mapped) -> int:
    """The place of the record that `heading_of` tells of."""
    searched = source.records[:SEARCHED]
    for place, record in enumerate(searched):
        named = set(told.values()) <= set(record.cells)
        if named and (told or not missing(guessed(record.cells))):
            return place
    return max(range(len(searched)), key=lambda place: _names_in(searched[place]), default=0)


def _names_in(record: Record) -> int:
    """How many cells are words, of which none is there twice."""
    words = [cell for cell in record.cells if cell and not any(map(str.isdigit, cell))]
    return len(words) if len(set(words)) == len(words) else 0


def missing(mapping: Mapped) -> tuple[str, ...]:
    """The meanings without which no trade can be read."""
    return tuple(meaning for meaning in NEEDED if meaning not in mapping)


def read(source: Source, mapping: Mapped) -> Statement:
    """The table by `mapping`. Raises StatementError when a needed column is not mapped."""
    at = heading_at(source, mapping)
    heading = source.records[at]
    if lacking := missing(mapping):
        raise ColumnsError(
            f"no column for {lacking}",
            user_text="This is none of the known statements, and as a table it lacks a column for "
            f"{', '.join(lacking)}. Its columns are: {', '.join(filter(None, heading.cells))}. "
            "Nothing was booked. Say which column is which: --map symbol=Ticker",
        )
    records = source.records[at + 1 :]
    first = _day_first(fields_of(heading, record)[mapping["date"]] for record in records)

    def _meant(fields: Fields) -> Line:
        meant = Fields({meaning: fields.get(column) for meaning, column in mapping.items()})
        return _line(meant, day_first=first)

    return Statement(
        format=NAME,
        title="a table of trades",
        lines=(
            *headings(source.records[: at + 1]),
            *read_lines(heading, records, _meant),
        ),
    )


def _day_first(dates: Iterable[str]) -> bool:
    """True when 5/12/2022 is in December: the month of another date would be above 12."""
    found = [date for date in map(_DATE.match, dates) if date is not None]
    return any(int(date[1]) > 12 for date in found) and all(int(date[2]) <= 12 for date in found)


def _line(fields: Fields, *, day_first: bool) -> Line:
    if fields.silent:
        return ignored("a line that says nothing of a trade")
    if fields.get("status").casefold().startswith(_UNFILLED) and not number(fields["quantity"]):
        return ignored("an order that was not filled")
    entry = _entry(fields)
    if entry is None:
        return unknown(f"the action {fields.get('side')!r} is not known")
    return booked(
        entry,
        _when(fields, day_first=day_first),
        account=fields.get("account"),
        currency=fields.get("currency") or "USD",
        reference=fields.get("id"),
    )


def _entry(fields: Fields) -> Entry | None:
    word = " ".join(fields.get("side").casefold().replace("_", " ").replace("-", " ").split())
    quantity = needed(fields["quantity"], "quantity")
    if not word:
        return _execution(fields, Side.BUY if quantity > 0 else Side.SELL, None)
    if word in _TRADES:
        return _execution(fields, *_TRADES[word])
    if word in _SPLITS:
        return Split(symbol=_symbol(fields), change=quantity)
    if word in _CASH:
        amount = number(fields.get("amount"))
        told = quantity * needed(fields["price"], "price") if amount is None else amount
        return CashMovement(kind=_CASH[word], amount=told, symbol=_symbol(fields))
    return None


def _execution(fields: Fields, side: Side, effect: Effect | None) -> Execution:
    symbol, signed = _symbol(fields), needed(fields["quantity"], "quantity")
    option = occ_symbol(symbol)
    if side is Side.BUY and signed < 0:
        raise UnreadableError(f"{fields['side']} and a quantity of {signed:f} do not agree")
    execution = Execution(
        symbol=option or symbol,
        side=side,
        quantity=abs(signed),
        price=needed(fields["price"], "price"),
        fee=abs(optional(fields.get("fees"))),
        multiplier=ONE if option is None else CONTRACT,
        effect=effect,
    )
    amount = number(fields.get("amount"))
    return execution if amount is None else _agreeing(execution, abs(amount))


def _symbol(fields: Fields) -> str:
    """In capitals: who types a table by hand writes abc and ABC for one thing."""
    return fields["symbol"].upper()


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


def _when(fields: Fields, *, day_first: bool) -> When:
    date, clock = fields["date"], fields.get("time")
    if clock:
        return When(day(date, day_first=day_first), time_of_day(clock))
    try:
        return When(day(date, day_first=day_first))
    except UnreadableError:
        return _moment(date, day_first=day_first)


def _moment(text: str, *, day_first: bool) -> When:
    """A day and a time in one cell; without a zone it is New York's."""
    try:
        zoned = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        zoned = False
    if zoned:
        return instant(text)
    date, _, clock = text.replace("T", " ", 1).replace(",", " ").partition(" ")
    return When(day(date, day_first=day_first), time_of_day(clock))

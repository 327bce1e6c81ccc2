"""Alpaca: account activities as the broker's own interface gives them, a JSON list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec

from cockpit.domain.errors import DomainError
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
from cockpit.journal.statements.errors import StatementError, UnreadableError
from cockpit.journal.statements.figures import CONTRACT, day, instant, needed, occ_symbol
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.statement import Line, Statement, When, booked, review, unknown
from cockpit.journal.statements.table import Source

_SIDES: Mapping[str, tuple[Side, Effect | None]] = {
    "buy": (Side.BUY, None),
    "sell": (Side.SELL, None),
    "sell_short": (Side.SELL, Effect.OPENS),
    "buy_to_cover": (Side.BUY, Effect.CLOSES),
}
_ENDS = {
    "OPEXP": ExpiryKind.EXPIRED,
    "OPASN": ExpiryKind.ASSIGNED,
    "OPEXC": ExpiryKind.EXERCISED,
}
_CASH = {
    "DIV": CashKind.DIVIDEND,
    "DIVCGL": CashKind.DIVIDEND,
    "DIVCGS": CashKind.DIVIDEND,
    "DIVNRA": CashKind.TAX,
    "DIVFT": CashKind.TAX,
    "DIVTXEX": CashKind.DIVIDEND,
    "INT": CashKind.INTEREST,
    "INTNRA": CashKind.TAX,
    "INTTW": CashKind.TAX,
    "FEE": CashKind.FEE,
    "CFEE": CashKind.FEE,
    "PTC": CashKind.FEE,
    "CSD": CashKind.TRANSFER,
    "CSR": CashKind.TRANSFER,
    "CSW": CashKind.TRANSFER,
    "JNL": CashKind.TRANSFER,
    "JNLC": CashKind.TRANSFER,
    "TRANS": CashKind.TRANSFER,
    "MISC": CashKind.OTHER,
}
_Activity = dict[str, Any]


def _fits(source: Source) -> bool:
    return source.text.lstrip().startswith("[") and '"activity_type"' in source.text


def _read(source: Source) -> Statement:
    try:
        activities = json.loads(source.text, parse_float=str, parse_int=str)
    except ValueError as error:
        raise StatementError(
            f"no JSON: {error}",
            user_text="The file breaks off or is no JSON. Nothing was booked. Export it again.",
        ) from error
    return Statement(
        format="alpaca",
        title="Alpaca account activities",
        lines=tuple(_judged(number, one) for number, one in enumerate(activities, start=1)),
        newest_first=True,
    )


def _judged(number: int, activity: object) -> Line:
    if not isinstance(activity, dict):
        line = unknown("it is no activity")
    else:
        try:
            line = _line(cast("_Activity", activity))
        except UnreadableError as error:
            line = review(error.user_text)
        except DomainError as error:
            line = review(str(error))
    return msgspec.structs.replace(line, number=number, text=json.dumps(activity)[:300])


def _line(activity: _Activity) -> Line:
    kind, reference = _text(activity, "activity_type"), _text(activity, "id")
    if kind == "FILL":
        return booked(
            _execution(activity), instant(_text(activity, "transaction_time")), reference=reference
        )
    entry = _entry(kind, activity)
    if entry is None:
        return unknown(f"the activity {kind!r} is not known")
    return booked(entry, When(day(_text(activity, "date"))), reference=reference)


def _entry(kind: str, activity: _Activity) -> Entry | None:
    if kind in _ENDS:
        quantity = abs(needed(_text(activity, "qty"), "quantity"))
        symbol = _instrument(_text(activity, "symbol"))[0]
        return Expiry(symbol=symbol, quantity=quantity, how=_ENDS[kind])
    if kind not in _CASH:
        return None
    amount = needed(_text(activity, "net_amount"), "net amount")
    return CashMovement(kind=_CASH[kind], amount=amount, symbol=_text(activity, "symbol"))


def _execution(activity: _Activity) -> Execution:
    word = _text(activity, "side")
    if word not in _SIDES:
        raise UnreadableError(f"the side {word!r} is not known")
    (side, effect), (symbol, multiplier) = _SIDES[word], _instrument(_text(activity, "symbol"))
    return Execution(
        symbol=symbol,
        side=side,
        quantity=needed(_text(activity, "qty"), "quantity"),
        price=needed(_text(activity, "price"), "price"),
        multiplier=multiplier,
        effect=effect,
    )


def _instrument(text: str) -> tuple[str, Decimal]:
    option = occ_symbol(text)
    return (text, ONE) if option is None else (option, CONTRACT)


def _text(activity: _Activity, name: str) -> str:
    value = activity.get(name)
    return "" if value is None else str(value)


FORMAT = Format(name="alpaca", title="Alpaca account activities", fits=_fits, read=_read)

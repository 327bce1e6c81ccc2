"""Alpaca: account activities as the broker's own interface gives them, a JSON list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any, cast

import msgspec

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
from cockpit.journal.statements.ended import ended_option
from cockpit.journal.statements.errors import StatementError, UnreadableError
from cockpit.journal.statements.figures import CONTRACT, day, instant, needed, number, occ_symbol
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.statement import (
    Line,
    Statement,
    When,
    booked,
    ignored,
    unknown,
)
from cockpit.journal.statements.table import Source, seen

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
_SPLITS = ("SPLIT", "SSP")
_Activity = dict[str, Any]


def _fits(source: Source) -> bool:
    return source.text.lstrip()[:1] in ("[", "{") and '"activity_type"' in source.text


def _read(source: Source) -> Statement:
    """A list, the pages of several in one object, or an activity a line."""
    try:
        activities = _activities(source.text)
    except ValueError as error:
        raise StatementError(
            f"no JSON: {error}",
            user_text="The file breaks off or is no JSON. Nothing was booked. Export it again.",
        ) from error
    splits = _splits(activities)
    return Statement(
        format="alpaca",
        title="Alpaca account activities",
        lines=tuple(_judged(at, one, splits) for at, one in enumerate(activities, start=1)),
        newest_first=True,
    )


def _activities(text: str) -> list[object]:
    loads = partial(json.loads, parse_float=str, parse_int=str)
    try:
        told: object = loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if not all(line.lstrip().startswith("{") for line in lines):
            raise
        return [loads(line) for line in lines]
    if isinstance(told, list):
        return cast("list[object]", told)
    within = cast("_Activity", told)
    lists = [cast("list[object]", value) for value in within.values() if isinstance(value, list)]
    return [one for several in lists for one in several] if lists else [told]


def _splits(activities: Sequence[object]) -> Mapping[tuple[str, str], Decimal]:
    """By how many units a split of a day changed a symbol: the old ones go, the new ones come."""
    found: dict[tuple[str, str], Decimal] = {}
    for one in activities:
        if isinstance(one, dict) and one.get("activity_type") in _SPLITS:  # pyright: ignore[reportUnknownMemberType] -- JSON
            activity = cast("_Activity", one)
            key = (_text(activity, "date"), _text(activity, "symbol"))
            with suppress(UnreadableError):  # the activity itself says so
                found[key] = found.get(key, ZERO) + needed(_text(activity, "qty"), "quantity")
    return found


def _judged(at: int, activity: object, splits: Mapping[tuple[str, str], Decimal]) -> Line:
    if not isinstance(activity, dict):
        line = unknown("it is no activity")
    else:
        line = seen(lambda: _line(cast("_Activity", activity), splits))
    return msgspec.structs.replace(line, number=at, text=json.dumps(activity)[:300])


def _line(activity: _Activity, splits: Mapping[tuple[str, str], Decimal]) -> Line:
    kind, reference = _text(activity, "activity_type"), _text(activity, "id")
    if kind == "FILL":
        return booked(
            _execution(activity), instant(_text(activity, "transaction_time")), reference=reference
        )
    entry = _split(activity, splits) if kind in _SPLITS else _entry(kind, activity)
    if isinstance(entry, Line):
        return entry
    if entry is None:
        return unknown(f"the activity {kind!r} is not known")
    return booked(entry, When(day(_text(activity, "date"))), reference=reference)


def _entry(kind: str, activity: _Activity) -> Entry | None:
    if kind in _ENDS:
        quantity = abs(needed(_text(activity, "qty"), "quantity"))
        symbol = _instrument(_text(activity, "symbol"))[0]
        price, amount = number(_text(activity, "price")), number(_text(activity, "net_amount"))
        return ended_option(symbol, quantity, _ENDS[kind], price=price, amount=amount)
    if kind == "OPTRD":
        return _delivered(activity)
    if kind == "CFEE" and (_text(activity, "qty") or "0") != "0":
        return _fee_in_kind(activity)
    if kind not in _CASH:
        return None
    amount = needed(_text(activity, "net_amount"), "net amount")
    return CashMovement(kind=_CASH[kind], amount=amount, symbol=_text(activity, "symbol"))


def _split(activity: _Activity, splits: Mapping[tuple[str, str], Decimal]) -> Split | Line:
    symbol, day_ = _text(activity, "symbol"), _text(activity, "date")
    signed, change = needed(_text(activity, "qty"), "quantity"), splits[day_, symbol]
    if signed < 0 and signed != change:
        return ignored("one side of a split: booked with the other one")
    return Split(symbol=symbol, change=change, signed=True)


def _delivered(activity: _Activity) -> Execution:
    """The shares of an option that was assigned or exercised, at its strike."""
    signed = needed(_text(activity, "qty"), "quantity")
    return Execution(
        symbol=_text(activity, "symbol"),
        side=Side.BUY if signed > 0 else Side.SELL,
        quantity=abs(signed),
        price=needed(_text(activity, "price"), "price"),
    )


def _fee_in_kind(activity: _Activity) -> Execution:
    """A fee that is taken in coins: they are sold at the price told, and that pays the fee."""
    quantity = abs(needed(_text(activity, "qty"), "quantity"))
    price = needed(_text(activity, "price"), "price")
    return Execution(
        symbol=_text(activity, "symbol"),
        side=Side.SELL,
        quantity=quantity,
        price=price,
        fee=quantity * price,
        effect=Effect.CLOSES,
    )


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

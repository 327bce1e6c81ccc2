"""Alpaca's bodies as they come: numbers as exact decimals, words as text, all else left out."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

import msgspec

from cockpit.adapters.brokers.bodies import UnreadableError, decoded, ns_of


class WireOrder(msgspec.Struct, frozen=True):
    """An order; `qty` is missing where it was given as money (`notional`)."""

    id: str
    client_order_id: str
    status: str
    symbol: str | None = None
    side: str | None = None
    type: str | None = None
    time_in_force: str | None = None
    qty: Decimal | None = None
    notional: Decimal | None = None
    filled_qty: Decimal | None = None
    filled_avg_price: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    submitted_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    replaces: str | None = None
    order_class: str | None = None
    extended_hours: bool | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    legs: tuple[WireOrder, ...] | None = None


class WireId(msgspec.Struct, frozen=True):
    """What is needed to cancel an order."""

    id: str


class WireName(msgspec.Struct, frozen=True):
    """The least that names an order which can't be read."""

    id: str
    client_order_id: str
    symbol: str
    submitted_at: str
    why: str = ""


class WireAccount(msgspec.Struct, frozen=True):
    """Money, and whether the account may trade."""

    id: str
    status: str
    cash: Decimal
    equity: Decimal
    buying_power: Decimal
    currency: str = "USD"
    account_number: str = ""
    multiplier: Decimal | None = None
    daytrade_count: int | None = None
    trading_blocked: bool = False
    account_blocked: bool = False
    trade_suspended_by_user: bool = False
    pattern_day_trader: bool = False
    shorting_enabled: bool = False


class WirePosition(msgspec.Struct, frozen=True):
    """What is held of one symbol."""

    symbol: str
    qty: Decimal
    side: str
    avg_entry_price: Decimal


class WireActivity(msgspec.Struct, frozen=True):
    """An execution in the account's activities; the order has only the venue's id here."""

    id: str
    order_id: str
    symbol: str
    side: str
    qty: Decimal
    price: Decimal
    cum_qty: Decimal
    transaction_time: str


class WireBroken(msgspec.Struct, frozen=True):
    """An execution of which only this much can be read, and why not more."""

    id: str = ""
    order_id: str = ""
    symbol: str = ""
    why: str = ""


class WireAsset(msgspec.Struct, frozen=True):
    """What is listed; whether it may be sold short, and whether shares are there for it."""

    symbol: str
    name: str = ""
    status: str = ""
    tradable: bool = False
    shortable: bool = False
    easy_to_borrow: bool = False
    fractionable: bool = False


class WireClock(msgspec.Struct, frozen=True):
    """The venue's time; when it opens and closes is the calendar's."""

    timestamp: str


class WireDay(msgspec.Struct, frozen=True):
    """One trading day, New York time of day."""

    date: str
    open: str
    close: str


class WireHistory(msgspec.Struct, frozen=True):
    """Equity over time: columns of equal length, times in seconds UTC."""

    timestamp: list[int]
    equity: list[Decimal | None]
    profit_loss: list[Decimal | None]
    base_value: Decimal | None = None
    timeframe: str = ""


class WireCharge(msgspec.Struct, frozen=True):
    """An activity that is no trade: a fee, interest, a dividend, a transfer.

    `net_amount` is as it was sent: one that is no number must not spoil the others' page.
    """

    id: str = ""
    activity_type: str = ""
    net_amount: object = None
    date: str | None = None
    symbol: str | None = None
    description: str | None = None
    status: str | None = None


class WireOutcome(msgspec.Struct, frozen=True):
    """One line of the answer to a bulk cancel."""

    id: str
    status: int


class WireUpdate(msgspec.Struct, frozen=True):
    """What happened to an order, and the order after it."""

    event: str
    order: WireOrder
    timestamp: str | None = None
    execution_id: str | None = None
    previous_execution_id: str | None = None
    qty: Decimal | None = None
    price: Decimal | None = None


def each_decoded(body: bytes) -> list[WireOrder | WireName]:
    """The orders of a page; of one that can't be read its name and why.

    Raises UnreadableError for what is no list of orders, or an order without a name.
    """
    return [_decoded_or_named(bytes(part)) for part in decoded(body, list[msgspec.Raw])]


def _decoded_or_named(part: bytes) -> WireOrder | WireName:
    try:
        return msgspec.json.decode(part, type=WireOrder)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return msgspec.structs.replace(decoded(part, WireName), why=str(error))


def each_fill_decoded(body: bytes) -> list[WireActivity | WireBroken]:
    """The executions of a page; of one that can't be read what can. Raises UnreadableError."""
    return [_fill_or_broken(bytes(part)) for part in decoded(body, list[msgspec.Raw])]


def _fill_or_broken(part: bytes) -> WireActivity | WireBroken:
    try:
        fill = msgspec.json.decode(part, type=WireActivity)
        ns_of(fill.transaction_time)
    except (msgspec.DecodeError, UnicodeDecodeError, UnreadableError) as error:
        return WireBroken(**_names_in(decoded(part, object)), why=str(error))
    return fill


def _names_in(told: object) -> dict[str, str]:
    """What of a broken execution's names is text."""
    found = cast("dict[str, object]", told) if isinstance(told, dict) else {}
    names = {key: found.get(key) for key in ("id", "order_id", "symbol")}
    return {key: value for key, value in names.items() if isinstance(value, str)}


def price_or_none(value: Decimal | None) -> Decimal | None:
    """A price; None for what is not there, or written as zero."""
    return value if value is not None and value.is_finite() and value > 0 else None

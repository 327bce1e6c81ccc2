"""Orders as Alpaca takes them: every number as text, always under an id of ours."""

from __future__ import annotations

import re
from decimal import Decimal

from cockpit.adapters.brokers.alpaca.faults import HeldBackError
from cockpit.domain.order import Order, OrderIntent

_LONGEST_ID = 128
_OPTION = re.compile(r"[A-Z]{1,6}\d{6}[CP]\d{8}")


def order_body(order: Order) -> dict[str, str]:
    """The body of a new order. Raises HeldBackError for what is not traded here."""
    intent = order.intent
    _check(order)
    return {
        "client_order_id": order.client_order_id,
        "symbol": intent.symbol,
        "side": intent.side.value,
        "type": intent.type.value,
        "time_in_force": intent.tif.value,
        "qty": text_of(intent.quantity),
        **_prices(intent),
    }


def replace_body(order: Order, replacement: Order) -> dict[str, str]:
    """What changes of a working order. Raises HeldBackError for what the venue can't change."""
    old, new = order.intent, replacement.intent
    _check(replacement)
    if (old.symbol, old.side, old.type) != (new.symbol, new.side, new.type):
        raise HeldBackError("a replacement keeps symbol, side and type")
    if order.filled > 0:
        raise HeldBackError(
            "a part of the order was filled and the venue would ask for all of it again; cancel it "
            "and place a new one"
        )
    body = {
        "client_order_id": replacement.client_order_id,
        "time_in_force": new.tif.value,
        **_prices(new),
    }
    if new.quantity != old.quantity:
        body["qty"] = text_of(new.quantity)
    return body


def text_of(value: Decimal) -> str:
    """A number as plain digits: no exponent, no zeros behind the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _prices(intent: OrderIntent) -> dict[str, str]:
    prices = {"limit_price": intent.limit_price, "stop_price": intent.stop_price}
    return {name: text_of(price) for name, price in prices.items() if price is not None}


def _check(order: Order) -> None:
    if len(order.client_order_id) > _LONGEST_ID:
        raise HeldBackError(f"the order's id is longer than {_LONGEST_ID} characters")
    if "/" in order.symbol or _OPTION.fullmatch(order.symbol):
        raise HeldBackError(f"{order.symbol} is not a stock; only stocks are traded at Alpaca")

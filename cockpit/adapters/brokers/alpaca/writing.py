"""Orders as Alpaca takes them: every number as text, always under an id of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from cockpit.adapters.brokers.alpaca.faults import HeldBackError
from cockpit.domain.order import Order, OrderIntent, TimeInForce
from cockpit.domain.order_groups import belongs
from cockpit.domain.venue_terms import OrderClass, VenueTerms

_LONGEST_ID = 128
_SMALLEST = Decimal("1e-9")
_STOCK = re.compile(r"[A-Z]{1,5}(\.[A-Z]{1,3})?")
"""Pairs of coins, with a slash or (as positions name them) without, are longer: BTCUSD."""

Body = Mapping[str, object]


def order_body(order: Order) -> Body:
    """The body of a new order. Raises HeldBackError for what is not traded here."""
    intent = order.intent
    _check(order)
    plain = {
        "client_order_id": order.client_order_id,
        "symbol": intent.symbol,
        "side": intent.side.value,
        "type": intent.type.value,
        "time_in_force": intent.tif.value,
        "qty": text_of(intent.quantity),
        **_prices(intent),
    }
    return plain if intent.venue is None else plain | _extras(intent, intent.venue)


def replace_body(order: Order, replacement: Order) -> Body:
    """What changes of a working order. Raises HeldBackError for what the venue can't change."""
    old, new = order.intent, replacement.intent
    _check(replacement)
    if (old.symbol, old.side, old.type) != (new.symbol, new.side, new.type):
        raise HeldBackError("a replacement keeps symbol, side and type")
    if _kept(old.venue) != _kept(new.venue):
        raise HeldBackError("a replacement keeps its class, its hours and its exits")
    if (belongs(order) or _has_exits(old)) and old.quantity != new.quantity:
        raise HeldBackError("the size of an order with exits at the venue can't be changed")
    if old.quantity != new.quantity and (old.quantity % 1 or new.quantity % 1):
        raise HeldBackError(
            "the size of an order for a part of a share can't be changed; cancel it and place a "
            "new one"
        )
    if order.filled > 0:
        raise HeldBackError(
            "a part of the order was filled and the venue would ask for all of it again; cancel it "
            "and place a new one"
        )
    body: dict[str, object] = {
        "client_order_id": replacement.client_order_id,
        "time_in_force": new.tif.value,
        **_prices(new),
    }
    if new.venue is not None and new.venue.trails:
        body["trail"] = next(iter(_trail(new.venue).values()))
    if new.quantity != old.quantity:
        body["qty"] = text_of(new.quantity)
    return body


def text_of(value: Decimal) -> str:
    """A number as plain digits: no exponent, no zeros behind the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _prices(intent: OrderIntent) -> dict[str, str]:
    terms = intent.venue or VenueTerms()
    if terms.order_class is OrderClass.OCO:
        return {}  # its limit is that of one of its exits
    stop = None if terms.trails else intent.stop_price  # the venue makes its first one itself
    return _texts(limit_price=intent.limit_price, stop_price=stop)


def _extras(intent: OrderIntent, terms: VenueTerms) -> dict[str, object]:
    """What the venue itself shall do."""
    extras: dict[str, object] = {}
    if terms.trails:
        extras |= {"type": "trailing_stop", **_trail(terms)}
    if terms.extended_hours:
        extras["extended_hours"] = True
    if terms.order_class is OrderClass.SIMPLE:
        return extras
    target = intent.limit_price if terms.order_class is OrderClass.OCO else terms.take_profit
    profit = _texts(limit_price=target)
    loss = _texts(stop_price=terms.stop_loss, limit_price=terms.stop_loss_limit)
    exits = {"take_profit": profit, "stop_loss": loss}
    extras["order_class"] = terms.order_class.value
    return extras | {name: prices for name, prices in exits.items() if prices}


def _trail(terms: VenueTerms) -> dict[str, str]:
    percent = None if terms.trail_fraction is None else terms.trail_fraction * 100
    return _texts(trail_price=terms.trail, trail_percent=percent)


def _texts(**prices: Decimal | None) -> dict[str, str]:
    return {name: text_of(price) for name, price in prices.items() if price is not None}


def _has_exits(intent: OrderIntent) -> bool:
    return intent.venue is not None and intent.venue.order_class is not OrderClass.SIMPLE


def _kept(terms: VenueTerms | None) -> VenueTerms:
    """What of the terms a replacement can't change: all but the distance of a trailing stop."""
    known = terms or VenueTerms()
    if known.trail is not None:
        return msgspec.structs.replace(known, trail=Decimal(1))
    if known.trail_fraction is not None:
        return msgspec.structs.replace(known, trail_fraction=Decimal("0.5"))
    return known


def _check(order: Order) -> None:
    if len(order.client_order_id) > _LONGEST_ID:
        raise HeldBackError(f"the order's id is longer than {_LONGEST_ID} characters")
    if _STOCK.fullmatch(order.symbol) is None:
        raise HeldBackError(
            f"{order.symbol} is not the symbol of a US stock (one is A to ZZZZZ, or like BRK.B); "
            "options and coins are shown here, and traded at Alpaca's own site only"
        )
    if order.intent.quantity % 1:
        _check_fraction(order.intent)


def _check_fraction(intent: OrderIntent) -> None:
    """Hold back what the venue does not take of a part of a share; the core would ask again."""
    if intent.quantity % _SMALLEST:
        raise HeldBackError("a part of a share has at most nine decimals")
    if intent.tif is not TimeInForce.DAY:
        raise HeldBackError("parts of a share are traded with orders of the day only")
    if intent.venue is not None and intent.venue != VenueTerms():
        raise HeldBackError(
            "parts of a share are traded with single orders of the session only: no exits or "
            "trailing stop kept by the broker, no extended hours"
        )

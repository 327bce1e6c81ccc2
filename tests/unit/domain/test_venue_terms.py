"""Terms that a venue keeps: which make sense, what they bind, and how such orders count."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from cockpit.domain.errors import DomainError
from cockpit.domain.order import (
    EXTERNAL,
    Order,
    OrderIntent,
    OrderType,
    Side,
    TimeInForce,
)
from cockpit.domain.protection import Protection
from cockpit.domain.venue_terms import Feature, OrderClass, VenueTerms

D = Decimal
BRACKET = VenueTerms(order_class=OrderClass.BRACKET, take_profit=D(12), stop_loss=D(9))
OCO = VenueTerms(order_class=OrderClass.OCO, stop_loss=D(9))
TRAIL = VenueTerms(trail=D("0.5"))
EARLY = VenueTerms(extended_hours=True)
C = OrderClass


def intent(
    side: Side = Side.BUY, limit: str | None = "10", kind: OrderType | None = None, **more: Any
) -> OrderIntent:
    usual = OrderType.MARKET if limit is None else OrderType.LIMIT
    plain: dict[str, Any] = {
        "intent_id": "i", "account_id": "A", "symbol": "X", "side": side, "type": kind or usual,
        "quantity": D(10), "limit_price": None if limit is None else D(limit),
    }  # fmt: skip
    return OrderIntent(**(plain | more))


@pytest.mark.parametrize(
    "terms",
    [
        {"trail": D(1), "trail_fraction": D("0.1")},
        {"trail_fraction": D(1)},
        {"trail": D(0)},
        {"take_profit": D("NaN"), "order_class": C.OTO},
        {"stop_loss_limit": D(9)},
        {"take_profit": D(12)},
        {"order_class": C.BRACKET, "take_profit": D(12)},
        {"order_class": C.OTO},
        {"order_class": C.OTO, "take_profit": D(12), "stop_loss": D(9)},
        {"order_class": C.OCO, "take_profit": D(12), "stop_loss": D(9)},
    ],
    ids=repr,
)
def test_terms_that_make_no_sense(terms: dict[str, Any]) -> None:
    with pytest.raises(DomainError):
        VenueTerms(**terms)


@pytest.mark.parametrize(
    "order",
    [
        {"venue": BRACKET, "limit": "8.99"},
        {"venue": BRACKET, "limit": "12.01"},
        {"venue": BRACKET, "side": Side.SELL},
        {"venue": BRACKET, "tif": TimeInForce.IOC},
        {"venue": BRACKET, "limit": None, "kind": OrderType.STOP, "stop_price": D(10)},
        {"venue": msgspec.structs.replace(BRACKET, extended_hours=True)},
        {"venue": BRACKET, "protection": Protection(stop=D(9))},
        {"venue": BRACKET, "protects": "cover"},
        {"venue": OCO, "side": Side.SELL, "limit": None},
        {"venue": OCO, "side": Side.SELL, "limit": "8.99"},
        {"venue": OCO, "side": Side.BUY, "limit": "10"},
        {"venue": TRAIL},
        {"venue": EARLY, "limit": None},
        {"venue": EARLY, "tif": TimeInForce.GTC},
        {"venue": msgspec.structs.replace(BRACKET, stop_loss_limit=D("9.01"))},
    ],
    ids=repr,
)
def test_orders_that_no_venue_would_take(order: dict[str, Any]) -> None:
    with pytest.raises(DomainError):
        intent(**order)


def test_orders_that_a_venue_takes() -> None:
    for limit in (None, "10"):
        intent(limit=limit, venue=BRACKET)
    intent(Side.SELL, "10", venue=OCO)
    intent(Side.BUY, "8", venue=OCO)
    intent(Side.SELL, None, OrderType.STOP, stop_price=D(9), venue=TRAIL)
    intent(venue=EARLY)
    intent(venue=msgspec.structs.replace(BRACKET, stop_loss_limit=D("8.90")))


def test_what_was_made_elsewhere_is_taken_as_it_is() -> None:
    intent(strategy=EXTERNAL, tif=TimeInForce.GTC, venue=EARLY)


def test_the_fingerprint_binds_the_terms_and_is_what_it_was_without() -> None:
    prints = {
        Order(client_order_id="o", intent=intent(venue=venue)).fingerprint
        for venue in (None, BRACKET, msgspec.structs.replace(BRACKET, stop_loss=D(8)), EARLY)
    }
    assert len(prints) == 4


def test_terms_survive_the_ledger() -> None:
    order = Order(client_order_id="o", intent=intent(venue=BRACKET))
    assert msgspec.json.decode(msgspec.json.encode(order), type=Order) == order


def test_what_a_broker_must_offer() -> None:
    assert BRACKET.features == {Feature.BRACKET}
    assert (TRAIL.features, EARLY.features) == ({Feature.TRAILING}, {Feature.EXTENDED_HOURS})
    assert VenueTerms(group="g").features == frozenset()

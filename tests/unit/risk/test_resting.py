"""Which stops count: those that would close something if the price came now."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.venue_terms import VenueTerms
from cockpit.risk.resting import RestingOrders

D = Decimal


def made(name: str, side: Side, state: OrderState, **terms: object) -> Order:
    intent = OrderIntent(
        intent_id=name, account_id="a", symbol="A", side=side, quantity=D(10),
        type=OrderType.STOP if side is Side.SELL else OrderType.LIMIT,
        stop_price=D(9) if side is Side.SELL else None,
        limit_price=D(10) if side is Side.BUY else None,
    )  # fmt: skip
    intent = msgspec.structs.replace(intent, **terms)
    return Order(client_order_id=name, intent=intent, state=state)


def test_a_stop_that_waits_for_its_entry_protects_no_more_than_that_has_traded() -> None:
    resting, entry = RestingOrders(), made("in", Side.BUY, OrderState.WORKING)
    stop = made("stop", Side.SELL, OrderState.HELD, venue=VenueTerms(group="in", parent="in"))
    resting.take(stop)
    resting.take(entry)
    assert not resting.protects("A", D(5))
    part = msgspec.structs.replace(entry, state=OrderState.PARTIALLY_FILLED, filled=D(5))
    resting.take(part)
    assert resting.protects("A", D(5))
    assert not resting.protects("A", D(6))
    changed = msgspec.structs.replace(entry, client_order_id="anew", replaces="in")
    resting.take(msgspec.structs.replace(entry, state=OrderState.REPLACED))
    resting.take(changed)
    assert not resting.protects("A", D(1)), "another took its place, and it waits for that one"
    resting.take(msgspec.structs.replace(changed, state=OrderState.FILLED, filled=D(10)))
    assert resting.protects("A", D(10))


def test_a_stop_of_its_own_protects_all_of_it() -> None:
    resting = RestingOrders()
    resting.take(made("stop", Side.SELL, OrderState.WORKING))
    assert resting.protects("A", D(10))
    assert not resting.protects("A", D(11))
    assert not resting.protects("A", D(-10))

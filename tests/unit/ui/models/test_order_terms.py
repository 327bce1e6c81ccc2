from __future__ import annotations

from decimal import Decimal

import pytest

from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side, TimeInForce
from cockpit.domain.protection import Protection
from cockpit.domain.venue_terms import OrderClass, VenueTerms
from cockpit.trading.orders import OrderBook
from cockpit.ui.models.order_terms import terms_of
from cockpit.ui.models.orders import OrderRows, columns

D = Decimal


def order(**changes: object) -> Order:
    given: dict[str, object] = {
        "intent_id": "i", "account_id": "A", "symbol": "ABC", "side": Side.BUY,
        "type": OrderType.LIMIT, "quantity": D(10), "limit_price": D(45),
    } | changes  # fmt: skip
    return Order(client_order_id="o", intent=OrderIntent(**given), state=OrderState.WORKING)


BRACKET = VenueTerms(
    order_class=OrderClass.BRACKET, take_profit=D(46), stop_loss=D(44), stop_loss_limit=D("43.9")
)
STOP = {"type": OrderType.STOP, "limit_price": None, "stop_price": D(46)}


@pytest.mark.parametrize(
    ("given", "short", "whole"),
    [
        ({}, "", ""),
        ({"venue": BRACKET}, "Bracket", "target 46.00, stop 44.00, limit of the stop 43.90"),
        ({"protection": Protection(stop=D(44))}, "Core exits", "The core holds its exits: stop"),
        ({"protects": "entry", **STOP}, "Core exit", "placed it to protect a position"),
        ({"venue": VenueTerms(parent="entry", group="g")}, "Venue leg", "waits for its entry"),
        ({"venue": VenueTerms(group="g")}, "Venue leg", "goes off the other"),
        ({"venue": VenueTerms(trail=D("0.5")), **STOP}, "Trails 0.50", "trails its stop by 0.50"),
        ({"venue": VenueTerms(trail_fraction=D("0.01")), **STOP}, "Trails 1.00%", "by 1.00%"),
        ({"venue": VenueTerms(extended_hours=True)}, "Ext. hours", "before and after"),
        ({"tif": TimeInForce.GTC, "venue": BRACKET}, "Bracket, GTC", "until it is cancelled"),
        ({"tif": TimeInForce.IOC}, "IOC", "at once is cancelled"),
    ],
)
def test_the_terms_of_an_order_in_short_and_in_whole(given, short, whole):
    found = terms_of(order(**given))
    assert found[0] == short
    assert whole in found[1]


def test_a_row_says_them_and_its_tooltip_says_them_in_full():
    book = OrderBook()
    book.put(order(venue=BRACKET))
    row = OrderRows(book, lambda: 0).row("o")
    place = [column.key for column in columns()].index("terms")
    assert row.values[place] == "Bracket"
    assert "The venue holds its exits" in row.tip
    assert len(row.values) == len(columns())

"""Ids of orders: counted on over runs, and over copies of the ledger that were older."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.trading.drafts import Drafts
from cockpit.trading.names import OrderNames
from cockpit.trading.orders import OrderBook
from tests.support.desk import trading_desk

BEGAN = int("DOTS7M5P4F9C", 36)


def wish(name: str) -> OrderIntent:
    return OrderIntent(
        intent_id=name,
        account_id="PAPER-1",
        symbol="A",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(1),
    )


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("PAPER-1-00017", 17),
        ("PAPER-1-DOTS7M5P4F9C-00018", 18),
        ("PAPER-1-OTHER-00019", 0),
        ("PAPER-1-DOTS7M5P4F9C-K7-A-2", 0),
        ("by-phone", 0),
    ],
)
def test_ids_of_before_are_read(name: str, number: int) -> None:
    assert OrderNames("PAPER-1", BEGAN).number_of(name) == number


def test_ids_tell_the_ledgers_of_a_real_venue_apart() -> None:
    assert OrderNames("PAPER-1", BEGAN).nth(18) == "PAPER-1-DOTS7M5P4F9C-00018"
    assert OrderNames("PAPER-1", BEGAN).closing("7", "A", 1) == "PAPER-1-DOTS7M5P4F9C-K7-A-1"
    assert OrderNames("PAPER-1").nth(18) == "PAPER-1-00018"


def test_numbers_go_on_after_ids_of_both_kinds() -> None:
    drafts = Drafts("PAPER-1", OrderNames("PAPER-1", BEGAN))
    old = [Order(client_order_id=f"PAPER-1-{n}", intent=wish(n)) for n in ("00017", "00004")]
    drafts.go_on_after(old)
    new = drafts.make(wish("new"), 1)
    assert new.client_order_id == "PAPER-1-DOTS7M5P4F9C-00018"
    again = Drafts("PAPER-1", OrderNames("PAPER-1", BEGAN))
    again.go_on_after([*old, new])
    assert again.make(wish("next"), 1).client_order_id == "PAPER-1-DOTS7M5P4F9C-00019"


def test_an_id_that_the_broker_told_of_is_not_given_again() -> None:
    book, names = OrderBook(), OrderNames("PAPER-1", BEGAN)
    drafts = Drafts("PAPER-1", names, book.get)
    for number in (1, 2):
        book.put(Order(client_order_id=names.nth(number), intent=wish(f"elsewhere/{number}")))
    assert drafts.make(wish("new"), 1).client_order_id == names.nth(3)


async def test_a_simulated_venue_has_plain_ids(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        order = await desk.bought()
        assert order.client_order_id == "PAPER-1-00001"
        assert OrderNames.at(desk.broker, "PAPER-1", BEGAN).nth(1) == "PAPER-1-00001"


def test_a_line_ends_with_the_last_that_took_its_place() -> None:
    book = OrderBook()
    first = Order(client_order_id="a", intent=wish("a"), state=OrderState.PENDING_REPLACE)
    second = Order(client_order_id="b", intent=wish("b"), state=OrderState.SENDING, replaces="a")
    for order in (first, second):
        book.put(order)
    assert (book.line("a"), book.line("b")) == (book.line("b"), book.line("a"))
    assert book.line("b").first == "a"
    assert book.line("b").traded == 0
    book.put(msgspec.structs.replace(second, state=OrderState.REJECTED))
    book.put(msgspec.structs.replace(first, state=OrderState.FILLED, filled=Decimal(1)))
    assert book.line("a").traded is None
    assert book.line("nobody") is None

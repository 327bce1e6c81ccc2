"""Brackets, OCO, OTO, trailing stops and early orders: what goes out, and what comes back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from alpaca.trading import requests

from cockpit.adapters.brokers.alpaca.writing import order_body, replace_body
from cockpit.domain.order import Order, OrderState, Side
from cockpit.domain.venue_terms import Feature, OrderClass, VenueTerms
from cockpit.ports.broker import BrokerOrder, NotSentError, OrderRejectedError, OrderReport
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer, show
from tests.toyserver.exchange import Exchange
from tests.toyserver.faults import RefusedError
from tests.unit.adapters.brokers.alpaca.kit import SYMBOL, TOKEN, Session, session_at, toy_order

D = Decimal
BRACKET = VenueTerms(order_class=OrderClass.BRACKET, take_profit=D("10.50"), stop_loss=D("9.50"))
OTO = VenueTerms(order_class=OrderClass.OTO, stop_loss=D("9.50"), stop_loss_limit=D("9.40"))
OCO = VenueTerms(order_class=OrderClass.OCO, stop_loss=D("9.50"))
BY_MONEY, BY_PERCENT = VenueTerms(trail=D("0.20")), VenueTerms(trail_fraction=D("0.015"))
EARLY = VenueTerms(extended_hours=True)


def made(name: str, venue: VenueTerms | None, side: Side = Side.BUY, **terms: Any) -> Order:
    plain = toy_order(name, side, 10, **terms)
    return msgspec.structs.replace(plain, intent=msgspec.structs.replace(plain.intent, venue=venue))


SENT = [
    (made("o", BRACKET), requests.MarketOrderRequest, {
        "type": "market", "order_class": "bracket", "take_profit": {"limit_price": "10.5"},
        "stop_loss": {"stop_price": "9.5"}}),
    (made("o", OTO, limit="10"), requests.LimitOrderRequest, {
        "type": "limit", "limit_price": "10", "order_class": "oto",
        "stop_loss": {"stop_price": "9.5", "limit_price": "9.4"}}),
    (made("o", OCO, Side.SELL, limit="10.50"), requests.LimitOrderRequest, {
        "type": "limit", "side": "sell", "order_class": "oco",
        "take_profit": {"limit_price": "10.5"}, "stop_loss": {"stop_price": "9.5"}}),
    (made("o", BY_MONEY, Side.SELL, stop="9.79"), requests.TrailingStopOrderRequest, {
        "type": "trailing_stop", "side": "sell", "trail_price": "0.2"}),
    (made("o", BY_PERCENT, Side.SELL, stop="9.79"), requests.TrailingStopOrderRequest, {
        "type": "trailing_stop", "side": "sell", "trail_percent": "1.5"}),
    (made("o", EARLY, limit="10"), requests.LimitOrderRequest, {
        "type": "limit", "limit_price": "10", "extended_hours": True}),
]  # fmt: skip


@pytest.mark.parametrize(("order", "model", "own"), SENT, ids=lambda value: str(value)[:40])
def test_each_goes_out_as_the_sdk_itself_would_send_it(
    order: Order, model: type[requests.OrderRequest], own: dict[str, Any]
) -> None:
    usual = {
        "client_order_id": "o", "symbol": SYMBOL, "side": "buy", "qty": "10",
        "time_in_force": "day",
    }  # fmt: skip
    body = dict(order_body(order))
    assert body == usual | own
    by_sdk = model(**{name: value for name, value in body.items() if name != "type"})
    told = json.loads(json.dumps(by_sdk.to_request_fields(), default=str))
    assert _numbers(told) == _numbers(body)


def _numbers(body: Any) -> Any:
    """The SDK's numbers are floats; ours are text. As values they must be the same."""
    if isinstance(body, dict):
        return {name: _numbers(value) for name, value in body.items()}
    try:
        return float(body)
    except (TypeError, ValueError):
        return body


def test_a_replacement_moves_a_trail_and_no_more() -> None:
    old, new = (made(n, t, Side.SELL, stop="9.79") for n, t in (("a", BY_MONEY), ("b", BY_MONEY)))
    wider = msgspec.structs.replace(new.intent, venue=VenueTerms(trail=D("0.30")))
    body = replace_body(old, msgspec.structs.replace(new, intent=wider))
    assert body == {"client_order_id": "b", "time_in_force": "day", "trail": "0.3"}


async def open_by_name(session: Session) -> dict[str, BrokerOrder]:
    return {o.client_order_id: o for o in await session.broker.open_orders()}


async def test_it_offers_all_of_them(session: Session) -> None:
    assert session.broker.offers == frozenset(Feature)


async def test_legs_are_told_of_at_once_and_listed_with_what_they_belong_to(
    session: Session,
) -> None:
    await session.submit(made("in", BRACKET, limit="9.80"))
    orders = list(session.toy.exchange.orders.values())
    await eventually(lambda: len({r.client_order_id for r in session.sink.of(OrderReport)}) == 3)
    listed = await open_by_name(session)
    assert len(listed) == len(orders) == 3
    legs = [o for name, o in listed.items() if name != "in"]
    assert {leg.venue for leg in legs} == {VenueTerms(group="in", parent="in")}
    assert {leg.report.state for leg in legs} == {OrderState.HELD}
    assert listed["in"].venue is None


async def test_legs_that_can_not_be_read_leave_the_order_acknowledged(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = show._leg
    monkeypatch.setattr(
        show, "_leg", lambda leg: plain(leg) | {"updated_at": None, "submitted_at": None}
    )
    ack = await session.submit(made("in", BRACKET, limit="9.80"))
    assert ack.client_order_id == "in"
    assert "can't be read" in session.details, "the books are compared"
    monkeypatch.undo()
    assert len(await open_by_name(session)) == 3


async def test_a_held_exit_that_the_list_leaves_out_is_found_by_its_family(toy: ToyServer) -> None:
    """Made elsewhere and filled: of the two exits only the limit is in the venue's list."""
    toy.exchange.submit(_body(order_class="bracket", take_profit={"limit_price": "10.5"}))
    async with session_at(toy) as session:
        listed = list((await open_by_name(session)).values())
        assert {o.report.state for o in listed} == {OrderState.WORKING, OrderState.HELD}
        assert {o.venue for o in listed} == {VenueTerms(group="by-phone", parent="by-phone")}
        assert len(await session.broker.open_orders()) == 1, "listed once, asked for by id later"


def _body(**more: Any) -> dict[str, Any]:
    plain = {
        "symbol": SYMBOL, "side": "buy", "type": "market", "time_in_force": "gtc", "qty": "10",
        "stop_loss": {"stop_price": "9.5"}, "client_order_id": "by-phone",
    }  # fmt: skip
    return plain | more


async def test_a_family_that_can_not_be_learnt_counts_each_alone(toy: ToyServer) -> None:
    toy.exchange.submit(_body(order_class="bracket", take_profit={"limit_price": "10.5"}))
    toy.exchange.spoilt["by-phone"] = {"legs": None}
    async with session_at(toy) as session:
        [listed] = await session.broker.open_orders()
        assert listed.venue is None
        asked = len(toy.requests)
        await session.broker.open_orders()
        assert len(toy.requests) == asked + 1, "not asked for again and again"


async def test_families_that_have_ended_are_not_asked_for_leg_by_leg(toy: ToyServer) -> None:
    """A month of brackets lies behind the open one; their legs have told that they ended."""
    kept = toy.exchange.submit(_body(order_class="bracket", take_profit={"limit_price": "10.5"}))
    for number in range(5):
        name, exits = f"done-{number}", {"take_profit": {"limit_price": "10.5"}}
        toy.exchange.submit(_body(order_class="bracket", client_order_id=name, **exits))
        for leg in toy.exchange.find_client(name).legs:
            toy.exchange.end(leg, "canceled")
    async with session_at(toy) as session:
        before = len(toy.requests)
        listed = await session.broker.open_orders()
        assert len(listed) == len(kept["legs"]) == 2
        assert len(toy.requests) - before == 3, "the open ones, the families, the leg held back"


async def test_a_failed_question_about_a_family_is_no_list(toy: ToyServer) -> None:
    toy.exchange.submit(_body(order_class="bracket", take_profit={"limit_price": "10.5"}))
    async with session_at(toy) as session:
        toy.faults.plan("GET /v2/orders", None, Fault.ACCEPTED_HTML)
        with pytest.raises(Exception, match="orders"):
            await session.broker.open_orders()
        assert len(await session.broker.open_orders()) == 2


@pytest.mark.parametrize("how", ["take profit", "stop"])
async def test_of_two_exits_one_trades_and_the_other_is_taken_back(
    session: Session, how: str
) -> None:
    toy = session.toy
    await session.submit(made("in", BRACKET))
    toy.exchange.quote(SYMBOL, *((10.6, 10.7) if how == "take profit" else (9.4, 9.5)))
    legs = [o for o in toy.exchange.orders.values() if o.client_order_id != "in"]
    assert sorted(leg.status for leg in legs) == ["canceled", "filled"]
    assert toy.exchange.positions() == []
    made_at = (await session.broker.executions(0))[-1].price
    assert made_at == (D("10.6") if how == "take profit" else D("9.4"))


async def test_the_other_exit_gets_smaller_as_one_trades(session: Session) -> None:
    toy = session.toy
    await session.submit(made("in", BRACKET))
    toy.exchange.quote(SYMBOL, 10.6, 10.7, size=4)
    stop = next(o for o in toy.exchange.orders.values() if o.terms.stop_price)
    assert (stop.status, stop.terms.quantity) == ("held", 6)
    toy.exchange.quote(SYMBOL, 9.4, 9.5)
    assert toy.exchange.positions() == []


async def test_an_exit_can_be_moved_but_not_made_larger(session: Session) -> None:
    await session.submit(made("in", BRACKET))
    stop = next(o for o in session.toy.exchange.orders.values() if o.terms.stop_price)
    known = await session.broker.find_order(stop.client_order_id)
    assert known is not None
    terms = made("x", known.venue, Side.SELL, stop="9.50").intent
    leg = Order(client_order_id=stop.client_order_id, intent=terms, state=OrderState.HELD)
    moved = made("moved", known.venue, Side.SELL, stop="9.60")
    await session.broker.replace(leg, moved, TOKEN)
    assert (stop.status, session.toy.exchange.find_client("moved").status) == ("replaced", "held")
    found = await session.broker.find_order("moved")
    assert found is not None
    assert found.venue == known.venue, "it took the place of a leg"
    larger = msgspec.structs.replace(moved.intent, quantity=D(20))
    order = msgspec.structs.replace(moved, client_order_id="larger", intent=larger)
    with pytest.raises(NotSentError, match="size"):
        await session.broker.replace(moved, order, TOKEN)
    session.toy.exchange.quote(SYMBOL, 9.55, 9.65)
    assert session.toy.exchange.positions() == []


async def test_a_cancelled_exit_takes_the_other_along(session: Session) -> None:
    await session.submit(made("in", BRACKET))
    stop = next(o for o in session.toy.exchange.orders.values() if o.terms.stop_price)
    leg = made(stop.client_order_id, None, Side.SELL, stop="9.50")
    await session.broker.cancel(leg)
    legs = [o.status for o in session.toy.exchange.orders.values() if o.client_order_id != "in"]
    assert legs == ["canceled", "canceled"]


@pytest.mark.parametrize(("terms", "stop"), [(BY_MONEY, "10.30"), (BY_PERCENT, "10.34")])
async def test_a_trailing_stop_follows_the_market_and_is_listed_where_it_stands(
    session: Session, terms: VenueTerms, stop: str
) -> None:
    await session.submit(made("in", None))
    await session.submit(made("out", terms, Side.SELL, stop="9.79"))
    for bid in (10.20, 10.50, 10.40):
        session.toy.exchange.quote(SYMBOL, bid, bid + 0.02)
    listed = await open_by_name(session)
    assert (listed["out"].stop_price, listed["out"].venue) == (D(stop), terms)


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (made("o", OCO, Side.SELL, limit="10.50"), "insufficient qty"),
        (made("o", msgspec.structs.replace(OCO, stop_loss=D(11)), limit="9"), "insufficient qty"),
    ],
    ids=["a sale of nothing", "a purchase of nothing"],
)
async def test_what_alpaca_refuses_is_a_rejection_in_its_words(
    session: Session, order: Order, why: str
) -> None:
    with pytest.raises(OrderRejectedError, match=why):
        await session.submit(order)
    assert session.toy.exchange.orders == {}


RULES = [
    ({"order_class": "bracket"}, "require take_profit"),
    ({"order_class": "bracket", "take_profit": {"limit_price": "9"}}, "must be >"),
    ({"order_class": "oto", "take_profit": {"limit_price": "11"}}, "require one of"),
    ({"order_class": "oto", "type": "stop", "stop_price": "10"}, "market or limit"),
    ({"order_class": "oto", "time_in_force": "ioc"}, "day or gtc"),
    ({"order_class": "oto", "qty": "1.5"}, "must be simple"),
    ({"qty": "1.5", "time_in_force": "gtc"}, "must be DAY orders"),
    ({"qty": "1.5", "time_in_force": "day", "side": "sell"}, "sold short"),
    ({"qty": "1.5", "time_in_force": "day"}, "not fractionable"),
    ({"type": "trailing_stop"}, "trail_price or trail_percent"),
    ({"type": "trailing_stop", "trail_price": "1", "stop_price": "9"}, "require no price"),
    ({"type": "limit", "limit_price": "9", "extended_hours": True}, "DAY limit orders"),
]


@pytest.mark.parametrize(("body", "why"), RULES, ids=[why for _, why in RULES])
def test_the_toy_refuses_what_alpaca_refuses(body: dict[str, Any], why: str) -> None:
    exchange = Exchange()
    exchange.list_symbols(SYMBOL)
    with pytest.raises(RefusedError, match=why):
        exchange.submit(_body(**body))
    assert exchange.orders == {}


async def test_an_early_order_trades_before_the_session_and_another_waits(
    session: Session,
) -> None:
    toy = session.toy
    toy.exchange.outside = True
    await session.submit(made("early", EARLY, limit="10.01"))
    await session.submit(made("plain", None, limit="10.01"))
    orders = {o.client_order_id: o for o in toy.exchange.orders.values()}
    assert (orders["early"].status, orders["plain"].status) == ("filled", "accepted")
    toy.exchange.open_session()
    assert orders["plain"].status == "filled"

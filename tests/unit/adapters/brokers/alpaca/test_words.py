"""Alpaca's words in ours and ours in Alpaca's; recorded bodies are read by the same code."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cockpit.adapters.brokers.alpaca import reading
from cockpit.adapters.brokers.alpaca.faults import HeldBackError, UnreadableError
from cockpit.adapters.brokers.alpaca.wire import (
    WireAccount,
    WireActivity,
    WireOrder,
    WirePosition,
    WireUpdate,
)
from cockpit.adapters.brokers.alpaca.writing import order_body, replace_body, text_of
from cockpit.adapters.brokers.bodies import decoded, ns_of
from cockpit.domain.account import Mode
from cockpit.domain.instrument import usual_multiplier
from cockpit.domain.order import OrderState, OrderType, Side, TimeInForce
from tests.toyserver import show
from tests.toyserver.exchange import Exchange
from tests.unit.adapters.brokers.alpaca.kit import toy_order

D = Decimal
ORDER = {
    "id": "v1",
    "client_order_id": "c1",
    "symbol": "ABC",
    "side": "buy",
    "type": "limit",
    "time_in_force": "day",
    "qty": "10",
    "filled_qty": "0",
    "filled_avg_price": None,
    "limit_price": "9.5",
    "stop_price": None,
    "status": "new",
    "submitted_at": "2024-01-02T14:30:00.123456789Z",
    "updated_at": "2024-01-02T14:30:01Z",
}


def wire(**changes: Any) -> WireOrder:
    return decoded(json.dumps(ORDER | changes).encode(), WireOrder)


@pytest.fixture(scope="module")
def recorded(shared_data: Path) -> list[dict[str, Any]]:
    lines = (shared_data / "api_fixtures" / "alpaca_rest.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def bodies(recorded: list[dict[str, Any]], path: str) -> list[bytes]:
    found = [
        json.dumps(item).encode()
        for line in recorded
        if line["url"].partition("alpaca.markets/v2/")[2].startswith(path)
        for item in (line["body"] if isinstance(line["body"], list) else [line["body"]])
    ]
    assert found
    return found


def test_recorded_orders(recorded: list[dict[str, Any]]) -> None:
    orders = [reading.order(decoded(body, WireOrder)) for body in bodies(recorded, "orders")
              if b'"type": "stop"' not in body]  # fmt: skip
    assert {o.report.state for o in orders} == {OrderState.ACKED}
    assert {o.quantity for o in orders} == {D(1)}
    assert {o.limit_price for o in orders} == {None, D(300)}


def test_a_recorded_stop_order_without_its_price_is_not_guessed(
    recorded: list[dict[str, Any]],
) -> None:
    [stop] = [b for b in bodies(recorded, "orders") if b'"type": "stop"' in b]
    told = decoded(stop, WireOrder)
    assert reading.report(told).average_price is None  # it is recorded as 0
    with pytest.raises(UnreadableError, match="without its price"):
        reading.order(told)


def test_recorded_orders_over_a_sum_of_money(recorded: list[dict[str, Any]]) -> None:
    for body in bodies(recorded, "positions/"):
        assert reading.order(decoded(body, WireOrder)).quantity == D(500)


def test_the_recorded_account(recorded: list[dict[str, Any]]) -> None:
    [body] = [b for b in bodies(recorded, "account") if b"buying_power" in b]
    told = decoded(body, WireAccount)
    account = reading.account(told, "PAPER-1", Mode.PAPER, 7)
    assert (account.cash, account.equity) == (D("-23140.2"), D("103820.56"))
    assert (account.buying_power, account.margin, account.day_trades) == (D("262113.632"), True, 0)
    assert reading.why_no_trading(told) == ""


def test_recorded_positions(recorded: list[dict[str, Any]]) -> None:
    (held,) = [reading.position(decoded(b, WirePosition)) for b in bodies(recorded, "positions")
               if b'"side": "long"' in b]  # fmt: skip
    assert (held.symbol, held.quantity, held.average_cost) == ("AAPL", D(5), D("100.0"))


def test_every_status_of_the_sdk_has_a_word_here() -> None:
    from alpaca.trading.enums import OrderStatus, TradeEvent

    assert {status.value for status in OrderStatus} <= set(reading.STATES)
    for event in TradeEvent:
        doubt = reading.heard(_update(event=event.value)).doubt
        assert bool(doubt) == (event.value == "restated")


def _update(**changes: Any) -> WireUpdate:
    told = {
        "event": "fill",
        "order": ORDER | {"filled_qty": "4"},
        "timestamp": ORDER["updated_at"],
        "execution_id": "e1",
        "qty": "4",
        "price": "9.5",
    } | changes
    return decoded(json.dumps(told).encode(), WireUpdate)


def test_a_fill_tells_its_span() -> None:
    execution, report = reading.heard(_update()).reports
    assert (execution.quantity, execution.cumulative, execution.price) == (D(4), D(4), D("9.5"))
    assert report.filled == D(4)


@pytest.mark.parametrize(
    "change",
    [
        {"qty": None}, {"price": "0"}, {"price": "NaN"}, {"qty": "-1"}, {"qty": "5"},
        {"timestamp": None}, {"timestamp": "yesterday"}, {"order": ORDER | {"side": "both"}},
        {"order": ORDER | {"filled_qty": "Infinity"}}, {"event": "trade_bust", "execution_id": ""},
    ],
    ids=str,
)  # fmt: skip
def test_a_fill_that_makes_no_sense_is_not_guessed(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        reading.heard(_update(**change))


def test_numbers_may_be_text_or_numbers_and_stay_exact() -> None:
    assert wire(qty=0.1, limit_price=9.123456789).qty == D("0.1")
    assert wire(limit_price=9.123456789).limit_price == D("9.123456789")
    assert wire(qty="0.123456789").qty == D("0.123456789")


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2024-01-02T14:30:00Z", 1_704_205_800_000_000_000),
        ("2024-01-02T14:30:00.1Z", 1_704_205_800_100_000_000),
        ("2024-01-02T14:30:00.123456789Z", 1_704_205_800_123_456_789),
        ("2024-01-02T09:30:00.123456-05:00", 1_704_205_800_123_456_000),
    ],
)
def test_times_are_read_to_the_nanosecond(text: str, ns: int) -> None:
    assert ns_of(text) == ns


def test_terms_in_the_nearest_words() -> None:
    trailing = wire(type="trailing_stop", stop_price="9.1", limit_price=None, time_in_force="fok")
    order = reading.order(trailing)
    assert (order.type, order.stop_price, order.limit_price) == (OrderType.STOP, D("9.1"), None)
    assert order.tif is TimeInForce.IOC
    done = wire(qty=None, notional="100", status="filled", filled_qty="3.5", filled_avg_price="28")
    assert reading.order(done).quantity == D("3.5")
    open_sum = wire(qty=None, notional="95", side="sell")
    assert (reading.order(open_sum).quantity, reading.order(open_sum).side) == (10, Side.SELL)


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": None}, {"side": None}, {"type": "pegged"}, {"time_in_force": "gtd"},
        {"qty": None}, {"qty": "0"}, {"qty": "NaN"}, {"limit_price": None},
        {"updated_at": None, "submitted_at": None},
    ],
    ids=str,
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_not_guessed(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        reading.order(wire(**change))


def test_an_unknown_status_proves_only_that_the_venue_has_it() -> None:
    assert reading.report(wire(status="levitating")).state is OrderState.ACKED


def test_a_short_position_is_negative_however_it_is_written() -> None:
    for quantity, side in (("-5", "short"), ("5", "short"), ("-5", "long")):
        body = {"symbol": "A", "qty": quantity, "side": side, "avg_entry_price": "1"}
        assert reading.position(decoded(json.dumps(body).encode(), WirePosition)).quantity == -5


def test_an_activity_has_the_execution_of_the_stream() -> None:
    exchange = Exchange()
    exchange.list_symbols("ABC")
    exchange.quote("ABC", 9.99, 10.01)
    heard: list[dict[str, Any]] = []
    exchange.on_update.append(heard.append)
    exchange.submit({"client_order_id": "c1", "symbol": "ABC", "side": "buy", "type": "market",
                     "qty": "10", "time_in_force": "day"})  # fmt: skip
    (made,) = exchange.executions
    listed = reading.activity(decoded(json.dumps(show.activity(made)).encode(), WireActivity), "c1")
    told = reading.heard(decoded(json.dumps(heard[-1]).encode(), WireUpdate)).reports[0]
    assert listed == told


@pytest.mark.parametrize(
    ("number", "text"), [("10", "10"), ("1E+2", "100"), ("0.10", "0.1"), ("1E-9", "0.000000001")]
)
def test_numbers_are_written_as_plain_digits(number: str, text: str) -> None:
    assert text_of(D(number)) == text


def test_a_replacement_tells_what_changes() -> None:
    old = toy_order("old", quantity=10, limit="9.00")
    assert replace_body(old, toy_order("new", quantity=10, limit="9.10")) == {
        "client_order_id": "new", "time_in_force": "day", "limit_price": "9.1",
    }  # fmt: skip
    assert replace_body(old, toy_order("new", quantity=12, limit="9.00"))["qty"] == "12"
    with pytest.raises(HeldBackError, match="side and type"):
        replace_body(old, toy_order("new", Side.SELL, 10, limit="9.10"))
    with pytest.raises(HeldBackError, match="longer"):
        replace_body(old, toy_order("n" * 129, quantity=10, limit="9.10"))


def test_a_bracket_made_elsewhere_is_read_leg_by_leg() -> None:
    stop = ORDER | {
        "id": "v2", "client_order_id": "c2", "side": "sell", "type": "stop", "limit_price": None,
        "stop_price": "9.0", "status": "held", "order_class": "bracket",
    }  # fmt: skip
    target = stop | {"id": "v3", "client_order_id": "c3", "type": "limit", "limit_price": "12.0"}
    told = wire(order_class="bracket", legs=[stop, target | {"status": "new"}])
    assert told.legs is not None
    read = [reading.order(one) for one in (told, *told.legs)]
    assert [(o.type, o.report.state) for o in read] == [
        (OrderType.LIMIT, OrderState.WORKING),
        (OrderType.STOP, OrderState.HELD),
        (OrderType.LIMIT, OrderState.WORKING),
    ]
    assert [o.stop_price for o in read] == [None, D("9.0"), None]


@pytest.mark.parametrize("trail", [{"trail_price": "0.50"}, {"trail_percent": "2"}])
def test_a_trailing_stop_made_elsewhere_stands_where_its_stop_is(trail: dict[str, str]) -> None:
    terms = {"type": "trailing_stop", "side": "sell", "limit_price": None, "hwm": "10.5"}
    read = reading.order(wire(**terms, **trail, stop_price="10.0"))
    assert (read.type, read.stop_price) == (OrderType.STOP, D("10.0"))
    with pytest.raises(UnreadableError, match="without its price"):
        reading.order(wire(**terms, **trail))


@pytest.mark.parametrize("kind", ["oco", "oto"])
def test_other_classes_and_hours_are_read(kind: str) -> None:
    told = wire(order_class=kind, extended_hours=True, time_in_force="gtc")
    assert (told.order_class, told.extended_hours) == (kind, True)
    assert reading.order(told).tif is TimeInForce.GTC


OPTION, COIN = "AAPL240119C00190000", "BTC/USD"


@pytest.mark.parametrize("symbol", [OPTION, COIN])
def test_options_and_coins_are_read_and_not_traded(symbol: str) -> None:
    held_as = symbol.replace("/", "")
    assert reading.order(wire(symbol=symbol, qty="2")).symbol == held_as
    held = {"symbol": held_as, "qty": "-2", "side": "short", "avg_entry_price": "1.25"}
    position = reading.position(decoded(json.dumps(held).encode(), WirePosition))
    assert (position.symbol, position.quantity) == (held_as, -2)
    with pytest.raises(HeldBackError):
        order_body(toy_order("one", symbol=symbol))


def test_a_contract_counts_a_hundred_times_its_price() -> None:
    assert usual_multiplier(OPTION) == 100
    assert {usual_multiplier(symbol) for symbol in (COIN, "AAPL", "BRK.B", "X1")} == {1}

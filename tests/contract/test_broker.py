"""What every broker adapter must do, whatever is behind it."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from cockpit.domain.account import Account
from cockpit.domain.connection import Connection, Health
from cockpit.domain.order import OrderState, OrderType, Side, TimeInForce
from cockpit.ports.broker import (
    BrokerError,
    DuplicateIdError,
    ExecutionReport,
    NotSentError,
    OrderRejectedError,
    OrderReport,
    TokenRefusedError,
)
from tests.contract.conftest import TOKEN, Bench
from tests.support.waiting import eventually

D = Decimal


async def test_the_session_is_up_after_connect_and_ended_after_close(bench: Bench) -> None:
    lamps = bench.sink.of(Connection)
    assert lamps[-1].health is Health.UP
    assert lamps[-1].kind == "broker"
    assert lamps[-1].label == "PAPER"
    await bench.submit(bench.order("resting", limit="9.00"))
    await bench.until(bench.order("resting", limit="9.00"), OrderState.WORKING)
    await bench.broker.close()
    assert bench.sink.of(Connection)[-1].health is Health.ENDED
    heard = len(bench.sink.heard)
    bench.quote(8.98, 8.99)  # fills it, and nobody listens
    with pytest.raises(BrokerError):
        await bench.broker.positions()
    assert len(bench.sink.heard) == heard


async def test_what_was_missed_is_in_the_books_after_the_next_connect(bench: Bench) -> None:
    made = bench.order("resting", limit="9.00")
    await bench.submit(made)
    await bench.until(made, OrderState.WORKING)
    await bench.broker.close()
    bench.quote(8.98, 8.99)
    await bench.broker.connect(bench.sink)
    found = await bench.broker.find_order("resting")
    assert found is not None
    assert (found.report.state, found.report.filled) == (OrderState.FILLED, D(100))
    [execution] = await bench.broker.executions(0)
    assert (execution.client_order_id, execution.cumulative) == ("resting", D(100))


async def test_a_market_order_is_acked_traded_and_filled(bench: Bench) -> None:
    made = bench.order("buy", quantity=100)
    ack = await bench.broker.submit(made, TOKEN)
    assert (ack.client_order_id, bool(ack.venue_order_id)) == ("buy", True)
    await bench.until(made, OrderState.FILLED)
    [execution] = bench.sink.executions
    assert (execution.symbol, execution.side) == ("ABC", Side.BUY)
    assert (execution.quantity, execution.price, execution.cumulative) == (D(100), D("10.01"), 100)
    assert execution.venue_order_id == ack.venue_order_id
    [held] = await bench.broker.positions()
    assert (held.symbol, held.quantity, held.average_cost) == ("ABC", D(100), D("10.01"))
    account = await bench.broker.account()
    assert account.cash == bench.start_cash - 100 * D("10.01")
    await eventually(lambda: bench.sink.of(Account)[-1:], what="money after the trade")
    assert bench.sink.of(Account)[-1].cash == account.cash
    assert account.key_fingerprint


async def test_a_short_position_is_negative(bench: Bench) -> None:
    made = bench.order("short", Side.SELL, 100)
    await bench.submit(made)
    await bench.until(made, OrderState.FILLED)
    [held] = await bench.broker.positions()
    assert held.quantity == D(-100)


async def test_each_part_of_a_fill_tells_what_is_filled_with_it(bench: Bench) -> None:
    made = bench.order("parts", quantity=100, limit="10.01", tif=TimeInForce.GTC)
    bench.quote(9.99, 10.01, 30)
    await bench.submit(made)
    for _ in range(3):
        bench.quote(9.99, 10.01, 30)
    await bench.until(made, OrderState.FILLED)
    told = bench.sink.executions
    assert [e.cumulative for e in told] == list(itertools.accumulate(e.quantity for e in told))
    assert told[-1].cumulative == D(100)
    assert len({e.execution_id for e in told}) == len(told) > 1
    assert spans(await bench.broker.executions(0)) == spans(told)
    assert await bench.broker.executions(told[-1].ts_event + 1) == []
    states = bench.sink.states("parts")
    assert states.index("working") < states.index("partially_filled") < states.index("filled")


async def test_an_open_order_is_listed_with_its_terms_until_it_is_cancelled(bench: Bench) -> None:
    made = bench.order("stop", quantity=7, limit="12.50", stop="12.00", tif=TimeInForce.GTC)
    await bench.submit(made)
    await bench.until(made, OrderState.WORKING)
    [listed] = await bench.broker.open_orders()
    assert (listed.type, listed.tif) == (OrderType.STOP_LIMIT, TimeInForce.GTC)
    assert (listed.quantity, listed.limit_price, listed.stop_price) == (7, D("12.5"), D(12))
    assert (listed.symbol, listed.side) == ("ABC", Side.BUY)
    await bench.broker.cancel(made)
    await bench.until(made, OrderState.CANCELED)
    assert await bench.broker.open_orders() == []
    with pytest.raises(BrokerError):
        await bench.broker.cancel(made)


async def test_the_bulk_cancel_leaves_nothing_open(bench: Bench) -> None:
    orders = [bench.order(f"rest-{n}", limit=f"9.0{n}") for n in range(5)]
    for made in orders:
        await bench.submit(made)
    await eventually(lambda: bench.sink.states("rest-4"))
    assert await bench.open_ids() == [made.client_order_id for made in orders]
    await bench.broker.cancel_all()
    for made in orders:
        await bench.until(made, OrderState.CANCELED)
    assert await bench.open_ids() == []
    await bench.broker.cancel_all()


async def test_a_replaced_order_ends_and_the_new_one_works(bench: Bench) -> None:
    old, new = bench.order("old", limit="9.00"), bench.order("new", limit="9.10")
    await bench.submit(old)
    await bench.until(old, OrderState.WORKING)
    ack = await bench.broker.replace(old, new, TOKEN)
    assert ack.client_order_id == "new"
    await bench.until(old, OrderState.REPLACED)
    await bench.until(new, OrderState.WORKING)
    [listed] = await bench.broker.open_orders()
    assert (listed.client_order_id, listed.limit_price) == ("new", D("9.1"))


async def test_what_was_filled_further_is_not_replaced(bench: Bench) -> None:
    old, new = bench.order("old", limit="9.00"), bench.order("new", limit="9.10")
    bench.quote(9.99, 10.01, 30)
    await bench.submit(old)
    bench.quote(8.99, 9.00, 30)
    await bench.until(old, OrderState.PARTIALLY_FILLED)
    with pytest.raises((OrderRejectedError, NotSentError)):
        await bench.broker.replace(old, new, TOKEN)
    assert await bench.open_ids() == ["old"]
    assert await bench.broker.find_order("new") is None


async def test_a_refusal_is_definite_and_leaves_nothing(bench: Bench) -> None:
    with pytest.raises(OrderRejectedError) as refused:
        await bench.submit(bench.order("dear", quantity=10_000_000, limit="10.00"))
    assert not isinstance(refused.value, DuplicateIdError)
    assert refused.value.user_text
    assert await bench.broker.find_order("dear") is None
    assert await bench.broker.open_orders() == []


async def test_one_id_is_one_order(bench: Bench) -> None:
    made = bench.order("once", limit="9.00")
    await bench.submit(made)
    with pytest.raises(DuplicateIdError):
        await bench.submit(made)
    assert await bench.open_ids() == ["once"]


async def test_without_a_token_nothing_is_sent(bench: Bench) -> None:
    working, new = bench.order("working", limit="9.00"), bench.order("new", limit="9.10")
    await bench.submit(working)
    bench.refuse_tokens[0] = True
    with pytest.raises(TokenRefusedError):
        await bench.submit(bench.order("none"))
    with pytest.raises(TokenRefusedError):
        await bench.broker.replace(working, new, TOKEN)
    assert await bench.broker.find_order("none") is None
    assert await bench.open_ids() == ["working"]


async def test_an_unknown_order_is_none_and_no_error(bench: Bench) -> None:
    assert await bench.broker.find_order("never-heard-of") is None


async def test_an_ended_order_is_still_found_with_its_mean_price(bench: Bench) -> None:
    made = bench.order("done", quantity=100)
    await bench.submit(made)
    await bench.until(made, OrderState.FILLED)
    found = await bench.broker.find_order("done")
    assert found is not None
    assert (found.report.filled, found.report.average_price) == (D(100), D("10.01"))
    reports = [r for r in bench.sink.of(OrderReport) if r.client_order_id == "done"]
    assert found.report.venue_order_id == reports[-1].venue_order_id


async def test_without_a_session_every_question_fails_and_nothing_is_sent(bench: Bench) -> None:
    await bench.broker.close()
    made = bench.order("late")
    with pytest.raises((OrderRejectedError, NotSentError)):
        await bench.submit(made)
    for question in (
        bench.broker.account,
        bench.broker.positions,
        bench.broker.open_orders,
        bench.broker.cancel_all,
    ):
        with pytest.raises(BrokerError):
            await question()
    with pytest.raises(BrokerError):
        await bench.broker.cancel(made)
    await bench.broker.connect(bench.sink)
    assert await bench.broker.find_order("late") is None


def spans(executions: list[ExecutionReport]) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    return [(e.client_order_id, e.cumulative, e.quantity, e.price) for e in executions]

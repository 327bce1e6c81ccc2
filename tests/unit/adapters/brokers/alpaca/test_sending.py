"""One request for one order, and what each kind of answer makes of it."""

from __future__ import annotations

import asyncio

import pytest

from cockpit.domain.order import OrderState
from cockpit.ports.broker import (
    BrokerError,
    DuplicateIdError,
    NotSentError,
    OrderRejectedError,
    SubmitUnknownError,
)
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer
from tests.unit.adapters.brokers.alpaca.kit import TOKEN, Session, session_at, toy_order

TAKEN_IN = (
    Fault.LOST_ANSWER,
    Fault.ACCEPTED_504,
    Fault.ACCEPTED_HTML,
    Fault.ACCEPTED_ODD,
    Fault.ACCEPTED_CUT,
)
NOT_TAKEN_IN = (Fault.LOST_REQUEST, Fault.HTML_403, Fault.BUSY_500, Fault.REDIRECT)


@pytest.mark.parametrize("fault", [*TAKEN_IN, *NOT_TAKEN_IN], ids=lambda fault: fault.name)
async def test_no_usable_answer_is_unknown_and_never_sent_again(
    session: Session, fault: Fault
) -> None:
    session.toy.faults.plan("POST /v2/orders", fault)
    with pytest.raises(SubmitUnknownError):
        await session.submit(toy_order("one", limit="9.00"))
    assert session.toy.count("POST", "/v2/orders") == 1
    found = await session.broker.find_order("one")
    assert (found is not None) == (fault in TAKEN_IN)


async def test_a_stalled_answer_is_bounded(toy: ToyServer) -> None:
    async with session_at(toy, answer_timeout_s=0.2, connect_timeout_s=0.5) as session:
        toy.faults.plan("POST /v2/orders", Fault.STALLED)
        with pytest.raises(SubmitUnknownError):
            await session.submit(toy_order("one", limit="9.00"))
        assert toy.count("POST", "/v2/orders") == 1


async def test_429_with_the_venues_words_is_a_refusal_and_uses_the_budget_up(
    session: Session,
) -> None:
    session.toy.faults.plan("POST /v2/orders", Fault.TOO_MANY)
    with pytest.raises(OrderRejectedError) as refused:
        await session.submit(toy_order("one", limit="9.00"))
    assert refused.value.code == "VENUE_RATE_LIMIT"
    with pytest.raises(NotSentError):  # held back here until the venue's minute is over
        await session.submit(toy_order("two", limit="9.00"))
    assert session.toy.count("POST", "/v2/orders") == 1
    await session.broker.cancel_all()  # never held back


async def test_numbers_go_out_as_text_and_the_id_always(session: Session) -> None:
    session.toy.exchange.list_symbols("FRAC", lot="0.000000001")
    session.toy.exchange.quote("FRAC", 9.99, 10.01)
    made = toy_order("fraction", quantity="0.123456789", symbol="FRAC")
    await session.submit(made)  # the toy refuses a number that is not text
    await eventually(lambda: session.sink.states("fraction")[-1:] == ["filled"])
    [execution] = session.sink.executions
    assert execution.quantity == made.intent.quantity
    [held] = await session.broker.positions()
    assert held.quantity == made.intent.quantity


@pytest.mark.parametrize(
    "symbol", ["BTC/USD", "BTCUSD", "TRUMPUSD", "AAPL250117C00150000", "abc", "A BC", "BRK.", "X1"]
)
async def test_only_stocks_are_sent(session: Session, symbol: str) -> None:
    with pytest.raises(NotSentError) as refused:
        await session.submit(toy_order("one", symbol=symbol))
    assert f"{symbol} is not the symbol of a US stock" in refused.value.user_text
    assert session.toy.count("POST", "/v2/orders") == 0


@pytest.mark.parametrize("symbol", ["F", "GOOGL", "BRK.B", "BAC.PRL", "ABCD.WS"])
async def test_what_is_written_as_a_stock_is_sent(session: Session, symbol: str) -> None:
    session.toy.exchange.list_symbols(symbol)
    await session.submit(toy_order("one", symbol=symbol, limit="1.00"))
    assert session.toy.count("POST", "/v2/orders") == 1


async def test_an_id_of_an_older_or_other_order_is_refused_not_adopted(session: Session) -> None:
    await session.submit(toy_order("used", limit="9.00"))
    with pytest.raises(OrderRejectedError) as other:
        await session.submit(toy_order("used", quantity=7, limit="9.00"))
    assert not isinstance(other.value, DuplicateIdError)
    later = toy_order("used", limit="9.00")
    now = session.toy.exchange.now_ns()
    from msgspec.structs import replace

    with pytest.raises(OrderRejectedError) as older:
        await session.submit(replace(later, created_ns=now + 3_600_000_000_000))
    assert not isinstance(older.value, DuplicateIdError)
    assert other.value.code == older.value.code == "VENUE_ID_OF_ANOTHER"


async def test_a_duplicate_that_can_not_be_looked_up_stays_a_duplicate(session: Session) -> None:
    await session.submit(toy_order("used", limit="9.00"))
    session.toy.faults.plan("GET /v2/orders:by_client_order_id", Fault.BUSY_500)
    with pytest.raises(DuplicateIdError):
        await session.submit(toy_order("used", limit="9.00"))


async def test_a_failed_replace_leaves_the_old_order(session: Session) -> None:
    old, new = toy_order("old", limit="9.00"), toy_order("new", limit="9.10")
    await session.submit(old)
    found = await session.broker.find_order("old")
    assert found is not None
    session.toy.faults.plan(f"PATCH /v2/orders/{found.report.venue_order_id}", Fault.LOST_REQUEST)
    with pytest.raises(SubmitUnknownError):
        await session.broker.replace(old, new, TOKEN)
    [listed] = await session.broker.open_orders()
    assert listed.client_order_id == "old"
    session.toy.faults.plan("GET /v2/orders:by_client_order_id", Fault.BUSY_500)
    with pytest.raises(NotSentError):
        await session.broker.replace(old, new, TOKEN)


async def test_a_cancel_without_the_venues_id_looks_it_up(session: Session) -> None:
    made = toy_order("one", limit="9.00")
    await session.submit(made)
    await session.broker.cancel(made)
    await eventually(lambda: session.sink.states("one")[-1:] == [OrderState.CANCELED.value])
    with pytest.raises(BrokerError):
        await session.broker.cancel(toy_order("never-sent"))


async def test_slow_questions_do_not_hold_up_an_order(toy: ToyServer) -> None:
    async with session_at(toy) as session:
        toy.faults.plan("GET /v2/positions", Fault.STALLED, Fault.STALLED)
        questions = [asyncio.create_task(session.broker.positions()) for _ in range(2)]
        await eventually(lambda: toy.count("GET", "/v2/positions") == 2)
        ack = await session.submit(toy_order("one", limit="9.00"))
        assert ack.venue_order_id
        assert not any(question.done() for question in questions)
        for question in questions:
            with pytest.raises(BrokerError):
                await question


async def test_no_fault_of_a_query_looks_like_an_empty_answer(session: Session) -> None:
    broker = session.broker
    asks = {
        "/v2/positions": broker.positions,
        "/v2/orders": broker.open_orders,
        "/v2/account": broker.account,
        "/v2/account/activities/FILL": lambda: broker.executions(0),
        "/v2/orders:by_client_order_id": lambda: broker.find_order("x"),
    }
    faults = (Fault.HTML_403, Fault.BUSY_500, Fault.REDIRECT, Fault.LOST_REQUEST)
    odd = (Fault.ACCEPTED_HTML, Fault.ACCEPTED_504, Fault.ACCEPTED_ODD)
    for path, ask in asks.items():
        for fault in (*faults, *odd):
            if path == "/v2/orders:by_client_order_id" and fault in odd[1:]:
                continue  # the toy says 404 there before it is spoilt
            session.toy.faults.plan(f"GET {path}", fault)
            with pytest.raises(BrokerError):
                await ask()

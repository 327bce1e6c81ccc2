"""Paging, the request budget and the threads behind them."""

from __future__ import annotations

import asyncio
import gc
from threading import Event

import pytest

from cockpit.adapters.brokers.alpaca import lines
from cockpit.adapters.brokers.alpaca.budget import Purpose, RateBudget
from cockpit.adapters.brokers.alpaca.faults import HeldBackError, NoAnswerError
from cockpit.adapters.brokers.workers import Workers
from cockpit.ports.broker import BrokerError, NotSentError
from tests.support.waiting import eventually
from tests.toyserver import ToyServer
from tests.unit.adapters.brokers.alpaca.kit import Session, session_at, toy_order


async def test_long_lists_are_paged_and_nothing_is_skipped(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_ORDERS_PAGE", 5)
    monkeypatch.setattr(lines, "_ACTIVITIES_PAGE", 5)
    names = [f"rest-{n}" for n in range(13)]
    for name in names:
        await session.submit(toy_order(name, quantity=10, limit="9.00"))
    orders = list(session.toy.exchange.orders.values())
    for order in orders[3:7]:
        order.submitted_ns = orders[3].submitted_ns  # the very same moment, over a page's edge
    listed = await session.broker.open_orders()
    assert sorted(o.client_order_id for o in listed) == sorted(names)
    session.toy.exchange.quote("ABC", 8.98, 8.99)
    executions = await session.broker.executions(0)
    assert sorted(e.client_order_id for e in executions) == sorted(names)
    assert session.toy.count("GET", "/v2/account/activities/FILL") == 3


async def test_a_list_without_an_end_is_an_error_and_not_a_part(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_ORDERS_PAGE", 5)
    for n in range(12):
        await session.submit(toy_order(f"rest-{n}", quantity=10, limit="9.00"))
    for order in session.toy.exchange.orders.values():
        order.submitted_ns = 1_704_205_800_000_000_000
    with pytest.raises(BrokerError):
        await session.broker.open_orders()


@pytest.mark.parametrize(
    "spoilt",
    [
        {"type": "iceberg"},
        {"qty": "many"},
        {"qty": "-3"},
        {"side": None},
        {"type": "stop", "stop_price": None},
        {"legs": 7},
        {"filled_qty": [1]},
    ],
)
async def test_an_order_that_can_not_be_read_is_listed_and_spoils_no_other(
    session: Session, spoilt: dict[str, object]
) -> None:
    for name in ("good", "odd"):
        await session.submit(toy_order(name, limit="9.00"))
    session.toy.exchange.spoilt["odd"] = spoilt
    good, odd = await session.broker.open_orders()
    assert (good.client_order_id, good.unreadable) == ("good", "")
    assert (odd.client_order_id, odd.symbol, bool(odd.unreadable)) == ("odd", "ABC", True)
    await session.broker.cancel(toy_order("odd"))
    assert [o.client_order_id for o in await session.broker.open_orders()] == ["good"]


@pytest.mark.parametrize("lost", ["symbol", "id", "client_order_id"])
async def test_an_order_without_a_name_is_no_list_at_all(session: Session, lost: str) -> None:
    await session.submit(toy_order("odd", limit="9.00"))
    session.toy.exchange.spoilt["odd"] = {lost: None, "qty": "many"}
    with pytest.raises(BrokerError):
        await session.broker.open_orders()


async def test_executions_of_orders_from_elsewhere_are_named_by_asking(toy: ToyServer) -> None:
    body = {"symbol": "ABC", "side": "buy", "type": "market", "time_in_force": "day", "qty": "3"}
    toy.exchange.submit(body | {"client_order_id": "by-phone"})
    async with session_at(toy) as session:
        [execution] = await session.broker.executions(0)
        assert execution.client_order_id == "by-phone"
        asked = len(toy.requests)
        await session.broker.executions(0)
        assert len(toy.requests) == asked + 1  # it is remembered


async def test_orders_stop_at_the_reserve_and_cancels_never(toy: ToyServer) -> None:
    toy.rate_limit = 20
    async with session_at(toy, requests_per_minute=20, rate_reserve=8) as session:
        for n in range(10):  # signing in took two of the twelve
            await session.submit(toy_order(f"rest-{n}", limit="9.00"))
        with pytest.raises(NotSentError, match="8 of 20"):
            await session.submit(toy_order("one-more", limit="9.00"))
        for _ in range(6):
            await session.broker.positions()
        with pytest.raises(BrokerError) as held:
            await session.broker.positions()
        assert held.value.code == "BROKER_HELD_BACK"
        await session.broker.cancel_all()
        assert {order.status for order in toy.exchange.orders.values()} == {"canceled"}


def test_the_venues_own_count_is_believed_when_it_is_lower() -> None:
    now = [1000.0]
    budget = RateBudget(200, 40, lambda: now[0])
    told = {"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "41", "X-RateLimit-Reset": "1030"}
    budget.note(told, 200)
    budget.take(Purpose.ORDER)
    with pytest.raises(HeldBackError, match="30 s"):
        budget.take(Purpose.ORDER)
    budget.take(Purpose.COMPARE)
    now[0] = 1030.0
    assert budget.left == 200
    budget.note({"X-RateLimit-Remaining": "junk", "X-RateLimit-Reset": "-5"}, 200)
    assert budget.left == 200


def test_a_plan_with_more_requests_is_used() -> None:
    budget = RateBudget(200, 40, lambda: 0.0)
    budget.take(Purpose.COMPARE)
    budget.note({"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "998"}, 200)
    assert budget.left == 998
    budget.take(Purpose.RESEARCH)


def test_a_429_stops_all_but_cancels_as_long_as_the_venue_says() -> None:
    now = [0.0]
    budget = RateBudget(200, 40, lambda: now[0])
    budget.note({}, 429, retry_after_s=3)
    for purpose in (Purpose.ORDER, Purpose.COMPARE, Purpose.RESEARCH):
        with pytest.raises(HeldBackError):
            budget.take(purpose)
    budget.take(Purpose.CANCEL)
    now[0] = 3.0
    budget.take(Purpose.ORDER)


def test_a_clock_that_is_set_back_does_not_stretch_the_minute() -> None:
    now = [7200.0]
    budget = RateBudget(200, 40, lambda: now[0])
    for _ in range(160):
        budget.take(Purpose.ORDER)
    now[0] -= 3600.0
    with pytest.raises(HeldBackError):
        budget.take(Purpose.ORDER)
    now[0] += 61.0
    budget.take(Purpose.ORDER)


class Nothing:
    def close(self) -> None:
        return


async def test_a_call_that_never_began_was_not_made() -> None:
    gate, workers = Event(), Workers("test", 1, Nothing)
    made: list[str] = []
    stuck = asyncio.create_task(workers.run(lambda _: gate.wait(5), within_s=0.1))
    await eventually(lambda: bool(workers._threads))
    with pytest.raises(HeldBackError):
        await workers.run(lambda _: made.append("second"), within_s=0.05)
    with pytest.raises(NoAnswerError):
        await stuck
    gate.set()
    assert await workers.run(lambda _: "third", within_s=2) == "third"
    assert made == []
    workers.close()
    with pytest.raises(HeldBackError):
        await workers.run(lambda _: "late", within_s=2)


async def test_a_call_whose_caller_is_gone_fails_unheard(loop_reports: list[object]) -> None:
    gate, workers = Event(), Workers("test", 1, Nothing)

    def fail(_: Nothing) -> None:
        gate.wait(5)
        raise NoAnswerError("late")

    call = asyncio.create_task(workers.run(fail, within_s=5))
    await eventually(lambda: bool(workers._threads))
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    gate.set()
    assert await workers.run(lambda _: "next", within_s=2) == "next"
    workers.close()
    gc.collect()
    assert not loop_reports


async def test_an_error_brings_no_frames_of_the_thread_along() -> None:
    """Their locals hold the headers, and so the keys."""
    workers = Workers("test", 1, Nothing)

    def fail(_: Nothing) -> None:
        secret = "the key"  # what a log with locals would show
        raise NoAnswerError(f"{len(secret)}")

    with pytest.raises(NoAnswerError) as failed:
        await workers.run(fail, within_s=2)
    frames, trace = [], failed.value.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert "fail" not in frames
    workers.close()


async def test_a_spread_of_options_is_listed_as_unclear_and_spoils_no_other(
    session: Session,
) -> None:
    await session.submit(toy_order("plain", limit="9.00"))
    await session.submit(toy_order("spread", limit="9.01"))
    session.toy.exchange.spoilt["spread"] = {"order_class": "mleg", "symbol": None, "side": None}
    listed = {o.client_order_id: o for o in await session.broker.open_orders()}
    assert listed["plain"].unreadable == ""
    assert listed["spread"].symbol == "OPTION SPREAD"
    assert listed["spread"].unreadable == "it is a spread of options"

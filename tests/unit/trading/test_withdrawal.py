"""Everything is taken back: what the bulk left out, what others made, and without a ledger."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cockpit.adapters.storage import open_store
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.order import Order, OrderState, OrderType
from cockpit.ports.broker import BrokerError
from cockpit.ports.store import StoreError
from tests.support.desk import STRATEGY, Desk, trading_desk

WIDE = Limits(
    max_active_orders=50, max_messages_per_second=100, max_position_fraction=Decimal(1)
)  # fmt: skip
COUNT = 12
LATENCY_S = 0.04


class FullStore:
    """A real store that writes nothing while `full`."""

    def __init__(self, store):
        self._store = store
        self.full = False

    def __getattr__(self, name):
        if self.full and name.startswith(("save_", "record")):
            return self._refuse
        return getattr(self._store, name)

    async def _refuse(self, *_):
        raise StoreError("disk full", user_text="The disk is full.")


async def with_orders(desk: Desk) -> list[Order]:
    """Resting orders, each of its own price."""
    orders = []
    for number in range(COUNT):
        resting = desk.intent(quantity=1, type=OrderType.LIMIT, limit=f"99.{10 + number}")
        orders.append(await desk.oms.submit(resting))
    await desk.pass_time(0.5)
    assert {desk.now(order).state for order in orders} == {OrderState.WORKING}
    return orders


def note_cancels(desk: Desk) -> list[int]:
    """When the venue took a single cancel in."""
    arrived: list[int] = []
    cancel = desk.broker._venue.cancel

    def noted(client_order_id, now_ns):
        arrived.append(now_ns)
        return cancel(client_order_id, now_ns)

    desk.broker._venue.cancel = noted
    return arrived


def refuse_bulk(desk: Desk) -> None:
    async def refused() -> None:
        raise BrokerError("503", user_text="The broker did not take it.")

    desk.broker.cancel_all = refused


async def test_one_bulk_request_does_when_it_works(tmp_path):
    async with trading_desk(tmp_path, limits=WIDE) as desk:
        orders = await with_orders(desk)
        singles = note_cancels(desk)
        report = await desk.do(desk.kill_switch.fire("test", flatten=False))
        assert report.confirmed
        assert not singles
        assert {desk.now(order).state for order in orders} == {OrderState.CANCELED}


async def test_what_the_bulk_refused_is_cancelled_at_the_same_time(tmp_path):
    async with trading_desk(tmp_path, limits=WIDE) as desk:
        orders = await with_orders(desk)
        refuse_bulk(desk)
        singles, began = note_cancels(desk), desk.clock.now_ns()
        report = await desk.do(desk.kill_switch.fire("test", flatten=False))
        assert report.confirmed
        assert len(singles) == COUNT  # each once
        assert max(singles) - began <= 1.01 * LATENCY_S * 1e9  # none waited for another
        assert {desk.now(order).state for order in orders} == {OrderState.CANCELED}


async def test_cancel_all_says_that_the_bulk_failed_and_cancels_all_the_same(tmp_path):
    async with trading_desk(tmp_path, limits=WIDE) as desk:
        orders = await with_orders(desk)
        refuse_bulk(desk)
        with pytest.raises(BrokerError, match="503"):
            await desk.do(desk.kill_switch.cancel_all())
        await desk.pass_time(0.5)
        assert {desk.now(order).state for order in orders} == {OrderState.CANCELED}
        assert desk.switch.state is TradingState.ACTIVE


async def test_what_the_bulk_left_out_is_asked_for_by_itself(tmp_path):
    async with trading_desk(tmp_path, limits=WIDE) as desk:
        orders = await with_orders(desk)
        venue, left_out = desk.broker._venue, {o.client_order_id for o in orders[:5]}
        end_all = venue._end_all

        def forgetful(ending, *rest):
            found = list(ending)
            bulk = len(found) > 1
            return end_all(
                [o for o in found if not bulk or o.client_order_id not in left_out], *rest
            )

        venue._end_all = forgetful
        singles = note_cancels(desk)
        report = await desk.do(desk.kill_switch.fire("test", flatten=False))
        assert report.confirmed
        assert len(singles) == len(left_out)
        assert len(set(singles)) == 1


async def test_an_order_nobody_knows_here_is_taken_back_too(tmp_path):
    async with trading_desk(tmp_path, limits=WIDE) as desk:
        await with_orders(desk)
        theirs = Order(
            client_order_id="from-elsewhere",
            intent=desk.intent(quantity=3, type=OrderType.LIMIT, limit="98.00"),
        )
        desk.broker._venue.submit(theirs, desk.clock.now_ns())  # and no event tells of it
        refuse_bulk(desk)
        report = await desk.do(desk.kill_switch.fire("test", flatten=False))
        assert report.confirmed
        found = await desk.do(desk.broker.find_order("from-elsewhere"))
        assert found.report.state is OrderState.CANCELED


async def test_nothing_of_it_needs_the_ledger(tmp_path):
    store = FullStore(await open_store(tmp_path / "cockpit.sqlite3"))
    async with trading_desk(tmp_path, limits=WIDE, store=store) as desk:
        orders = await with_orders(desk)
        waiting = await desk.oms.submit(desk.intent(quantity=3, strategy=STRATEGY))
        refuse_bulk(desk)
        store.full = True
        began = desk.clock.now_ns()
        report = await desk.do(desk.kill_switch.fire("test", flatten=False))
        assert report.confirmed
        assert desk.clock.now_ns() - began < 1e9
        assert desk.switch.state is TradingState.HALTED
        store.full = False
        await desk.pass_time(70)
        assert {desk.now(order).state for order in orders} == {OrderState.CANCELED}
        assert desk.now(waiting).state is OrderState.DENIED


async def test_a_broker_that_does_not_answer_at_once_is_asked_again(tmp_path):
    async with trading_desk(tmp_path, limits=WIDE) as desk:
        await with_orders(desk)
        listing, failures = desk.broker.open_orders, iter(range(3))

        async def flaky():
            if next(failures, None) is not None:
                raise BrokerError("timeout", user_text="No answer.")
            return await listing()

        desk.broker.open_orders = flaky
        report = await desk.do(desk.kill_switch.fire("test", flatten=False))
        assert report.confirmed


async def test_a_broker_that_can_not_be_asked_is_never_taken_for_flat(tmp_path):
    async with trading_desk(tmp_path, limits=WIDE) as desk:
        orders = await with_orders(desk)

        async def deaf():
            raise BrokerError("timeout", user_text="No answer.")

        desk.broker.open_orders = deaf
        refuse_bulk(desk)
        with pytest.raises(BrokerError, match="timeout"):
            await desk.do(desk.kill_switch.fire("test", flatten=False))
        assert desk.switch.state is TradingState.HALTED
        assert {desk.now(order).state for order in orders} == {OrderState.CANCELED}

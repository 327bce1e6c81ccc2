"""Ways round the door that were found by looking for them, each closed."""

import asyncio
from decimal import Decimal

import msgspec
import pytest

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.storage import open_store
from cockpit.domain.limits import TradingState
from cockpit.domain.market import Quote, TradePrint
from cockpit.domain.order import FLATTEN, OrderState, OrderType, Side
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import ExecutionReport, OrderReport
from cockpit.ports.store import StoreError
from cockpit.trading.errors import TradingError
from tests.support.desk import STRATEGY, trading_desk

S = OrderState


class PickyStore:
    """A real store that refuses some writes, before them or after them."""

    def __init__(self, store):
        self._store = store
        self.refused_states = set()
        self.forget_fill_answers = 0

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def save_order(self, order):
        if order.state in self.refused_states:
            raise StoreError("disk full", user_text="The disk is full.")
        await self._store.save_order(order)

    async def save_fill(self, fill, order):
        known = await self._store.save_fill(fill, order)
        if self.forget_fill_answers:
            self.forget_fill_answers -= 1
            raise StoreError("stored, but the answer was an error", user_text="The disk failed.")
        return known


@pytest.fixture
async def picky_store(tmp_path):
    return PickyStore(await open_store(tmp_path / "cockpit.sqlite3"))


async def test_two_exits_of_one_instant_can_not_open_without_a_person(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        exits = [desk.intent(Side.SELL, quantity, strategy=STRATEGY) for quantity in (10, 9)]
        first, second = await asyncio.gather(*(desk.oms.submit(i) for i in exits))
        await desk.pass_time(1)
        assert desk.now(first).state is S.FILLED
        assert desk.now(second).reason_code == "APPROVAL_MISSING"
        assert desk.portfolio.position("ABC").flat


async def test_what_passed_the_gate_but_is_not_sent_yet_dies_with_the_halt(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent())
        desk.switch.tighten(TradingState.HALTED, "test")  # SENDING, but not a byte is out
        await desk.pass_time(1)
        assert desk.now(order).state is S.DENIED
        assert not desk.fills


async def test_the_kill_switch_cancels_what_overtook_its_first_cancel(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.50"))
        await asyncio.sleep(0)  # the send is on its way, and slower than the cancel
        desk.broker._settings = PaperSettings(jitter_fraction=0, latency_ms=5)
        report = await desk.do(desk.kill_switch.fire("test", flatten=False))
        await desk.pass_time(1)
        assert desk.now(order).state is S.CANCELED
        assert report.confirmed
        assert not await desk.do(desk.broker.open_orders())


async def test_a_fill_whose_answer_was_lost_is_booked_once(tmp_path, picky_store):
    async with trading_desk(tmp_path, store=picky_store) as desk:
        picky_store.forget_fill_answers = 1
        order = await desk.oms.submit(desk.intent())
        await desk.pass_time(5)
        assert desk.now(order).state is S.FILLED
        assert len(desk.fills) == 1
        assert desk.portfolio.position("ABC").quantity == 10


async def test_a_sell_is_reckoned_at_what_it_may_bring_not_at_its_floor(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(
            desk.intent(Side.SELL, 900, type=OrderType.STOP_LIMIT, stop="99.99", limit="0.01")
        )
        assert order.state is S.DENIED
        assert order.reason_code in ("VALUE_ORDER", "COLLAR_BLOCK")


async def test_a_resting_sell_stop_limit_commits_what_it_may_bring(tmp_path):
    async with trading_desk(tmp_path) as desk:
        for stop in ("95.00", "95.01", "95.02"):
            order = await desk.oms.submit(
                desk.intent(Side.SELL, 40, type=OrderType.STOP_LIMIT, stop=stop, limit="91.00")
            )
            await desk.pass_time(0.3)
        assert order.reason_code == "POSITION_CONCENTRATION"


async def test_an_order_that_could_not_be_made_durable_claims_nothing(tmp_path, picky_store):
    async with trading_desk(tmp_path, store=picky_store) as desk:
        await desk.bought(10)
        picky_store.refused_states = {S.SENDING}
        with pytest.raises(StoreError):
            await desk.oms.submit(desk.intent(quantity=3))
        picky_store.refused_states = set()
        await desk.pass_time(2)
        assert not desk.orders.open()
        desk.quote(99.99, 100.01)
        closing = await desk.do(desk.kill_switch.flatten("ABC"))
        await desk.pass_time(1)
        assert desk.now(closing).state is S.FILLED


async def test_a_partial_fill_while_a_replace_is_on_its_way_is_not_bought_twice(tmp_path):
    async with trading_desk(tmp_path) as desk:
        old = await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="100.00"))
        await desk.pass_time(0.5)
        new = await desk.oms.replace(
            old.client_order_id,
            lambda i: msgspec.structs.replace(i, intent_id="again", limit_price=Decimal("99.99")),
        )
        desk.quote(99.98, 100.00, size=4)
        await desk.pass_time(0.5)
        desk.quote(99.97, 99.99, size=100)
        await desk.pass_time(0.5)
        assert desk.now(new).state is S.REJECTED
        assert desk.now(old).state is S.FILLED
        assert desk.portfolio.position("ABC").quantity == 10


async def test_a_frozen_symbol_can_still_be_closed(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.bought(10)
        desk.events.on_order(
            OrderReport(
                client_order_id=order.client_order_id,
                venue_order_id="V",
                state=S.WORKING,
                ts_event=desk.clock.now_ns(),
            )
        )
        await desk.pass_time(0.1)
        opening = await desk.oms.submit(desk.intent())
        assert opening.reason_code == "READINESS_NOT_READY"
        closing = await desk.do(desk.kill_switch.flatten("ABC"))
        await desk.pass_time(1)
        assert desk.now(closing).state is S.FILLED


async def test_a_report_that_makes_no_sense_does_not_block_the_next(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent())
        desk.events.on_execution(
            ExecutionReport(
                execution_id="nonsense",
                client_order_id=order.client_order_id,
                venue_order_id="V",
                symbol="ABC",
                side=Side.BUY,
                quantity=Decimal(0),
                price=Decimal(100),
                fee=Decimal(0),
                cumulative=Decimal(0),
                ts_event=desk.clock.now_ns(),
            )
        )
        await desk.pass_time(1)
        assert desk.now(order).state is S.FILLED
        assert "report.nonsense" in desk.incidents
        assert desk.switch.state is TradingState.HALTED


async def test_a_quote_that_came_late_is_not_fresh(tmp_path):
    async with trading_desk(tmp_path) as desk:
        now = desk.clock.now_ns()
        desk.book.on_quote(
            Quote(
                symbol="ABC",
                bid=99.99,
                ask=100.01,
                bid_size=1000,
                ask_size=1000,
                ts_event=now - 60 * SECOND,
                ts_init=now,
            )
        )
        order = await desk.oms.submit(desk.intent())
        assert order.reason_code == "MARKETDATA_STALE"


async def test_an_order_can_be_cancelled_while_its_replace_is_on_its_way(tmp_path):
    async with trading_desk(tmp_path) as desk:
        old = await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.50"))
        await desk.pass_time(0.5)
        new = await desk.oms.replace(
            old.client_order_id,
            lambda i: msgspec.structs.replace(i, intent_id="again", limit_price=Decimal("99.60")),
        )
        await asyncio.sleep(0)  # the replace is on its way, and slower than the cancel
        desk.broker._settings = PaperSettings(jitter_fraction=0, latency_ms=5)
        await desk.do(desk.oms.cancel(old.client_order_id))
        await desk.pass_time(0.5)
        assert desk.states(old)[-3:] == [S.PENDING_REPLACE, S.PENDING_CANCEL, S.CANCELED]
        assert desk.now(new).state is S.REJECTED


async def test_flatten_takes_back_what_was_just_being_sent(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        resting = await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.50"))
        assert resting.state is S.SENDING
        closing = await desk.do(desk.kill_switch.flatten("ABC"))
        await desk.pass_time(1)
        assert closing.intent.strategy == FLATTEN
        assert desk.now(resting).state is S.CANCELED
        assert desk.portfolio.position("ABC").flat


async def test_a_request_expires_though_the_disk_was_full(tmp_path, picky_store):
    async with trading_desk(tmp_path, store=picky_store) as desk:
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        picky_store.refused_states = {S.DENIED}
        await desk.pass_time(61)
        picky_store.refused_states = set()
        await desk.pass_time(2)
        assert desk.now(order).reason_code == "APPROVAL_EXPIRED"
        assert not desk.approvals.waiting()


async def test_a_flatten_that_comes_second_does_not_flip_the_position(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        leaving = desk.oms.submit(desk.intent(Side.SELL, 9, strategy=STRATEGY))
        first, second = await asyncio.gather(leaving, desk.kill_switch.flatten("ABC"))
        await desk.pass_time(1)
        assert desk.now(first).state is S.FILLED
        assert desk.now(second).reason_code == "STATE_FLATTEN"
        assert desk.portfolio.position("ABC").quantity == 1


async def test_a_position_is_marked_by_prints_when_nobody_quotes(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)

        def traded(price):
            now = desk.clock.now_ns()
            trade = TradePrint(symbol="ABC", price=price, size=1, ts_event=now, ts_init=now)
            desk.book.on_trade(trade)
            desk.bus.publish(trade)

        await desk.pass_time(5)
        traded(95.0)
        assert desk.portfolio.mark_of("ABC") == desk.book.mark("ABC") == 100.0
        await desk.pass_time(10)
        traded(90.0)
        assert desk.portfolio.mark_of("ABC") == desk.book.mark("ABC") == 90.0
        assert desk.portfolio.unrealised == pytest.approx(-100.1)
        desk.quote(89.99, 90.03)
        assert desk.portfolio.mark_of("ABC") == pytest.approx(90.01)


async def test_an_order_of_another_account_is_none(tmp_path):
    async with trading_desk(tmp_path) as desk:
        foreign = msgspec.structs.replace(desk.intent(), account_id="LIVE-7")
        with pytest.raises(TradingError, match="LIVE-7"):
            await desk.oms.submit(foreign)
        assert not desk.orders.all()


async def test_an_execution_on_the_other_side_is_set_aside(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.bought(10)
        desk.events.on_execution(
            ExecutionReport(
                execution_id="other-side",
                client_order_id=order.client_order_id,
                venue_order_id="V",
                symbol="ABC",
                side=Side.SELL,
                quantity=Decimal(10),
                price=Decimal(100),
                fee=Decimal(0),
                cumulative=Decimal(10),
                ts_event=desk.clock.now_ns(),
            )
        )
        await desk.pass_time(1)
        assert "report.other-side" in desk.incidents
        assert (desk.switch.state, len(desk.fills)) == (TradingState.HALTED, 1)


@pytest.mark.parametrize(("side", "state"), [(Side.BUY, S.DENIED), (Side.SELL, S.FILLED)])
async def test_a_slow_ledger_lets_no_opening_out_at_an_old_price(
    tmp_path, picky_store, side, state
):
    async with trading_desk(tmp_path, store=picky_store) as desk:
        await desk.bought(10)
        save = picky_store.save_order

        async def slowly(order):
            await save(order)
            if order.state is S.RESERVED:
                await desk.clock.sleep(10)

        picky_store.save_order = slowly
        order = await desk.do(desk.oms.submit(desk.intent(side, 7)))
        desk.quote(99.99, 100.01)
        await desk.pass_time(1)
        assert desk.now(order).state is state
        assert (desk.now(order).reason_code == "TOKEN_LAPSED") is (state is S.DENIED)

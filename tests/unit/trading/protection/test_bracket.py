from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderState, OrderType, Side, TimeInForce
from tests.support.desk import STRATEGY, trading_desk
from tests.support.protection import entered, exits, plan

S = OrderState


async def test_a_filled_entry_gets_its_stop_at_the_venue(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan())
        [stop] = exits(desk)
        assert (stop.state, stop.intent.type, stop.intent.side) == (
            S.WORKING, OrderType.STOP, Side.SELL,
        )  # fmt: skip
        assert (stop.remaining, stop.intent.stop_price) == (10, 99)
        assert stop.intent.tif is TimeInForce.GTC
        [fill] = desk.fills
        assert fill.fill.planned_stop == 99


async def test_a_short_position_is_mirrored(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("101"), side=Side.SELL)
        [stop] = exits(desk)
        assert (stop.intent.side, stop.intent.stop_price) == (Side.BUY, 101)
        desk.quote(101.0, 101.02)
        await desk.pass_time(0.5)
        assert desk.portfolio.position("ABC").flat
        assert not desk.orders.open()


async def test_parts_of_the_entry_are_covered_as_they_come(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        await entered(desk, plan(), type=OrderType.LIMIT, limit="100.01")
        [stop] = exits(desk)
        assert stop.remaining == 4
        desk.quote(99.99, 100.01, size=3)
        await desk.pass_time(0.6)
        assert [stop.remaining for stop in exits(desk)] == [7]
        desk.quote(99.99, 100.01, size=9)
        await desk.pass_time(0.6)
        assert [stop.remaining for stop in exits(desk)] == [10]


async def test_a_stop_that_trades_takes_back_what_is_left_of_the_entry(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        await entered(desk, plan("99.99"), type=OrderType.LIMIT, limit="100.01")
        desk.quote(99.98, 100.02)
        await desk.pass_time(1)
        assert desk.portfolio.position("ABC").flat
        assert not desk.orders.open()


async def test_an_exit_filled_in_pieces_never_closes_more_than_is_held(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan())
        for _ in range(4):
            desk.quote(98.9, 99.1, size=3)
            await desk.pass_time(0.5)
            held = desk.portfolio.position("ABC").quantity
            assert sum(o.remaining for o in exits(desk)) == held >= 0
        assert desk.portfolio.position("ABC").flat


async def test_a_manual_sale_finds_the_stop_out_of_its_way(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan())
        sale = await desk.do(desk.oms.submit(desk.intent(Side.SELL, 4)))
        await desk.pass_time(1)
        assert desk.now(sale).state is S.FILLED
        assert [stop.remaining for stop in exits(desk)] == [6]


async def test_a_sale_that_would_be_denied_leaves_the_stop_alone(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan())
        [stop] = exits(desk)
        await desk.pass_time(5)  # the quote is old by now
        sale = await desk.do(desk.oms.submit(desk.intent(Side.SELL, 10)))
        assert sale.reason_code == "MARKETDATA_STALE"
        assert exits(desk) == [stop]


async def test_a_resting_sale_of_all_takes_the_stop_s_place_until_it_ends(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan())
        sale = await desk.do(
            desk.oms.submit(desk.intent(Side.SELL, type=OrderType.LIMIT, limit="105"))
        )
        await desk.pass_time(1)
        assert desk.now(sale).state is S.WORKING
        assert not exits(desk)
        await desk.do(desk.oms.cancel(sale.client_order_id))
        await desk.pass_time(1)
        assert [stop.remaining for stop in exits(desk)] == [10]


async def test_flatten_takes_the_stop_back_first(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan())
        await desk.do(desk.kill_switch.flatten("ABC"))
        await desk.pass_time(1)
        assert desk.portfolio.position("ABC").flat
        assert not desk.orders.open()


async def test_a_flatten_that_would_be_denied_leaves_the_stop_and_takes_entries_back(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan())
        [stop] = exits(desk)
        entry = desk.intent(type=OrderType.LIMIT, limit="99.50", quantity=3)
        entry = await desk.do(desk.oms.submit(entry))
        await desk.pass_time(5)
        order = await desk.do(desk.kill_switch.flatten("ABC"))
        assert order.reason_code == "MARKETDATA_STALE"
        assert desk.states(stop)[-1] is OrderState.WORKING  # not for a moment without it
        await desk.pass_time(1)
        assert exits(desk) == [desk.now(stop)]
        assert desk.now(entry).state is OrderState.CANCELED


async def test_the_kill_switch_disarms_and_says_what_is_bare(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan())
        await desk.do(desk.kill_switch.fire("test", flatten=False))
        await desk.pass_time(5)
        assert not exits(desk)
        assert "unprotected" in desk.incidents
        await desk.do(desk.switch.resume("again"))
        await desk.pass_time(5)
        assert not exits(desk)  # a person cancelled it, a person protects again


async def test_a_halt_leaves_the_stop_at_the_venue(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan())
        desk.switch.tighten(TradingState.HALTED, "test")
        await desk.pass_time(5)
        assert [stop.remaining for stop in exits(desk)] == [10]


async def test_a_strategy_s_exit_waits_for_nobody(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan(), strategy=STRATEGY)
        [request] = desk.approvals.waiting()
        await desk.do(desk.oms.approve(request.request_id))
        await desk.pass_time(0.5)
        [stop] = exits(desk)
        assert stop.intent.strategy == STRATEGY
        assert not desk.approvals.waiting()

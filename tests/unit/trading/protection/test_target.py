import pytest

from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.order import OrderState, OrderType, Side
from tests.support.desk import trading_desk
from tests.support.protection import entered, exits, plan, seen

S = OrderState


async def test_at_the_target_the_stop_goes_first_and_the_profit_is_taken(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", "101"))
        [stop] = exits(desk)
        await seen(desk, 101.0)
        assert desk.now(stop).state is S.CANCELED
        assert desk.portfolio.position("ABC").flat
        [target] = [o for o in desk.orders.all() if o.intent.type is OrderType.LIMIT]
        assert (target.intent.limit_price, target.state) == (101, S.FILLED)
        done = desk.now(stop)
        assert target.created_ns >= done.updated_ns  # only once the venue had confirmed
        await seen(desk, 98.9, for_s=2)
        assert not desk.orders.open()


async def test_a_short_target_is_mirrored(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("101", "99"), side=Side.SELL)
        await seen(desk, 98.97)
        assert desk.portfolio.position("ABC").flat
        assert not desk.orders.open()


async def test_a_stale_quote_touches_nothing(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", "101"))
        [stop] = exits(desk)
        await desk.pass_time(3)
        desk.quote(101.0, 101.02, age_s=2.5)
        await desk.pass_time(1)
        assert exits(desk) == [stop]


async def test_a_target_that_does_not_fill_gives_way_to_the_stop_again(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", "101"))
        desk.quote(101.0, 101.02, size=4)
        await desk.pass_time(0.3)
        [target] = exits(desk)
        assert (target.intent.type, target.remaining) == (OrderType.LIMIT, 6)
        await desk.pass_time(6)  # nothing comes any more
        [stop] = exits(desk)
        assert (stop.intent.stop_price, stop.remaining) == (99, 6)


async def test_a_market_that_falls_back_gets_the_stop_at_once(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", "101"))
        desk.quote(101.0, 101.02, size=4)
        await desk.pass_time(0.3)
        await seen(desk, 100.5)
        [stop] = exits(desk)
        assert (stop.intent.stop_price, stop.remaining) == (99, 6)
        await seen(desk, 101.0)  # too soon for another try
        assert exits(desk)[0].intent.stop_price == 99
        await desk.pass_time(6)
        await seen(desk, 101.1)
        assert desk.portfolio.position("ABC").flat


async def test_a_gap_beyond_the_target_is_sold_near_the_market(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", "101"))
        await seen(desk, 110.0)
        assert desk.portfolio.position("ABC").flat
        assert desk.fills[-1].fill.price == 110


async def test_under_a_halt_no_target_is_sought(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", "101"))
        [stop] = exits(desk)
        desk.switch.tighten(TradingState.HALTED, "test")
        await seen(desk, 101.5, for_s=2)
        assert exits(desk) == [stop]
        await desk.do(desk.switch.resume("again"))
        await seen(desk, 101.5)
        assert desk.portfolio.position("ABC").flat


async def test_a_trailing_stop_follows_and_never_goes_back(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", trail="1"))
        stops = []
        for bid in (100.0, 100.5, 101.0, 100.6, 102.0, 101.2, 101.9):
            await seen(desk, bid, for_s=1.2)
            stops.append(exits(desk)[0].intent.stop_price)
        assert stops == sorted(stops)
        assert stops[-1] == 101
        await seen(desk, 100.99, for_s=1)
        assert desk.portfolio.position("ABC").flat
        assert not desk.orders.open()


async def test_a_trail_alone_gives_the_first_stop_from_the_fill(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan(None, trail_fraction="0.01"))
        assert exits(desk)[0].intent.stop_price == pytest.approx(99.0, abs=0.011)
        assert desk.fills[0].fill.planned_stop == exits(desk)[0].intent.stop_price


async def test_a_short_trail_comes_down(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan(None, trail="1"), side=Side.SELL)
        await seen(desk, 98.0, for_s=1.5)
        assert str(exits(desk)[0].intent.stop_price) == "99.02"
        await seen(desk, 98.5, for_s=1.5)
        assert str(exits(desk)[0].intent.stop_price) == "99.02"


async def test_a_trail_moves_at_most_once_a_second(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", trail="1"))
        for step in range(50):
            await seen(desk, 100 + step / 10, for_s=0.1)
        moves = [o for o in desk.orders.all() if o.intent.protects]
        assert len(moves) <= 7


async def test_trailing_does_not_use_the_message_limit_up(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", trail="1"))
        assert Limits().max_messages_per_minute == 60
        for step in range(600):
            await seen(desk, 100 + step / 10, for_s=0.1)
        now = desk.clock.now_ns()
        assert desk.situation.traffic.messages_within(60, now) < 40

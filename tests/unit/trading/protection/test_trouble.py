from decimal import Decimal

import msgspec
import pytest

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.domain.connection import Connection, Health
from cockpit.domain.errors import DomainError
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderState, OrderType, Side
from cockpit.ports.broker import BrokerError
from cockpit.trading.errors import TradingError
from tests.support.desk import OPEN_NS, trading_desk
from tests.support.protection import entered, exits, plan, refuse_all, seen
from tests.support.set_clock import SetClock

S = OrderState


async def test_a_refused_stop_is_told_at_once_and_tried_a_few_times(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        await desk.do(desk.protector.unprotect("ABC"))
        await desk.pass_time(1)
        refuse_all(desk)
        await desk.do(desk.protector.protect("ABC", plan("98")))
        await desk.pass_time(0.3)
        assert "unprotected.ABC" in desk.incidents
        await desk.pass_time(120)
        refused = [o for o in desk.orders.all() if o.state is S.REJECTED]
        assert len(refused) == 6
        assert len({o.intent.intent_id for o in refused}) == 6
        assert not exits(desk)


async def test_a_clock_that_is_set_back_holds_up_no_stop(tmp_path):
    clock = SetClock(OPEN_NS)
    async with trading_desk(tmp_path, clock=clock) as desk:
        await entered(desk, plan("99"))
        refuse_all(desk)
        await desk.do(desk.protector.unprotect("ABC"))
        await desk.pass_time(1)
        await desk.do(desk.protector.protect("ABC", plan("98")))
        await desk.pass_time(0.3)
        assert not exits(desk)
        refuse_all(desk, share=0.0)
        clock.set_by_s = -3600
        for _ in range(10):
            await seen(desk, 99.99)
        assert [o.intent.stop_price for o in exits(desk)] == [98]


async def test_an_exit_without_an_answer_is_never_sent_again(tmp_path):
    settings = PaperSettings(jitter_fraction=0, lost_answer_rate=1.0)
    async with trading_desk(tmp_path, settings=settings) as desk:
        await entered(desk, plan("99"))
        for _ in range(30):
            await seen(desk, 99.99, for_s=1)
            assert len([o for o in desk.orders.all() if o.intent.protects]) <= 1
        assert len(exits(desk)) == 1


async def test_a_person_s_cancel_ends_the_protection(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        [stop] = exits(desk)
        assert await desk.do(desk.protector.release(stop.client_order_id))
        await desk.do(desk.oms.cancel(stop.client_order_id))
        await desk.pass_time(3)
        assert desk.now(stop).state is S.CANCELED
        assert not exits(desk)
        assert "unprotected" in desk.incidents


async def test_a_cancel_at_the_broker_is_told_and_respected(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        await desk.do(desk.broker.cancel_all())
        await desk.pass_time(3)
        assert not exits(desk)
        assert "unprotected.ABC" in desk.incidents


async def test_what_is_held_can_be_protected_and_protected_anew(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        await desk.do(desk.protector.protect("ABC", plan("98", "103")))
        await desk.pass_time(0.5)
        [first] = exits(desk)
        assert (first.intent.stop_price, first.remaining) == (98, 10)
        await desk.do(desk.protector.protect("ABC", plan("99")))
        await desk.pass_time(0.5)
        [second] = exits(desk)
        assert second.intent.stop_price == 99
        assert desk.now(first).state is S.REPLACED  # never without a stop
        await desk.do(desk.protector.unprotect("ABC"))
        await desk.pass_time(0.5)
        assert not exits(desk)


async def test_a_plan_on_the_wrong_side_changes_nothing(tmp_path):
    async with trading_desk(tmp_path) as desk:
        with pytest.raises(TradingError, match="flat"):
            await desk.do(desk.protector.protect("ABC", plan("98")))
        await entered(desk, plan("99"))
        for bad in (plan("100.5"), plan("98", "99.5")):
            with pytest.raises(DomainError):
                await desk.do(desk.protector.protect("ABC", bad))
        await desk.pass_time(3)
        with pytest.raises(TradingError, match="trail"):
            await desk.do(desk.protector.protect("ABC", plan(None, trail="1")))
        assert [o.intent.stop_price for o in exits(desk)] == [99]


async def test_two_protected_entries_shrink_oldest_first(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"), quantity=10)
        await entered(desk, plan("98"), quantity=6)
        assert [(o.intent.stop_price, o.remaining) for o in exits(desk)] == [(99, 10), (98, 6)]
        desk.quote(99.99, 100.01)
        await desk.do(desk.oms.submit(desk.intent(Side.SELL, 7)))
        await desk.pass_time(1)
        left = {o.intent.stop_price: o.remaining for o in exits(desk)}
        assert left == {Decimal(99): 3, Decimal(98): 6}


async def test_an_own_order_in_the_way_of_a_stop_is_taken_back(tmp_path):
    """The market is at the stop of what is held, and another entry would trade with it."""
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        other = await desk.do(
            desk.oms.submit(desk.intent(quantity=30, type=OrderType.LIMIT, limit="100.01"))
        )
        await desk.pass_time(0.5)
        desk.switch.tighten(TradingState.HALTED, "test")
        await desk.do(desk.protector.protect("ABC", plan("99.9")))
        desk.quote(99.8, 100.05)
        await desk.do(desk.switch.resume("again"))
        await desk.pass_time(5)
        await seen(desk, 99.8, 100.05, for_s=3)
        assert desk.now(other).state is S.CANCELED
        assert f"way.{other.client_order_id}" in desk.incidents
        assert desk.portfolio.position("ABC").flat


async def test_a_stop_may_stand_below_the_rest_of_its_own_entry(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        await entered(desk, plan("99"), type=OrderType.LIMIT, limit="100.01")
        assert desk.orders.open()[0].remaining == 6
        assert [o.remaining for o in exits(desk)] == [4]


async def test_a_stop_that_the_venue_ends_is_placed_again(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        [stop] = exits(desk)
        venue, now = desk.broker._venue, desk.clock.now_ns()
        held = venue._orders[stop.client_order_id]
        desk.broker._deliver(venue._end_all([held], S.EXPIRED, now, "end of session"))
        await desk.pass_time(3)
        [again] = exits(desk)
        assert (again.remaining, again.intent.stop_price) == (10, 99)
        assert desk.now(stop).state is S.EXPIRED
        assert "unprotected.ABC" not in desk.incidents


async def test_a_stop_that_a_person_tightened_is_not_loosened_again(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("95"))
        [stop] = exits(desk)
        await desk.do(desk.oms.replace(stop.client_order_id, _moved_to("98", "by-hand")))
        for _ in range(3):
            await seen(desk, 99.99, for_s=1)
        assert [o.intent.stop_price for o in exits(desk)] == [98]


async def test_a_stop_that_a_person_did_not_get_is_not_asked_for_later(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("95"))
        [stop] = exits(desk)
        refuse_all(desk)
        await desk.do(desk.oms.replace(stop.client_order_id, _moved_to("980", "mistyped")))
        await desk.pass_time(2)
        refuse_all(desk, share=0.0)
        await desk.do(desk.protector.rearm())
        await seen(desk, 99.99, for_s=3)
        assert [o.intent.stop_price for o in exits(desk)] == [95]


async def test_a_round_that_breaks_is_told_and_made_again(tmp_path):
    async with trading_desk(tmp_path) as desk:
        work = desk.protector._work
        place = work._place

        async def broken(*_given):
            work._place = place
            raise ValueError("a fault")

        work._place = broken
        await entered(desk, plan("95"))
        assert not exits(desk)
        await desk.pass_time(2)
        assert len(exits(desk)) == 1
        [crash] = desk.crashes
        assert "a fault" in crash.error
        desk.crashes.clear()


def _moved_to(price, intent_id):
    return lambda intent: msgspec.structs.replace(
        intent, stop_price=Decimal(price), intent_id=intent_id
    )


async def test_changes_that_are_refused_never_give_the_stop_up(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        await entered(desk, plan("99"), type=OrderType.LIMIT, limit="100.01")
        [stop] = exits(desk)
        refuse_all(desk)
        await seen(desk, 99.99, 100.01)
        for _ in range(80):  # it can't grow, however often that is tried
            await seen(desk, 99.99, 100.01, for_s=1)
        assert [o.remaining for o in exits(desk)] == [4]
        refuse_all(desk, share=0.0)
        desk.quote(98.9, 98.92, size=4)
        await desk.pass_time(0.5)
        assert desk.now(stop).state is OrderState.FILLED
        await seen(desk, 98.9, 98.92, for_s=3)
        assert desk.portfolio.position("ABC").flat  # the rest got a stop of its own


async def test_a_change_that_the_gate_would_not_let_through_makes_no_order(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        await entered(desk, plan("99"), type=OrderType.LIMIT, limit="100.01")
        _feed(desk, Health.DOWN)
        await seen(desk, 99.99, 100.01, for_s=40)
        assert desk.portfolio.position("ABC").quantity == 10
        assert [o.remaining for o in exits(desk)] == [4]
        assert not [o for o in desk.orders.all() if o.state is S.DENIED]
        _feed(desk, Health.UP)
        await seen(desk, 99.99, 100.01, for_s=3)
        assert [o.remaining for o in exits(desk)] == [10]


def _feed(desk, health):
    lamp = Connection(name="test", kind="feed", health=health)
    desk.bus.publish(ConnectionChanged(connection=lamp, ts_event=0, ts_init=0))


async def test_exits_that_a_kill_could_not_cancel_are_taken_back_later(tmp_path, monkeypatch):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        with monkeypatch.context() as line:
            line.setattr(desk.broker, "cancel_all", _refused)
            line.setattr(desk.broker, "cancel", _refused)
            report = await desk.do(desk.kill_switch.fire("test", flatten=False))
            assert not report.confirmed
            await desk.pass_time(10)
            assert exits(desk)
        await desk.pass_time(10)
        assert not exits(desk)


async def _refused(*_args):
    raise BrokerError("429", user_text="Too many requests.")


async def test_a_part_of_a_share_that_no_order_can_protect_is_told_once(tmp_path) -> None:
    """It came by other means, and the stock is not traded in parts."""
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        positions = desk.broker._venue._money.positions
        positions["ABC"] = msgspec.structs.replace(positions["ABC"], quantity=Decimal("10.5"))
        desk.recovery.request("a test")
        await desk.pass_time(10)
        await desk.do(desk.settlement.accept_positions("ABC"))
        desk.recovery.request("accepted")
        await desk.pass_time(5)
        await desk.do(desk.protector.protect("ABC", plan("95")))
        for _ in range(3):
            await seen(desk, 99.99, for_s=1)
        assert [o.remaining for o in exits(desk)] == [10]
        assert desk.incidents.count("unprotected.ABC") == 1

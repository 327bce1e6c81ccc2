"""The cockpit ends at any instant; the next one holds the same exits, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.order import Order, OrderState, OrderType, Side
from cockpit.ports.store import StoreError
from tests.support.desk import Desk, restarted, trading_desk
from tests.support.protection import entered, exits, plan, seen

S = OrderState
INSTANTS = [step / 50 for step in range(26)]  # each 20 ms of the first half second


async def settled(desk: Desk, price: float = 99.99) -> None:
    for _ in range(8):
        await seen(desk, price, for_s=1)


@pytest.mark.parametrize("instant", INSTANTS)
async def test_an_entry_is_covered_once_whenever_it_was_cut_off(tmp_path, instant):
    async with trading_desk(tmp_path) as desk:
        entry = await desk.do(desk.oms.submit(desk.intent(protection=plan("99", "104"))))
        await desk.pass_time(instant)
        async with restarted(desk) as again:
            await settled(again)
            held = again.portfolio.position("ABC").quantity
            assert held == again.now(entry).filled
            assert sum(o.remaining for o in exits(again)) == held
            assert len(exits(again)) == (held > 0)
            venue = [o for o in again.broker._venue._orders.values() if o.open]
            assert sum(o.remaining for o in venue if o.order.intent.protects) == held


@pytest.mark.parametrize("instant", INSTANTS)
async def test_a_target_cut_off_ends_flat_or_with_the_stop(tmp_path, instant):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99", "101"))
        desk.quote(101.0, 101.02, size=4)
        await desk.pass_time(instant)
        async with restarted(desk) as again:
            await settled(again, 100.0)
            [stop] = exits(again)
            assert stop.intent.type is OrderType.STOP
            assert stop.remaining == again.portfolio.position("ABC").quantity > 0


async def test_recovering_twice_arms_once(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        [stop] = exits(desk)
        async with restarted(desk) as again:
            for _ in range(3):
                await again.do(again.protector.rearm())
                await again.pass_time(1)
            assert [o.client_order_id for o in exits(again)] == [stop.client_order_id]


async def test_a_trailed_stop_is_not_loosened_by_a_restart(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("95", trail="5"))
        await seen(desk, 103.0, for_s=1.5)
        assert exits(desk)[0].intent.stop_price == 98
        async with restarted(desk) as again:
            await settled(again, 102.0)
            assert exits(again)[0].intent.stop_price == 98
            await seen(again, 104.0, for_s=1.5)
            assert exits(again)[0].intent.stop_price == 99


async def test_a_stop_that_the_venue_lost_meanwhile_is_placed_again(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        [stop] = exits(desk)
        venue = desk.broker._venue
        async with restarted(
            desk, before=lambda new: venue.cancel(stop.client_order_id, new.clock.now_ns())
        ) as again:
            await settled(again)
            [new] = exits(again)
            assert (new.remaining, new.intent.stop_price) == (10, 99)
            assert new.intent.intent_id != stop.intent.intent_id


async def test_an_exit_whose_position_is_gone_is_taken_back(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))

        def sold_elsewhere(again: Desk) -> None:
            order = Order(client_order_id="theirs", intent=desk.intent(Side.SELL, 10))
            desk.broker._venue.submit(order, again.clock.now_ns())

        async with restarted(desk, before=sold_elsewhere) as again:
            await settled(again)
            assert again.portfolio.position("ABC").flat
            assert not exits(again)


async def test_what_was_given_and_called_off_later_is_remembered(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        await desk.do(desk.protector.protect("ABC", plan("98", "105")))
        await desk.pass_time(0.5)
        async with restarted(desk) as again:
            await settled(again)
            assert [o.intent.stop_price for o in exits(again)] == [98]
            [cover] = again.protector.covers("ABC")
            assert cover.plan == plan("98", "105")
            await again.do(again.protector.unprotect("ABC"))
            await again.pass_time(0.5)
            async with restarted(again) as third:
                await settled(third)
                assert not exits(third)
                assert "unprotected" in third.incidents  # the list of what has no stop


async def test_the_kill_switch_s_word_outlives_the_program(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        await desk.do(desk.kill_switch.cancel_all())
        await desk.pass_time(1)
        async with restarted(desk) as again:
            await settled(again)
            assert not exits(again)
            assert "unprotected" in again.incidents


async def test_after_a_restart_no_exit_is_named_like_an_earlier_one(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.oms.submit(desk.intent(protection=plan("90", trail="10")))
        _feed(desk, Health.DOWN)
        await desk.pass_time(9)  # meanwhile exits are named and not made
        _feed(desk, Health.UP)
        for price in range(100, 106):
            await seen(desk, price, for_s=3)
        [stop] = exits(desk)
        venue = desk.broker._venue

        def lose(new):
            venue.cancel(stop.client_order_id, new.clock.now_ns())

        async with restarted(desk, before=lose) as again:
            await seen(again, 105, for_s=0.5)
            assert len(exits(again)) == 1


async def test_what_is_opened_while_a_protection_is_stored_keeps_its_own(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        record = desk.store.record

        async def slow(kind, *row):
            if kind == "protection":
                await desk.clock.sleep(2)
            return await record(kind, *row)

        desk.store.record = slow
        giving = desk.protector.protect("ABC", plan("95"))
        desk.supervisor.work(giving, name="protect", owner="test")
        await desk.pass_time(0.2)
        await entered(desk, plan("94"), 7)
        await desk.pass_time(5)
        del desk.store.record
        assert {o.intent.stop_price: o.remaining for o in exits(desk)} == {95: 10, 94: 7}
        await desk.do(desk.protector.rearm())
        assert [c.quantity for c in desk.protector.covers("ABC")] == [10, 7]


def _feed(desk, health):
    lamp = Connection(name="test", kind="feed", health=health)
    desk.bus.publish(ConnectionChanged(connection=lamp, ts_event=0, ts_init=0))


async def test_a_ledger_that_refuses_to_tell_the_exits_is_asked_again(tmp_path, monkeypatch):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        [stop] = exits(desk)
        booked, refusals = desk.store.booked, [2]

        async def busy(account_id):
            refusals[0] -= 1
            if refusals[0] >= 0:
                raise StoreError("BUSY", user_text="The ledger is busy.")
            return await booked(account_id)

        monkeypatch.setattr(desk.store, "booked", busy)
        async with restarted(desk) as again:
            await again.pass_time(5)
            assert refusals[0] < 0
            assert [o.client_order_id for o in exits(again)] == [stop.client_order_id]
            assert again.protector.covers("ABC")


async def test_after_a_break_the_ledger_is_read_only_if_something_was_missed(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("95"), 40)
        reads, booked, known = list[str](), desk.store.booked, desk.protector._history

        async def counted(account_id: str):
            reads.append(account_id)
            return await booked(account_id)

        desk.store.booked = counted
        desk.recovery.request("the connection was cut")
        await desk.pass_time(5)
        assert not reads
        assert len(exits(desk)) == 1
        known.place -= 1  # as if a fill had not been heard of
        desk.recovery.request("the connection was cut")
        await desk.pass_time(5)
        assert len(reads) == 1
        assert known.place == await desk.do(desk.store.booked_count("PAPER-1"))
        assert len(exits(desk)) == 1

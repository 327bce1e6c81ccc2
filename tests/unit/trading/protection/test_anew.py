"""What is held does not change when it is made anew from the ledger; found by the simulation."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from cockpit.domain.order import OrderType, Side
from cockpit.ports.broker import BustReport, TokenRefusedError
from tests.support.desk import Desk, restarted, trading_desk
from tests.support.protection import entered, exits, plan, seen


def at_work(desk: Desk) -> list[tuple[str, Decimal, Decimal | None]]:
    return [(o.client_order_id, o.remaining, o.intent.stop_price) for o in exits(desk)]


async def again(desk: Desk) -> None:
    await desk.do(desk.protector.rearm())
    await desk.pass_time(2)


async def test_two_protections_of_one_instant_are_two(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        for stop in ("98", "97"):
            await desk.protector.protect("ABC", plan(stop))
        await seen(desk, 99.99, for_s=2)
        before = at_work(desk)
        assert [stop for _, _, stop in before] == [Decimal(97)]
        await again(desk)
        assert at_work(desk) == before


async def test_after_a_split_the_same_part_is_covered(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("90"))
        held = desk.portfolio.position("ABC").quantity
        desk.broker._venue._money.split("ABC", 2)
        await desk.do(desk.settlement.accept_positions("ABC"))
        await desk.do(desk.oms.submit(desk.intent(Side.SELL, int(held / 2))))
        await seen(desk, 99.99, for_s=2)
        before = at_work(desk)
        assert before
        await again(desk)
        assert at_work(desk) == before


async def test_an_exit_taken_back_leaves_nothing_bare(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        held = desk.portfolio.position("ABC").quantity
        await seen(desk, 98.9, for_s=2)
        assert desk.portfolio.position("ABC").flat
        gone = desk.fills[-1].fill
        desk.events.on_bust(
            BustReport(
                execution_id=gone.execution_id,
                client_order_id=gone.client_order_id,
                ts_event=desk.clock.now_ns(),
            )
        )
        await seen(desk, 99.99, for_s=2)
        assert desk.portfolio.position("ABC").quantity == gone.quantity <= held
        assert sum(o.remaining for o in exits(desk)) == gone.quantity


async def test_a_clock_set_back_moves_no_protection(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("99"))
        await desk.do(desk.oms.submit(desk.intent(Side.SELL, 4)))
        await seen(desk, 99.99, for_s=1)
        now = desk.clock.now_ns
        desk.clock.now_ns = lambda: now() - 60_000_000_000
        await desk.protector.protect("ABC", plan("98"))
        desk.clock.now_ns = now
        await seen(desk, 99.99, for_s=2)
        before = at_work(desk)
        assert [(rest, stop) for _, rest, stop in before] == [(Decimal(6), Decimal(98))]
        await again(desk)
        assert at_work(desk) == before


async def test_an_exit_that_was_outgrown_while_it_was_stored_is_not_sent(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("90"))
        order = msgspec.structs.replace(
            exits(desk)[0], client_order_id="PAPER-1-99999", filled=Decimal(0)
        )
        token = desk.turnstile.issue(order, entry=False)
        await desk.do(desk.oms.submit(desk.intent(Side.SELL, 4)))
        await seen(desk, 99.99, for_s=1)
        with pytest.raises(TokenRefusedError) as refused:
            desk.turnstile.redeem(token, order)
        assert refused.value.code == "EXIT_OUTGROWN"


async def test_what_was_called_off_had_no_share_of_what_was_closed_later(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("95"))
        second = await entered(desk, plan("94"), 5)
        await desk.do(desk.protector.release(_exit_of(desk, second)))
        await seen(desk, 99.99, for_s=1)
        await desk.do(desk.oms.submit(desk.intent(Side.SELL, 8)))
        await seen(desk, 99.99, for_s=2)
        before = at_work(desk)
        assert [(rest, stop) for _, rest, stop in before] == [(Decimal(7), Decimal(95))]
        async with restarted(desk) as fresh:
            await seen(fresh, 99.99, for_s=3)
            assert at_work(fresh) == before


async def test_a_fill_taken_back_leaves_what_was_called_off_where_it_was(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("95"))
        second = await entered(desk, plan("94"), 5)
        await desk.do(desk.protector.release(_exit_of(desk, second)))
        lone = await desk.bought(3)
        await desk.do(desk.oms.submit(desk.intent(Side.SELL, 6)))
        await desk.pass_time(1)
        _bust(desk, lone.client_order_id)
        await seen(desk, 99.99, for_s=2)
        before = at_work(desk)
        assert [(rest, stop) for _, rest, stop in before] == [(Decimal(9), Decimal(95))]
        await again(desk)
        assert at_work(desk) == before


async def test_a_stop_begins_at_the_first_fill_that_stands(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        entry = await entered(desk, plan(None, trail="1"), type=OrderType.LIMIT, limit="100.10")
        await seen(desk, 100.03, 100.05, for_s=3)
        first = next(e.fill for e in desk.fills if e.fill.client_order_id == entry.client_order_id)
        desk.events.on_bust(
            BustReport(
                execution_id=first.execution_id,
                client_order_id=entry.client_order_id,
                ts_event=desk.clock.now_ns(),
            )
        )
        await seen(desk, 99.99, for_s=3)
        before = at_work(desk)
        assert [(rest, stop) for _, rest, stop in before] == [(Decimal(6), Decimal("99.05"))]
        async with restarted(desk) as fresh:
            await seen(fresh, 99.99, for_s=3)
            assert at_work(fresh) == before


def _exit_of(desk, entry):
    name = entry.client_order_id
    return next(o.client_order_id for o in exits(desk) if o.intent.protects == name)


def _bust(desk, client_order_id):
    [fill] = [e.fill for e in desk.fills if e.fill.client_order_id == client_order_id]
    desk.events.on_bust(
        BustReport(
            execution_id=fill.execution_id,
            client_order_id=client_order_id,
            ts_event=desk.clock.now_ns(),
        )
    )

"""An order that ended having traded more than is booked: nothing goes by what seems held."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from cockpit.domain.order import FLATTEN, Order, OrderState, OrderType, Side
from cockpit.domain.protection import Protection
from cockpit.ports.broker import ExecutionReport
from tests.support.desk import Desk, trading_desk


def deafen(desk: Desk) -> list[ExecutionReport]:
    """Let no execution be heard of from here on: a list of what was told."""
    told: list[ExecutionReport] = []
    desk.events.on_execution = told.append
    return told


def held(desk: Desk) -> int:
    return int(desk.broker._venue._money.held("ABC"))


async def partly_sold(desk: Desk) -> Order:
    """A resting sale of all 10 ABC, of which 4 were sold, as only the venue knows."""
    sale = await desk.do(
        desk.oms.submit(desk.intent(Side.SELL, 10, type=OrderType.LIMIT, limit="100.50"))
    )
    await desk.pass_time(0.5)
    told = deafen(desk)
    desk.quote(100.55, 100.60, size=4)
    await desk.pass_time(0.1)
    assert len(told) == 1
    assert (held(desk), desk.now(sale).filled) == (6, 0)
    desk.quote(99.99, 100.01)
    return sale


async def test_a_flatten_closes_what_is_held_and_not_what_was(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        desk.quote(99.99, 100.01)
        sale = await partly_sold(desk)
        report = await desk.do(desk.kill_switch.fire("test", flatten=True))
        assert (report.positions_left, report.problems) == ((), ())
        assert held(desk) == 0
        [closing] = [o for o in desk.orders.all() if o.intent.strategy == FLATTEN]
        assert closing.intent.quantity == 6
        assert (desk.now(sale).state, desk.now(sale).filled) == (OrderState.CANCELED, 4)
        await desk.pass_time(6)  # its own fill is in the broker's books, too
        assert desk.portfolio.position("ABC").flat


async def test_an_exit_is_put_back_for_what_is_held_and_not_for_what_was(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        desk.quote(99.99, 100.01)
        await desk.do(desk.protector.protect("ABC", Protection(stop=Decimal(99))))
        await desk.pass_time(1)
        sale = await partly_sold(desk)
        await desk.do(desk.oms.cancel(sale.client_order_id))
        largest = 0
        for _ in range(60):
            await desk.pass_time(0.05)
            desk.quote(99.99, 100.01)
            exits = [o for o in desk.orders.open("ABC") if o.intent.protects]
            largest = max([largest, *(int(o.remaining) for o in exits)])
        assert desk.now(sale).state is OrderState.CANCELED
        assert largest == held(desk) == 6

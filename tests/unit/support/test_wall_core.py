"""The session that measurements run on is the program's own, and still starts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from cockpit.domain.order import OrderState, OrderType, Side
from tests.support.waiting import eventually
from tests.support.wall_core import wall_core


async def test_an_order_rests_and_the_kill_switch_takes_it_back(tmp_path: Path) -> None:
    async with wall_core(tmp_path, latency_ms=1.0) as assembly:
        commands, orders = assembly.core.commands, assembly.core.orders
        intent = commands.intent(
            symbol="ABC",
            side=Side.BUY,
            type=OrderType.LIMIT,
            quantity=Decimal(1),
            limit_price=Decimal(99),
        )
        order = await commands.place(intent)
        assert order.state is OrderState.SENDING, order
        await eventually(lambda: [o.state for o in orders.open()] == [OrderState.WORKING])
        report = await commands.kill_all()
        assert report.confirmed
        await eventually(lambda: not orders.open())

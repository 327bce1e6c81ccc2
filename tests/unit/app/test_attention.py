"""Every quote of a symbol with an order or a protection is looked at, of others the newest."""

from __future__ import annotations

from pathlib import Path

from cockpit.app.attention import AtStake
from cockpit.domain.order import OrderType, Side
from tests.support.desk import trading_desk


async def test_a_symbol_is_at_stake_while_an_order_is_open_or_a_protection_holds(
    tmp_path: Path,
) -> None:
    covered: list[str] = []

    async with trading_desk(tmp_path) as desk:
        at_stake = AtStake(desk.orders, lambda symbol: covered if symbol == "XYZ" else ())  # type: ignore[arg-type,return-value]
        assert "ABC" not in at_stake
        order = await desk.oms.submit(desk.intent(Side.BUY, 10, type=OrderType.LIMIT, limit="90"))
        assert "ABC" in at_stake
        await desk.oms.cancel(order.client_order_id)
        await desk.pass_time(1)
        assert "ABC" not in at_stake
        assert "XYZ" not in at_stake
        covered.append("a cover")
        assert "XYZ" in at_stake

"""Every quote of a symbol with an order or a protection is looked at, of others the newest."""

from __future__ import annotations

from decimal import Decimal

from cockpit.app.attention import AtStake
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.trading.orders import OrderBook


def order(state: OrderState) -> Order:
    intent = OrderIntent(
        intent_id="i",
        account_id="A",
        symbol="ABC",
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=Decimal(10),
        limit_price=Decimal(90),
    )
    return Order(client_order_id="o", intent=intent, state=state)


def test_a_symbol_is_at_stake_while_an_order_is_open_or_a_protection_holds() -> None:
    orders, covered = OrderBook(), list[str]()
    at_stake = AtStake(orders, lambda symbol: covered if symbol == "XYZ" else ())  # type: ignore[arg-type,return-value]
    assert "ABC" not in at_stake
    orders.put(order(OrderState.WORKING))
    assert "ABC" in at_stake
    orders.put(order(OrderState.CANCELED))
    assert "ABC" not in at_stake
    assert "XYZ" not in at_stake
    covered.append("a cover")
    assert "XYZ" in at_stake

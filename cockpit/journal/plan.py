"""What was planned for a trade beside what came of it; read from its orders, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from cockpit.domain.fill import Fill
from cockpit.domain.order import Order
from cockpit.domain.trade import Direction, Trade
from cockpit.domain.values import ZERO


class TradePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan of the orders that opened a trade, against the trade.

    `entry` is the price that the first opening order asked for: its limit, else its stop; None
    at the market. `entry_slippage` is money a unit worse than that (better, below zero).
    `quantity` is what all opening orders asked for, `filled` what they got of it.
    `planned_r` is the reward planned for each unit of risk. `closed_by` says who closed it:
    the strategy's name, or `protection` for exits that the core held. `reason` is the
    proposer's word. None is what no order has planned.
    """

    strategy: str
    tactic: str
    reason: str
    quantity: Decimal
    filled: Decimal
    entry: Decimal | None
    entry_slippage: Decimal | None
    stop: Decimal | None
    target: Decimal | None
    planned_r: Decimal | None
    closed_by: tuple[str, ...]


PROTECTION = "protection"


def plan_of(
    trade: Trade, fills: Mapping[str, Fill], orders: Mapping[str, Order]
) -> TradePlan | None:
    """The plan of a trade; None when its orders are not known, as with imported ones.

    `fills` are by execution id, `orders` by client order id.
    """
    known = [fills[name] for name in trade.execution_ids if name in fills]
    sign = 1 if trade.direction is Direction.LONG else -1
    opening = _orders_of((f for f in known if f.side.sign == sign), orders)
    closing = _orders_of((f for f in known if f.side.sign != sign), orders)
    if not opening:
        return None
    first = opening[0].intent
    began = next(f for f in known if f.client_order_id == opening[0].client_order_id)
    entry = first.limit_price if first.limit_price is not None else first.stop_price
    filled = opening[0].average_price
    return TradePlan(
        strategy=first.strategy,
        tactic=first.tactic,
        reason=first.note,
        quantity=sum((order.intent.quantity for order in opening), ZERO),
        filled=sum((order.filled for order in opening), ZERO),
        entry=entry,
        entry_slippage=None if entry is None or filled is None else (filled - entry) * sign,
        stop=began.planned_stop,
        target=began.planned_target,
        planned_r=_planned_r(began, sign),
        closed_by=tuple(dict.fromkeys(_closer(order) for order in closing)),
    )


def _planned_r(began: Fill, sign: int) -> Decimal | None:
    stop, target = began.planned_stop, began.planned_target
    if stop is None or target is None:
        return None
    risk, reward = (began.price - stop) * sign, (target - began.price) * sign
    return reward / risk if risk > 0 else None


def _closer(order: Order) -> str:
    return PROTECTION if order.intent.protects else order.intent.strategy


def _orders_of(fills: Iterable[Fill], orders: Mapping[str, Order]) -> list[Order]:
    """The known orders of some fills, each once, in the order of the fills."""
    names = dict.fromkeys(fill.client_order_id for fill in fills)
    return [orders[name] for name in names if name in orders]

"""The two exits of a cover as intents, and what of them is at the venue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, TimeInForce
from cockpit.domain.order_groups import Line, belongs, claimed
from cockpit.domain.values import to_decimal
from cockpit.trading.protection.cover import Aim, Cover

_S = OrderState
SETTLED = frozenset({_S.ACKED, _S.WORKING, _S.HELD, _S.SUSPENDED, _S.PARTIALLY_FILLED})
"""States in which an exit can be changed or taken back; in all others its answer comes first."""
BEHIND_THE_TOUCH = Decimal("0.01")
"""How far behind a market that has run beyond the target its limit may stand."""


def parts_of(quantity: Decimal, lot: Decimal) -> tuple[Decimal, Decimal]:
    """The whole lots of a quantity, and the rest, which needs an exit of its own."""
    rest = quantity % lot
    return quantity - rest, rest


def is_rest(order: Order) -> bool:
    """True for the stop of a part of a lot: those of whole lots outlast the day."""
    return aim_of(order) is Aim.STOP and order.intent.tif is TimeInForce.DAY


def stop_of(  # noqa: PLR0917 -- what, how many, for whom, which one, on which grid
    cover: Cover, quantity: Decimal, account_id: str, number: int, tick: Decimal, lot: Decimal
) -> OrderIntent:
    """The cover's stop. Of whole lots it stays at the venue over the close, and over our own end.

    Brokers take a part of a lot in orders of the day only.
    """
    limit, offset = None, cover.plan.limit_offset
    if offset is not None:
        limit = _on_tick(cover.stop - offset * cover.side.sign, tick, up=cover.side.sign < 0)
    return OrderIntent(
        intent_id=f"{cover.cover_id}/stop-{number}",
        account_id=account_id,
        symbol=cover.symbol,
        side=cover.side.opposite,
        type=OrderType.STOP if limit is None else OrderType.STOP_LIMIT,
        quantity=quantity,
        limit_price=limit,
        stop_price=cover.stop,
        tif=TimeInForce.DAY if quantity % lot else TimeInForce.GTC,
        strategy=cover.strategy,
        note=f"Protects {cover.symbol}",
        protects=cover.cover_id,
    )


def target_of(  # noqa: PLR0917 -- what, how many, for whom, which one, at which market
    cover: Cover, quantity: Decimal, account_id: str, number: int, tick: Decimal, touch: float
) -> OrderIntent | None:
    """The cover's target; None when it has none.

    Limited at the target, or a little behind a market that has run beyond it: there the
    gate's collar would stop it.
    """
    target = cover.plan.target
    if target is None:
        return None
    sign = cover.side.sign
    behind = to_decimal(touch) * (1 - BEHIND_THE_TOUCH * sign)
    beyond = max if sign > 0 else min
    return OrderIntent(
        intent_id=f"{cover.cover_id}/target-{number}",
        account_id=account_id,
        symbol=cover.symbol,
        side=cover.side.opposite,
        type=OrderType.LIMIT,
        quantity=quantity,
        limit_price=_on_tick(beyond(target, behind), tick, up=sign > 0),
        strategy=cover.strategy,
        note=f"Takes the profit of {cover.symbol}",
        protects=cover.cover_id,
    )


def number_of(intent: OrderIntent, cover_id: str) -> int:
    """The number of an exit among those of its cover; 0 for one that a person named."""
    number = intent.intent_id.rpartition("-")[2]
    ours = intent.intent_id.startswith(f"{cover_id}/") and number.isdecimal()
    return int(number) if ours else 0


def aim_of(order: Order) -> Aim:
    """Which exit an order is."""
    return Aim.TARGET if order.intent.stop_price is None else Aim.STOP


def live_exits(orders: Iterable[Order]) -> dict[str, list[Order]]:
    """The exits among open orders, by what they protect."""
    exits: dict[str, list[Order]] = {}
    for order in orders:
        if order.intent.protects:
            exits.setdefault(order.intent.protects, []).append(order)
    return exits


def claimed_by_others(
    orders: Sequence[Order], held: Decimal, line: Callable[[str], Line | None]
) -> Decimal:
    """How much of a signed position orders that are no exits of ours may close.

    Of an order and the one that is about to replace it only one will: the larger counts. `line`
    tells of what orders at the venue belong to.
    """
    others = [o for o in orders if not o.intent.protects and o.intent.side.sign * held < 0]
    closing = {o.client_order_id: o.remaining for o in others if not belongs(o)}
    families = [o for o in others if belongs(o)]
    for order in orders:
        if order.replaces in closing and order.client_order_id in closing:
            closing[order.client_order_id] = max(
                closing[order.client_order_id], closing.pop(order.replaces)
            )
    return sum(closing.values(), claimed(families, line))


def stopped_by_others(
    orders: Sequence[Order], held: Decimal, line: Callable[[str], Line | None]
) -> Decimal:
    """How much of a signed position live stops close that are no exits of ours."""
    stops = (
        o
        for o in orders
        if o.intent.type.needs_stop
        and not o.intent.protects
        and o.state in SETTLED
        and o.intent.side.sign * held < 0
    )
    return claimed(stops, line)


def _on_tick(price: Decimal, tick: Decimal, *, up: bool) -> Decimal:
    rounding = ROUND_CEILING if up else ROUND_FLOOR
    steps = (price / tick).quantize(Decimal(1), rounding=rounding)
    return max(steps, Decimal(1)) * tick

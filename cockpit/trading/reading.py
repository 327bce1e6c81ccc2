"""What the venue's words mean in ours: the terms of an order made elsewhere, a fill."""

from __future__ import annotations

from cockpit.domain.fill import Fill
from cockpit.domain.order import EXTERNAL, Order, OrderIntent, OrderType
from cockpit.domain.venue_terms import OrderClass
from cockpit.ports.broker import BrokerOrder, ExecutionReport

GUESSED = "Its terms are not known yet."
WITH_ITS_ENTRY = "Made by the venue with the order that it belongs to."


def terms_of(
    listed: BrokerOrder, account_id: str, parent: OrderIntent | None = None
) -> OrderIntent:
    """What was asked for elsewhere, as the broker lists it; or with `parent`, an order of ours."""
    return OrderIntent(
        intent_id=f"{EXTERNAL}/{listed.client_order_id}",
        account_id=account_id,
        symbol=listed.symbol,
        side=listed.side,
        type=listed.type,
        quantity=listed.quantity,
        limit_price=listed.limit_price,
        stop_price=listed.stop_price,
        tif=listed.tif,
        strategy=EXTERNAL if parent is None else parent.strategy,
        note="" if parent is None else WITH_ITS_ENTRY,
        venue=listed.venue,
    )


def guessed_from(
    report: ExecutionReport, account_id: str, parent: OrderIntent | None = None
) -> OrderIntent:
    """The least that an execution tells of its order; `parent` is the order it came with."""
    return OrderIntent(
        intent_id=f"{EXTERNAL}/{report.client_order_id}",
        account_id=account_id,
        symbol=report.symbol,
        side=report.side,
        type=OrderType.MARKET,
        quantity=report.cumulative,
        strategy=EXTERNAL if parent is None else parent.strategy,
        note=GUESSED,
        venue=None if parent is None else report.venue,
    )


def fill_of(order: Order, report: ExecutionReport, now_ns: int) -> Fill:
    """An execution as a fill of its order, with the exits that were planned for it."""
    intent, plan = order.intent, order.intent.protection
    stop, target, terms = intent.planned_stop, intent.planned_target, intent.venue
    if terms is not None and terms.order_class in (OrderClass.BRACKET, OrderClass.OTO):
        stop = terms.stop_loss if stop is None else stop
        target = terms.take_profit if target is None else target
    if plan is not None:
        stop = plan.first_stop(intent.side, report.price) if stop is None else stop
        target = plan.target if target is None else target
    return Fill(
        execution_id=report.execution_id,
        account_id=intent.account_id,
        client_order_id=order.client_order_id,
        venue_order_id=report.venue_order_id,
        symbol=report.symbol,
        side=report.side,
        quantity=report.quantity,
        price=report.price,
        fee=report.fee,
        strategy=intent.strategy,
        planned_stop=stop,
        planned_target=target,
        cumulative=report.cumulative,
        ts_event=report.ts_event,
        ts_init=now_ns,
    )

"""Orders that are not on their way yet: imagined for a question, or changed while they wait."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.order import Order, OrderIntent
from cockpit.risk.view import ApprovalView


def imagined(intent: OrderIntent, replaces: str | None, now_ns: int) -> Order:
    """An order that only the gate ever sees."""
    return Order(
        client_order_id="preview",
        intent=intent,
        replaces=replaces,
        created_ns=now_ns,
        updated_ns=now_ns,
    )


def unasked(needed: bool) -> ApprovalView:
    """The approval of an order about which nobody has decided."""
    return ApprovalView(needed=needed, releasing=False, given_for=None, expires_ns=None)


def changed(
    order: Order, quantity: Decimal | None, limit_price: Decimal | None, now_ns: int
) -> Order:
    """A waiting order with another quantity or limit. Raises DomainError for nonsense."""
    changes: dict[str, Decimal] = {}
    if quantity is not None:
        changes["quantity"] = quantity
    if limit_price is not None:
        changes["limit_price"] = limit_price
    intent = msgspec.structs.replace(order.intent, **changes)
    return msgspec.structs.replace(
        order, intent=intent, updated_ns=now_ns, version=order.version + 1
    )

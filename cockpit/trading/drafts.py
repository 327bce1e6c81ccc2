"""Orders that are not on their way yet: made of an intent, imagined, or changed while they wait."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from cockpit.domain.order import Order, OrderIntent
from cockpit.risk.view import ApprovalView
from cockpit.trading.errors import TradingError


class Drafts:
    """Makes orders of intents: each intent once, numbered on and on within the account."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._numbers = itertools.count(1)
        self._intents: set[str] = set()

    def go_on_after(self, orders: Iterable[Order]) -> None:
        """Count on after the orders of earlier runs, and know their intents again."""
        newest, prefix = 0, f"{self._account_id}-"
        for order in orders:
            self._intents.add(order.intent.intent_id)
            number = order.client_order_id.removeprefix(prefix)
            if number.isdecimal():
                newest = max(newest, int(number))
        self._numbers = itertools.count(newest + 1)

    def make(self, intent: OrderIntent, now_ns: int, *, replaces: str | None = None) -> Order:
        """The order of an intent.

        Raises TradingError for one that was an order before or is of another account.
        """
        if intent.account_id != self._account_id:
            raise TradingError(
                f"intent {intent.intent_id} is of {intent.account_id}",
                code="ORDER_ACCOUNT",
                user_text=f"The order is meant for the account {intent.account_id}, this one is "
                f"{self._account_id}. Nothing was sent.",
            )
        if intent.intent_id in self._intents:
            raise TradingError(
                f"intent {intent.intent_id} again",
                user_text="This order was already submitted; it was not sent again.",
                code="DUPLICATE_INTENT",
            )
        self._intents.add(intent.intent_id)
        return Order(
            client_order_id=f"{self._account_id}-{next(self._numbers):05d}",
            intent=intent,
            replaces=replaces,
            created_ns=now_ns,
            updated_ns=now_ns,
        )


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

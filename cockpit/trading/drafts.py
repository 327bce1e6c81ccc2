"""Orders that are not on their way yet: made of an intent, imagined, or changed while they wait."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from decimal import Decimal

import msgspec

from cockpit.domain.order import Order, OrderIntent
from cockpit.risk.view import ApprovalView
from cockpit.trading.errors import TradingError
from cockpit.trading.names import OrderNames


class Drafts:
    """Makes orders of intents: each intent once, numbered on and on within the account.

    `known` finds an order by its id, which is not given again: a ledger that was restored from
    an older copy learns its own orders from the broker.
    """

    def __init__(
        self,
        account_id: str,
        names: OrderNames,
        known: Callable[[str], Order | None] = lambda _client_order_id: None,
    ) -> None:
        self._account_id = account_id
        self._names = names
        self._known = known
        self._numbers = itertools.count(1)
        self._intents: set[str] = set()

    def go_on_after(self, orders: Iterable[Order]) -> None:
        """Count on after the orders of earlier runs, and know their intents again."""
        newest = 0
        for order in orders:
            self._intents.add(order.intent.intent_id)
            newest = max(newest, self._names.number_of(order.client_order_id))
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
            client_order_id=self._next_id(),
            intent=intent,
            replaces=replaces,
            created_ns=now_ns,
            updated_ns=now_ns,
        )

    def _next_id(self) -> str:
        ids = (self._names.nth(number) for number in self._numbers)
        return next(name for name in ids if self._known(name) is None)


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

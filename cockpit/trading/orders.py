"""All orders of the account as they stand: the cache that is written before the store answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cockpit.domain.order import AT_VENUE, Order, OrderState
from cockpit.domain.order_groups import Line
from cockpit.domain.values import ZERO

_CLAIMING = AT_VENUE | {OrderState.RESERVED}
_REFUSED = (OrderState.DENIED, OrderState.REJECTED)


class OrderBook:
    """Latest version of each order by client order id; `version` rises with every change.

    What is open is kept apart, and by symbol: a lasting account has few open orders among very
    many, and most questions are of one symbol.
    """

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._intents: dict[str, str] = {}
        self._open: dict[str, Order] = {}
        self._open_on: defaultdict[str, dict[str, Order]] = defaultdict(dict)
        self._waiting: dict[str, Order] = {}
        self._reserved: dict[str, Order] = {}
        self._heirs: dict[str, str] = {}
        self.version = 0

    def put(self, order: Order) -> None:
        """Take the order's latest version."""
        self._orders[order.client_order_id] = order
        claims = order.state in _CLAIMING
        _keep(self._open, order, claims)
        _keep(self._open_on[order.symbol], order, claims)
        _keep(self._waiting, order, order.state is OrderState.PENDING_APPROVAL)
        self._intents.setdefault(order.intent.intent_id, order.client_order_id)
        self._reserved.pop(order.client_order_id, None)
        if order.replaces:
            self._inherit(order, order.replaces)
        self.version += 1

    def reserve(self, order: Order) -> None:
        """Count `order` as open from this moment, before the store has it."""
        self._reserved[order.client_order_id] = order

    def unreserve(self, client_order_id: str) -> None:
        """Give the capacity back when the store refused."""
        self._reserved.pop(client_order_id, None)

    def get(self, client_order_id: str) -> Order | None:
        """The order of that id."""
        return self._orders.get(client_order_id)

    def by_intent(self, intent_id: str) -> Order | None:
        """The order made of that intent: an intent becomes an order once."""
        client_order_id = self._intents.get(intent_id)
        return None if client_order_id is None else self._orders.get(client_order_id)

    def line(self, client_order_id: str) -> Line | None:
        """The order and all that took its place, before and since; None for an unknown id."""
        order = self._orders.get(client_order_id)
        if order is None:
            return None
        while order.replaces and (before := self._orders.get(order.replaces)) is not None:
            order = before
        first, traded, still_open = order.client_order_id, ZERO, False
        while order is not None:
            traded += order.filled
            still_open = still_open or order.state.at_venue
            order = self._orders.get(self._heirs.get(order.client_order_id, ""))
        return Line(first, traded if still_open else None)

    def all(self) -> list[Order]:
        """Every order, oldest first."""
        return list(self._orders.values())

    def open(self, symbol: str | None = None) -> list[Order]:
        """Orders that may still trade (reserved, sent or unknown), the first open first."""
        if symbol is None:
            return self._with_reserved(self._open)
        claims = self._with_reserved(self._open_on.get(symbol, {}))
        return [o for o in claims if o.symbol == symbol] if self._reserved else claims

    def waiting_for_approval(self) -> list[Order]:
        """Orders a person has to decide about, oldest first."""
        return list(self._waiting.values())

    def unknown(self, symbol: str) -> list[Order]:
        """Orders on `symbol` that were sent and got no answer."""
        return [o for o in self.open(symbol) if o.state is OrderState.UNKNOWN]

    def _inherit(self, order: Order, replaced: str) -> None:
        """Note what takes the place of another, unless that was refused."""
        if order.state not in _REFUSED:
            self._heirs[replaced] = order.client_order_id
        elif self._heirs.get(replaced) == order.client_order_id:
            del self._heirs[replaced]

    def _with_reserved(self, sent: Mapping[str, Order]) -> list[Order]:
        if not self._reserved:
            return list(sent.values())
        unchanged = [order for name, order in sent.items() if name not in self._reserved]
        return [*unchanged, *self._reserved.values()]


def _keep(orders: dict[str, Order], order: Order, wanted: bool) -> None:
    if wanted:
        orders[order.client_order_id] = order
    else:
        orders.pop(order.client_order_id, None)

"""The simulated venue as it misbehaves: the paper venue, and what nobody asked of it.

It outlives the processes that trade there, and remembers all that reached it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from cockpit.adapters.brokers.paper.matching import Match
from cockpit.adapters.brokers.paper.orders import VenueOrder
from cockpit.adapters.brokers.paper.settings import PaperSettings
from cockpit.adapters.brokers.paper.venue import Message, Venue
from cockpit.adapters.faults import FaultKind, Plan
from cockpit.domain.account import Mode
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderState
from cockpit.ports.broker import Ack, BustReport, ExecutionReport

News = Message | BustReport
Listener = Callable[[Sequence[News]], None]


class FaultyVenue(Venue):
    """One account at a venue with faults of its own; `listener` is the session, if one is up."""

    def __init__(self, settings: PaperSettings, account_id: str, mode: Mode, plan: Plan) -> None:
        super().__init__(settings, account_id, mode)
        self.listener: Listener | None = None
        self._plan = plan
        self._busted: set[str] = set()

    def publish(self, messages: Sequence[News]) -> None:
        """Tell the session; without one nobody hears it."""
        if messages and self.listener is not None:
            self.listener(messages)

    def replace(self, order: Order, replacement: Order, now_ns: int) -> tuple[Ack, list[Message]]:
        """Replace as the paper venue does; the old order may fill in the last moment."""
        if self._plan.strikes(FaultKind.FILL_DURING_REPLACE, 0.5):
            self.publish(self.fill_some(order.client_order_id, now_ns))
        return super().replace(order, replacement, now_ns)

    @property
    def all_orders(self) -> list[VenueOrder]:
        """Every order ever taken in, by arrival."""
        return list(self._orders.values())

    @property
    def resting(self) -> list[VenueOrder]:
        """What is open, by arrival."""
        return self._matcher.resting()

    @property
    def all_executions(self) -> Sequence[ExecutionReport]:
        """Every execution that still stands, oldest first."""
        return [e for e in self._executions if e.execution_id not in self._busted]

    def executions(self, since_ns: int) -> list[ExecutionReport]:
        """What was traded at `since_ns` or later and still stands, oldest first."""
        return [e for e in super().executions(since_ns) if e.execution_id not in self._busted]

    def held(self, symbol: str) -> Decimal:
        """Signed quantity held of `symbol`."""
        return self._money.held(symbol)

    @property
    def cash(self) -> Decimal:
        """Money, exactly."""
        return self._money.cash

    def fill_some(self, client_order_id: str, now_ns: int) -> list[Message]:
        """Fill half of what is open of an order, at its limit or the touch."""
        order = self._orders.get(client_order_id)
        if order is None or not order.open:
            return []
        quantity = max(Decimal(1), order.remaining // 2)
        return self._filled(order, quantity, now_ns)

    def overfill(self, client_order_id: str, quantity: Decimal, now_ns: int) -> list[Message]:
        """Fill `quantity` more of an order than was asked for."""
        order = self._orders[client_order_id]
        return self._filled(order, quantity, now_ns)

    def bust(self, execution_id: str, now_ns: int) -> list[News]:
        """Take an execution back: money, shares and what its order had filled."""
        [taken] = [e for e in self.all_executions if e.execution_id == execution_id]
        self._busted.add(execution_id)
        order = self._orders[taken.client_order_id]
        order.filled -= taken.quantity
        order.paid -= taken.quantity * taken.price
        self._money.book(
            Fill(
                execution_id=f"{execution_id}-bust",
                account_id=self._account_id,
                client_order_id=taken.client_order_id,
                symbol=taken.symbol,
                side=taken.side.opposite,
                quantity=taken.quantity,
                price=taken.price,
                fee=-taken.fee,
                ts_event=now_ns,
                ts_init=now_ns,
            )
        )
        report = BustReport(
            execution_id=execution_id, client_order_id=taken.client_order_id, ts_event=now_ns
        )
        return [report, self.account(now_ns)]

    def split(self, symbol: str, ratio: int, now_ns: int) -> list[Message]:
        """Make `ratio` shares of one; open orders on it are cancelled."""
        orders = [order for order in self._matcher.resting() if order.symbol == symbol]
        self._money.split(symbol, ratio)
        return self._end_all(orders, OrderState.CANCELED, now_ns, "split")

    def cancel_rest(self, client_order_id: str, now_ns: int) -> list[Message]:
        """Fill a part, then cancel the rest; both by the venue's own decision."""
        messages = self.fill_some(client_order_id, now_ns)
        order = self._orders[client_order_id]
        if order.open:
            messages += self.cancel(client_order_id, now_ns)
        return messages

    def _filled(self, order: VenueOrder, quantity: Decimal, now_ns: int) -> list[Message]:
        price = order.limit or self._matcher.touch(order.symbol, order.side)
        if price is None:
            return []
        was_open = order.open
        order.fill(quantity, price)
        if order.remaining <= 0:
            order.state = OrderState.FILLED
        if was_open and not order.open:
            self._matcher.leave(order)
        return self._with_account(self._trade([Match(order, quantity, price)], now_ns), now_ns)

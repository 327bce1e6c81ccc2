"""Takes back what is open at the broker: in bulk, then one by one, until the broker agrees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

import structlog

from cockpit.domain.order import Order, OrderState
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import Broker, BrokerError, BrokerOrder
from cockpit.ports.clock import Clock
from cockpit.trading.orders import OrderBook
from cockpit.trading.reading import terms_of

_log = structlog.get_logger(__name__)
_NOT_THERE_YET = (OrderState.APPROVED, OrderState.RESERVED, OrderState.SENDING)


class Withdrawal:
    """Asks the broker, never the ledger: it must work when nothing can be stored.

    What moves an order here is the broker's own event that it has ended.
    """

    CHECKS = 40
    CHECK_EVERY_S = 0.1
    ASKS = 5  # how often in a row the broker may fail to answer
    AGAIN_NS = 1_000_000_000

    def __init__(
        self,
        *,
        broker: Broker,
        clock: Clock,
        supervisor: Supervisor,
        orders: OrderBook,
        account_id: str,
    ) -> None:
        self._broker = broker
        self._clock = clock
        self._supervisor = supervisor
        self._orders = orders
        self._account_id = account_id
        self._asked_ns: dict[str, int] = {}
        self._under_way: set[str] = set()

    async def ask_for_all(self) -> None:
        """Cancel everything in one request; where that fails, each known order in one of its own.

        Raises BrokerError in the second case, when all of these are on their way.
        """
        try:
            await self._broker.cancel_all()
        except BrokerError as error:
            _log.warning("cancel_all_failed", error=str(error))
            self._one_by_one(o for o in self._orders.open() if o.state not in _NOT_THERE_YET)
            raise

    async def proven(self, *, cancelling: bool, stored: bool = True) -> Sequence[BrokerOrder]:
        """Ask until the broker says that nothing is open and nothing is on its way there.

        `cancelling` takes back what it still calls open, also what was made elsewhere: a
        send that was under way may have overtaken the bulk, or the bulk left it out. Where
        answers can't be `stored`, none is waited for: the broker is asked for each order then.
        Returns what is open at the end. Raises BrokerError when it can't be asked.
        """
        still_open = await self._listed()
        for _ in range(self.CHECKS):
            if not still_open and not (stored and self._sending()):
                break
            await self._clock.sleep(self.CHECK_EVERY_S)
            still_open = await self._listed()
            if cancelling:
                self._one_by_one(self._order_of(listed) for listed in still_open if _works(listed))
        return still_open

    async def _listed(self) -> Sequence[BrokerOrder]:
        for _ in range(self.ASKS - 1):
            with suppress(BrokerError):
                return await self._broker.open_orders()
            await self._clock.sleep(self.CHECK_EVERY_S)
        return await self._broker.open_orders()

    def _sending(self) -> bool:
        return any(order.state is OrderState.SENDING for order in self._orders.open())

    def _order_of(self, listed: BrokerOrder) -> Order:
        """Ours, or for one that nobody knows here the least that names it."""
        return self._orders.get(listed.client_order_id) or Order(
            client_order_id=listed.client_order_id,
            intent=terms_of(listed, self._account_id),
            state=OrderState.ACKED,
            venue_order_id=listed.report.venue_order_id or None,
        )

    def _one_by_one(self, orders: Iterable[Order]) -> None:
        """Ask for each at the same time; one that was just asked for is left to its answer."""
        now = self._clock.now_ns()
        for order in orders:
            order_id = order.client_order_id
            asked = self._asked_ns.get(order_id)
            if order_id in self._under_way or (asked is not None and now - asked < self.AGAIN_NS):
                continue
            with suppress(SupervisorStoppedError):
                name = f"withdraw-{order_id}"
                self._supervisor.work(self._withdraw(order), name=name, owner="trading")
                self._asked_ns[order_id] = now
                self._under_way.add(order_id)

    async def _withdraw(self, order: Order) -> None:
        try:
            await self._broker.cancel(order)
        except BrokerError as error:
            _log.warning("cancel_failed", order=order.client_order_id, error=str(error))
        finally:
            self._under_way.discard(order.client_order_id)


def _works(listed: BrokerOrder) -> bool:
    return listed.report.state is not OrderState.PENDING_CANCEL

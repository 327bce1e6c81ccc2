"""Applies what the broker reports, in the order it came, losing nothing.

A report that can't be stored stays first in line until it is: a fill is never dropped.
One that makes no sense is set aside, and trading halts: what is held is in doubt then.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal

import msgspec
import structlog

from cockpit.domain.account import Account
from cockpit.domain.connection import Connection
from cockpit.domain.errors import DomainError, IllegalTransitionError
from cockpit.domain.events import AccountChanged, ConnectionChanged, FillBooked
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderState
from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import ExecutionReport, OrderReport
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store
from cockpit.trading.durable import Durable, Incident
from cockpit.trading.order_log import OrderLog

_log = structlog.get_logger(__name__)
_UNPROVEN = (OrderState.SENDING, OrderState.UNKNOWN)
_BY_EXECUTIONS = (OrderState.FILLED, OrderState.PARTIALLY_FILLED)


class VenueEvents:
    """The broker's sink: queues reports and applies them one by one."""

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        store: Store,
        log: OrderLog,
        durable: Durable,
        supervisor: Supervisor,
        incident: Incident,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._store = store
        self._order_log = log
        self._durable = durable
        self._supervisor = supervisor
        self._incident = incident
        self._inbox: deque[OrderReport | ExecutionReport] = deque()
        self._seen: set[str] = set()
        self._tried: set[str] = set()
        self._draining = False
        self.frozen: dict[str, str] = {}
        self.account: Account | None = None

    def on_order(self, report: OrderReport) -> None:
        """Queue a change of an order."""
        self._enqueue(report)

    def on_execution(self, report: ExecutionReport) -> None:
        """Queue an execution."""
        self._enqueue(report)

    def on_account(self, account: Account) -> None:
        """Publish new money figures."""
        self.account = account
        now = self._clock.now_ns()
        self._bus.publish(AccountChanged(account=account, ts_event=account.ts_event, ts_init=now))

    def on_connection(self, connection: Connection) -> None:
        """Publish the session's lamp."""
        now = self._clock.now_ns()
        self._bus.publish(
            ConnectionChanged(connection=connection, ts_event=connection.ts_ns, ts_init=now)
        )

    def _enqueue(self, report: OrderReport | ExecutionReport) -> None:
        self._inbox.append(report)
        if not self._draining:
            self._draining = True
            self._supervisor.work(self._drain(), name="venue-events", owner="trading")

    async def _drain(self) -> None:
        try:
            while self._inbox:
                await self._apply_first()
        finally:
            self._draining = False

    async def _apply_first(self) -> None:
        report = self._inbox[0]
        try:
            await self._durable.write(lambda: self._apply_locked(report))
        except IllegalTransitionError as error:
            order_id = report.client_order_id
            symbol = self._order_log.get(order_id).symbol
            self.frozen[symbol] = f"{symbol} is frozen: {error.user_text}"
            self._incident(f"transition.{order_id}", "Impossible order state", error.user_text)
        except Exception as error:  # noqa: BLE001 -- one bad report must not hold up the next fill
            self._set_aside(report, error)
        self._inbox.popleft()

    def _set_aside(self, report: OrderReport | ExecutionReport, error: Exception) -> None:
        _log.error("report_set_aside", report=repr(report), exc_info=error)
        is_fill = isinstance(report, ExecutionReport)
        name = report.execution_id if is_fill else report.client_order_id
        self._durable.halt(
            f"report.{name}",
            "A report of the broker could not be booked",
            f"The broker's report {name} makes no sense here: {error}. It is not in the ledger; "
            "compare the position with the broker's own before you trade on.",
        )

    async def _apply_locked(self, report: OrderReport | ExecutionReport) -> None:
        async with self._order_log.lock(report.client_order_id):
            await self._apply(report)

    async def _apply(self, report: OrderReport | ExecutionReport) -> None:
        order = self._order_log.orders.get(report.client_order_id)
        if order is None:
            self._incident(
                f"external.{report.client_order_id}",
                "Order from elsewhere",
                f"The broker reports the order {report.client_order_id}, which was not made here.",
            )
        elif isinstance(report, ExecutionReport):
            await self._apply_execution(order, report)
        else:
            await self._apply_state(order, report)

    async def _apply_state(self, order: Order, report: OrderReport) -> None:
        target = report.state
        if target is OrderState.REJECTED and order.state in _UNPROVEN:
            await self._order_log.move(order, target, report.code or _code(target), report.reason)
            return
        order = await self._acked(order, report.venue_order_id)
        if target in _BY_EXECUTIONS or target in (order.state, OrderState.ACKED):
            return  # executions themselves drive the filled states
        if order.state is OrderState.PARTIALLY_FILLED and target is OrderState.WORKING:
            return
        if order.state is OrderState.PENDING_CANCEL and target is OrderState.WORKING:
            target = OrderState.PARTIALLY_FILLED if order.filled else target
        await self._order_log.move(order, target, report.code or _code(target), report.reason)

    async def _apply_execution(self, order: Order, report: ExecutionReport) -> None:
        if report.execution_id in self._seen:
            return
        if (report.symbol, report.side) != (order.symbol, order.intent.side):
            raise DomainError(f"{report.execution_id} is not of {order.client_order_id}")
        late = order.state.terminal
        if not late:
            order = await self._acked(order, report.venue_order_id)
        fill = _fill_of(order, report, self._clock.now_ns())
        after = _with_fill(order, fill, late)
        # A try that failed may have been stored all the same: then it is known by now.
        again = fill.execution_id in self._tried
        self._tried.add(fill.execution_id)
        if await self._store.save_fill(fill, after) or again:
            self._publish_fill(fill, order, after, late)
        self._tried.discard(fill.execution_id)
        self._seen.add(fill.execution_id)

    def _publish_fill(self, fill: Fill, before: Order, after: Order, late: bool) -> None:
        now = self._clock.now_ns()
        self._order_log.publish(after, before.state)
        self._bus.publish(
            FillBooked(fill=fill, order=after, late=late, ts_event=fill.ts_event, ts_init=now)
        )
        if late:
            self._incident(
                f"late.{fill.execution_id}",
                "Late execution",
                f"{fill.quantity} {fill.symbol} were filled after the order was "
                f"{before.state.value}. The fill is booked.",
            )
        if after.filled > after.intent.quantity:
            self._incident(
                f"overfill.{after.client_order_id}",
                "Filled more than ordered",
                f"{after.filled} of {after.intent.quantity} {after.symbol}. The fills are booked.",
            )

    async def _acked(self, order: Order, venue_order_id: str) -> Order:
        """An event proves that the venue has the order, even before its answer came."""
        if order.state not in _UNPROVEN:
            return order
        known = msgspec.structs.replace(order, venue_order_id=venue_order_id)
        return await self._order_log.move(known, OrderState.ACKED)


def _code(state: OrderState) -> str:
    return "VENUE_REJECTED" if state is OrderState.REJECTED else ""


def _fill_of(order: Order, report: ExecutionReport, now_ns: int) -> Fill:
    intent = order.intent
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
        planned_stop=intent.planned_stop,
        planned_target=intent.planned_target,
        ts_event=report.ts_event,
        ts_init=now_ns,
    )


def _with_fill(order: Order, fill: Fill, late: bool) -> Order:
    filled = order.filled + fill.quantity
    paid = order.filled * (order.average_price or Decimal(0)) + fill.quantity * fill.price
    grown = msgspec.structs.replace(
        order,
        filled=filled,
        average_price=paid / filled,
        updated_ns=fill.ts_init,
        version=order.version + 1,
    )
    if late:
        return grown
    if filled >= order.intent.quantity:
        return grown.moved_to(OrderState.FILLED, fill.ts_init)
    if order.state in (OrderState.ACKED, OrderState.WORKING, OrderState.HELD, OrderState.SUSPENDED):
        return grown.moved_to(OrderState.PARTIALLY_FILLED, fill.ts_init)
    return grown  # already partially filled, or a cancel is under way

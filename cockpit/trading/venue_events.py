"""Takes in what the broker reports and has it booked, in the order it came, losing nothing.

A report that can't be stored stays first in line until it is: a fill is never dropped.
One that makes no sense is set aside, and trading halts: what is held is in doubt then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager

import structlog

from cockpit.domain.account import Account
from cockpit.domain.connection import Connection
from cockpit.domain.errors import IllegalTransitionError
from cockpit.domain.events import AccountChanged, ConnectionChanged
from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import BrokerOrder, BustReport, ExecutionReport, OrderReport
from cockpit.ports.clock import Clock
from cockpit.trading.booking import Booking, Report
from cockpit.trading.durable import Durable, Incident
from cockpit.trading.order_log import OrderLog

_log = structlog.get_logger(__name__)
_MOST_NAMED = 3


class VenueEvents:
    """The broker's sink: queues reports and has them booked one by one.

    `repairs` counts what `recall` found to change: reports that the stream should have
    brought and did not. `frozen` tells by symbol why it may not be traded; `unclear` does so for
    the orders that the broker lists and nobody can read, and is anew with each list. `broken`
    has the ids of executions that were listed and could not be read, and of their orders.
    Nothing is booked before `begin`.
    """

    WAIT_S = 0.02

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        log: OrderLog,
        booking: Booking,
        durable: Durable,
        supervisor: Supervisor,
        incident: Incident,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._order_log = log
        self._booking = booking
        self._durable = durable
        self._supervisor = supervisor
        self._incident = incident
        self._inbox: deque[Report] = deque()
        self._draining = False
        self._holders, self._booking_now = 1, 0  # held until `begin`
        self._begun = False
        self._still = False
        self.repairs = 0
        self.frozen: dict[str, str] = {}
        self.unclear: dict[str, str] = {}
        self.broken: dict[str, str] = {}
        self.account: Account | None = None

    def begin(self) -> None:
        """Book what came in, and what comes: the day is open, so a loss can be judged by it."""
        if not self._begun:
            self._begun = True
            self._holders -= 1
            self._start()

    def on_order(self, report: OrderReport) -> None:
        """Queue a change of an order."""
        self._enqueue(report)

    def on_execution(self, report: ExecutionReport) -> None:
        """Queue an execution."""
        self._enqueue(report)

    def on_bust(self, report: BustReport) -> None:
        """Queue an execution that was taken back."""
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

    @contextmanager
    def held(self) -> Generator[None]:
        """Let what comes in wait until the block ends, as while the broker's books are read."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            self._start()

    @asynccontextmanager
    async def still(self) -> AsyncGenerator[None]:
        """Keep the books as they are until the block ends: nothing at all is booked meanwhile."""
        with self.held():
            while self._still or self._booking_now:
                await self._clock.sleep(self.WAIT_S)
            self._still = True
            try:
                yield
            finally:
                self._still = False

    @asynccontextmanager
    async def changing(self) -> AsyncGenerator[None]:
        """Change the books in the block: not while somebody keeps them as they are."""
        while self._still:
            await self._clock.sleep(self.WAIT_S)
        self._booking_now += 1
        try:
            yield
        finally:
            self._booking_now -= 1

    async def recall(self, report: Report) -> None:
        """Book what the broker's books say, ahead of what waits; count it if it was news."""
        if await self._book(report):
            self.repairs += 1

    @property
    def busy(self) -> bool:
        """True while something waits to be booked."""
        return self._draining or bool(self._inbox)

    def _enqueue(self, report: Report) -> None:
        self._inbox.append(report)
        self._start()

    def _start(self) -> None:
        if self._draining or self._holders or not self._inbox:
            return
        self._draining = True
        try:
            self._supervisor.work(self._drain(), name="venue-events", owner="trading")
        except SupervisorStoppedError:
            self._draining = False  # what a stop leaves behind, the next start asks for

    async def _drain(self) -> None:
        try:
            while self._inbox and not self._holders:
                await self._book(self._inbox[0])
                self._inbox.popleft()
        finally:
            self._draining = False

    async def _book(self, report: Report) -> bool:
        """Book one report, whatever it takes; True when it changed something."""
        changed = False

        async def step() -> None:
            nonlocal changed
            changed = await self._booking.apply(report)

        async with self.changing():
            try:
                await self._durable.write(step)
            except IllegalTransitionError as error:
                self.freeze(report.client_order_id, error.user_text)
            except Exception as error:  # noqa: BLE001 -- one bad report must not hold up the next fill
                self._set_aside(report, error)
        return changed

    def freeze(self, client_order_id: str, why: str) -> None:
        """Let no order on the symbol of `client_order_id` open anything, and say so."""
        symbol = self._order_log.get(client_order_id).symbol
        self.frozen[symbol] = f"{symbol} is frozen: {why}"
        self._incident(f"transition.{client_order_id}", "Impossible order state", why)

    def readable(self, listed: Sequence[BrokerOrder]) -> list[BrokerOrder]:
        """What can be read of the broker's list; nothing is opened where something can't."""
        unclear = {order.symbol: order for order in listed if order.unreadable}
        for symbol, order in unclear.items():
            if symbol not in self.unclear:
                self._incident(
                    f"unreadable.{order.client_order_id}",
                    "An order that can't be read",
                    f"The broker lists an order on {symbol} that can't be made out: "
                    f"{order.unreadable}. It counts as open and can be cancelled; nothing is "
                    f"opened on {symbol} while it is there. See it at the broker: "
                    f"{order.client_order_id}.",
                )
        self.unclear.clear()
        self.unclear.update(
            (symbol, f"{symbol} has an order at the broker that can't be read: {order.unreadable}.")
            for symbol, order in unclear.items()
        )
        return [order for order in listed if not order.unreadable]

    def readable_fills(self, told: Sequence[ExecutionReport]) -> list[ExecutionReport]:
        """What can be read of the broker's list of executions; each other one is named once."""
        broken = [one for one in told if one.unreadable]
        news = {one.execution_id: one.client_order_id for one in broken}
        if news.keys() - self.broken.keys():
            self.broken |= news
            named = "; ".join(
                f"{one.symbol or 'a symbol it does not name'}, {one.execution_id}: {one.unreadable}"
                for one in broken[:_MOST_NAMED]
            )
            self._incident(
                "unreadable.fills",
                "A fill that can't be read",
                f"{len(broken)} in the broker's list of fills can't be made out: {named}. What "
                "its order filled is booked at the order's mean price, and trading waits if what "
                "is held differs then. Compare the position with the broker's own page.",
            )
        return [one for one in told if not one.unreadable]

    def _set_aside(self, report: Report, error: Exception) -> None:
        _log.error("report_set_aside", report=repr(report), exc_info=error)
        told = isinstance(report, ExecutionReport | BustReport)
        name = report.execution_id if told else report.client_order_id
        self._durable.halt(
            f"report.{name}",
            "A report of the broker could not be booked",
            f"The broker's report {name} makes no sense here: {error}. It is not in the ledger; "
            "compare the position with the broker's own before you trade on.",
        )

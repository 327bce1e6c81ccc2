"""Streams are hints, the broker's books are the truth: looks into them all day long."""

from __future__ import annotations

import structlog

from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.recovery import Difference, RecoveryPhase
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, Timer
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import BrokerError
from cockpit.ports.clock import Clock
from cockpit.trading.orders import OrderBook
from cockpit.trading.recovery.reconciler import Reconciler
from cockpit.trading.recovery.recovery import Recovery

_log = structlog.get_logger(__name__)


class Sweeper:
    """Sweeps orders every 5 s while any is open, positions every 30 s; recovers on a break.

    A break is a session that was down, a machine that slept, a clock that was set.
    """

    ORDERS_NS = 5 * SECOND
    POSITIONS_NS = 30 * SECOND
    SOON_NS = SECOND // 2
    OVERLAP_NS = 120 * SECOND
    ASLEEP_NS = 20 * SECOND
    SET_BACK_NS = SECOND
    FAILURES = 3

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        supervisor: Supervisor,
        orders: OrderBook,
        reconciler: Reconciler,
        recovery: Recovery,
    ) -> None:
        self._clock = clock
        self._supervisor = supervisor
        self._orders = orders
        self._reconciler = reconciler
        self._recovery = recovery
        self._timer: Timer | None = None
        self._due_ns = 0
        self._positions_at = 0  # by the time that has passed, whatever the clock is set to
        self._swept_ns = 0
        self._sweeping = False
        self._gap = False
        self._failures = 0
        self._was_down = False
        self._suspect: tuple[Difference, ...] = ()
        bus.subscribe(ConnectionChanged, self._on_connection, name="sweeper.connection")

    def start(self) -> None:
        """Begin to sweep."""
        now = self._clock.now_ns()
        self._swept_ns, self._positions_at = now, self._clock.elapsed_ns() + self.POSITIONS_NS
        self._arm(now + self.ORDERS_NS)

    def stop(self) -> None:
        """Sweep no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def soon(self) -> None:
        """Look soon: something was not heard of."""
        self._gap = True
        if self._timer is not None and not self._sweeping:
            self._arm(min(self._due_ns, self._clock.now_ns() + self.SOON_NS))

    def _arm(self, due_ns: int) -> None:
        self.stop()
        self._due_ns = due_ns
        self._timer = self._clock.call_at(due_ns, self._wake)

    def _wake(self) -> None:
        now = self._clock.now_ns()
        if now - self._due_ns > self.ASLEEP_NS or self._due_ns - now > self.SET_BACK_NS:
            self._recovery.request("the machine slept or its clock was set")
        wanted = self._gap or self._positions_due() or self._orders.open()
        if not wanted or self._recovery.phase is not RecoveryPhase.READY:
            self._arm(now + self.ORDERS_NS)
            return
        self._sweeping = True
        try:
            self._supervisor.work(self._sweep(), name="sweep", owner="trading")
        except SupervisorStoppedError:
            self.stop()

    async def _sweep(self) -> None:
        now, began = self._clock.now_ns(), self._clock.elapsed_ns()
        with_positions = self._gap or self._positions_due()
        self._gap = False
        try:
            since = self._swept_ns - self.OVERLAP_NS
            found = await self._reconciler.look(since, positions=with_positions)
        except BrokerError as error:
            self._failed(error)
        else:
            self._failures, self._swept_ns = 0, now
            if with_positions:
                self._positions_at = began + self.POSITIONS_NS
                self._compare(found.differences)
            if found.contradictions:
                self._recovery.request(found.text)
        finally:
            self._sweeping = False
            wait = self.SOON_NS if self._gap else self.ORDERS_NS
            self._arm(self._clock.now_ns() + wait)

    def _positions_due(self) -> bool:
        return self._clock.elapsed_ns() >= self._positions_at

    def _compare(self, differences: tuple[Difference, ...]) -> None:
        """A fill may be on its way: only what differs twice in the same way is believed."""
        if differences and differences == self._suspect:
            self._suspect = ()
            self._recovery.request("the positions differ")
            return
        self._suspect = differences
        self._gap = self._gap or bool(differences)  # or something was missed meanwhile

    def _failed(self, error: BrokerError) -> None:
        _log.warning("sweep_failed", error=str(error))
        self._failures += 1
        if self._failures >= self.FAILURES:
            self._failures = 0
            self._recovery.request("the broker does not answer")

    def _on_connection(self, event: ConnectionChanged) -> None:
        lamp: Connection = event.connection
        if lamp.kind != "broker":
            return
        if lamp.health is not Health.UP:
            self._was_down = True
        elif self._was_down:
            self._was_down = False
            self._recovery.request("the broker's session came back")

"""Why an order must wait right now, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.kernel.bus import Bus
from cockpit.trading.orders import OrderBook


class Readiness:
    """Listens to the lamps; the gate asks it before every order."""

    def __init__(
        self,
        *,
        bus: Bus,
        orders: OrderBook,
        late: Callable[[], bool],
        frozen: Mapping[str, str],
        max_skew_s: Callable[[], Decimal],
        recovering: Callable[[], str] = lambda: "",
    ) -> None:
        self._orders = orders
        self._late = late
        self._frozen = frozen
        self._max_skew_s = max_skew_s
        self._recovering = recovering
        self._lamps: dict[str, Connection] = {}
        bus.subscribe(ConnectionChanged, self._on_connection, name="readiness")

    @property
    def lamps(self) -> Sequence[Connection]:
        """The latest of every broker session and feed, brokers first."""
        return sorted(self._lamps.values(), key=lambda lamp: (lamp.kind, lamp.name))

    def why_not(self, symbol: str) -> str:
        """Why an opening on `symbol` must wait; empty when it need not."""
        if reason := self.disconnected():
            return reason
        if symbol in self._frozen:
            return self._frozen[symbol]
        if self._orders.unknown(symbol):
            return f"An order on {symbol} was sent and has no answer yet."
        if self._late():
            return "The cockpit is running late; openings wait until it has caught up."
        return self._clocks_differ()

    def _clocks_differ(self) -> str:
        """A wrong clock makes every age wrong: of quotes, approvals, windows."""
        for lamp in self._lamps.values():
            skew = lamp.clock_skew_s
            if skew is not None and not (abs(skew) <= float(self._max_skew_s())):
                return (
                    f"This computer's clock and that of the {lamp.kind} {lamp.name} differ by "
                    f"{abs(skew):.1f} s. Openings wait until it is set right."
                )
        return ""

    def disconnected(self) -> str:
        """Why everything must wait, closings too; empty when all sessions are up."""
        if reason := self._recovering():
            return reason
        for lamp in self._lamps.values():
            if lamp.read_only:
                return f"The {lamp.kind} {lamp.name} is read-only here; it sends no orders."
            if lamp.health not in (Health.UP, Health.PAUSED):
                return f"The {lamp.kind} {lamp.name} is {lamp.health.value.replace('_', ' ')}."
        return "" if self._lamps else "Nothing is connected yet."

    def _on_connection(self, event: ConnectionChanged) -> None:
        self._lamps[f"{event.connection.kind}/{event.connection.name}"] = event.connection

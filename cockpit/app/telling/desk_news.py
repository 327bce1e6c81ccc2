"""Says what came from elsewhere, and takes back what is no longer true of bare positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Severity
from cockpit.domain.events import OrderChanged, PositionChanged
from cockpit.domain.order import EXTERNAL, Order, OrderState
from cockpit.domain.position import Position
from cockpit.kernel.bus import Bus

BARE = "incident.unprotected"


class DeskNews:
    """`bare` gives the positions that nothing protects, whole or in part."""

    def __init__(self, bus: Bus, alerts: Alerts, bare: Callable[[], Sequence[Position]]) -> None:
        self._alerts = alerts
        self._bare = bare
        bus.subscribe(OrderChanged, self._on_order, name="desk-news")
        bus.subscribe(PositionChanged, self._on_position, name="desk-news")

    def _on_order(self, event: OrderChanged) -> None:
        order = event.order
        if event.previous is None and order.intent.strategy == EXTERNAL:
            self._tell(order)
        if order.intent.protects and order.state is OrderState.WORKING:
            self._alerts.clear(f"{BARE}.{order.symbol}")
            self._clear_when_none_is_bare()

    def _tell(self, order: Order) -> None:
        """A person's own doing most of the time, so it is no alarm; it counts all the same."""
        intent = order.intent
        self._alerts.raise_(
            f"external.{order.client_order_id}",
            Severity.WARNING,
            "Order from elsewhere",
            f"{intent.side.value.capitalize()} {intent.quantity.normalize():f} {order.symbol} was "
            f"placed at the broker and not here ({order.client_order_id}). It counts in your "
            "limits. If it isn't yours, cancel it and change the account's password and keys.",
            "trading",
        )

    def _on_position(self, event: PositionChanged) -> None:
        if event.position.flat:
            self._alerts.clear(f"{BARE}.{event.position.symbol}")
        self._clear_when_none_is_bare()

    def _clear_when_none_is_bare(self) -> None:
        if self._alerts.stands(BARE) and not self._bare():
            self._alerts.clear(BARE)

"""An order as the simulated venue keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cockpit.domain.order import Order, OrderState, Side, TimeInForce
from cockpit.domain.values import ZERO
from cockpit.ports.broker import BrokerOrder, OrderReport


@dataclass(slots=True, eq=False)
class VenueOrder:
    """What the venue knows of an order; `worst` is the price it is reserved at.

    `triggered` is True for anything without a stop price, `paid` the sum of quantity x price
    of its fills. `sequence` is the order of arrival, `taken_ns` when that was.
    """

    order: Order
    venue_order_id: str
    sequence: int
    worst: Decimal
    triggered: bool
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    state: OrderState = OrderState.WORKING
    taken_ns: int = 0
    multiplier: Decimal = Decimal(1)

    @property
    def client_order_id(self) -> str:
        """The id the sender chose."""
        return self.order.client_order_id

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        return self.order.intent.symbol

    @property
    def side(self) -> Side:
        """Buy or sell."""
        return self.order.intent.side

    @property
    def limit(self) -> Decimal | None:
        """The limit price; None for a market or a stop order."""
        return self.order.intent.limit_price

    @property
    def remaining(self) -> Decimal:
        """What is still to be filled."""
        return self.order.intent.quantity - self.filled

    @property
    def open(self) -> bool:
        """True while it may still fill."""
        return not self.state.terminal

    @property
    def day_only(self) -> bool:
        """True when it ends with the session."""
        return self.order.intent.tif is TimeInForce.DAY

    @property
    def immediate(self) -> bool:
        """True when what does not fill at once is cancelled."""
        return self.order.intent.tif is TimeInForce.IOC

    def fill(self, quantity: Decimal, price: Decimal) -> None:
        """Count `quantity` as traded at `price`."""
        self.filled += quantity
        self.paid += quantity * price
        self.state = OrderState.FILLED if self.remaining == 0 else OrderState.PARTIALLY_FILLED

    def report(self, now_ns: int, reason: str = "") -> OrderReport:
        """Where it stands, as the venue says it."""
        return OrderReport(
            client_order_id=self.client_order_id,
            venue_order_id=self.venue_order_id,
            state=self.state,
            ts_event=now_ns,
            filled=self.filled,
            average_price=self.paid / self.filled if self.filled else None,
            reason=reason,
        )

    def listed(self, now_ns: int) -> BrokerOrder:
        """Where it stands, with its terms."""
        intent = self.order.intent
        return BrokerOrder(
            report=self.report(now_ns),
            symbol=intent.symbol,
            side=intent.side,
            type=intent.type,
            quantity=intent.quantity,
            limit_price=intent.limit_price,
            stop_price=intent.stop_price,
            tif=intent.tif,
        )

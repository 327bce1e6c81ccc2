"""The toy venue's ledger: exact, and shown as Alpaca shows it.

Matching is the paper broker's own venue, without fees; what Alpaca's REST and stream tell of
it (ids, statuses, times, executions) is kept here, in decimals, from the venue's messages.
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.brokers.paper.venue import Message, Venue
from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side, TimeInForce
from cockpit.ports.broker import BrokerError, ExecutionReport, OrderRejectedError, OrderReport
from tests.toyserver import show

ACCOUNT = "TOY-1"
_STATUS = {
    OrderState.CANCELED: "canceled",
    OrderState.EXPIRED: "expired",
    OrderState.REPLACED: "replaced",
    OrderState.WORKING: "new",
}


class RefusedError(Exception):
    """The venue refuses, with an HTTP status and a code and message of its own."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class ToyOrder:
    """An order as the venue shows it."""

    id: str
    terms: OrderIntent
    client_order_id: str
    submitted_ns: int
    updated_ns: int
    status: str = "pending_new"
    filled: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    replaces: str | None = None
    replaced_by: str | None = None
    extended_hours: bool = False


@dataclass
class Execution:
    """One fill: what the activities list, under an id that the stream tells, too."""

    execution_id: str
    order: ToyOrder
    quantity: Decimal
    price: Decimal
    cumulative: Decimal
    ts_ns: int


@dataclass
class Exchange:
    """One account. `on_update` gets each order update, in order."""

    settings: PaperSettings = field(
        default_factory=lambda: PaperSettings(
            commission_per_share=Decimal(0), commission_minimum=Decimal(0), leverage=Decimal(2)
        )
    )
    on_update: list[Callable[[dict[str, Any]], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.venue = Venue(self.settings, ACCOUNT, Mode.PAPER)
        self.orders: dict[str, ToyOrder] = {}  # by the venue's id, by arrival
        self.executions: list[Execution] = []
        self.charges: list[dict[str, Any]] = []  # activities that are no trades
        self.spoilt: dict[str, dict[str, Any]] = {}  # what lists show otherwise, by sender's id
        self.assets: dict[str, dict[str, Any]] = {}  # what is listed, and what is special of it
        self.account_id = _uuid("account")
        self._by_client: dict[str, ToyOrder] = {}
        self._count = itertools.count(1)
        self._last_ns = 0

    # what a market does

    def list_symbols(self, *symbols: str, lot: str = "1", tick: str = "0.01") -> None:
        """Make symbols tradable; a small `lot` makes them fractional."""
        for symbol in symbols:
            self.assets[symbol] = {"fractionable": lot != "1"}
            self.venue.list_instrument(
                Instrument(symbol=symbol, lot=Decimal(lot), tick=Decimal(tick))
            )

    def quote(self, symbol: str, bid: float, ask: float, size: float = 1e6) -> None:
        """Show the venue a quote; what it crosses trades."""
        now = self.now_ns()
        quote = Quote(
            symbol=symbol, bid=bid, ask=ask, bid_size=size, ask_size=size, ts_event=now, ts_init=now
        )
        self._tell(self.venue.on_quote(quote, now))

    # what an account may ask for

    def submit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take an order in; what the answer shows. Raises RefusedError."""
        client_order_id = str(body.get("client_order_id") or _uuid(f"client-{next(self._count)}"))
        terms = _terms(body, client_order_id)
        now = self.now_ns()
        try:
            _, messages = self.venue.submit(_order(client_order_id, terms), now)
        except OrderRejectedError as error:
            raise _refused(error) from error
        order = self._enter(client_order_id, terms, now)
        shown = show.order(order)
        self._tell(messages)
        return shown

    def replace(self, order_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Put another order in the place of an open one. Raises RefusedError."""
        old = self.find(order_id)
        merged = show.order(old) | {k: v for k, v in body.items() if v is not None}
        client_order_id = str(body.get("client_order_id") or _uuid(f"client-{next(self._count)}"))
        terms = _terms(merged, client_order_id)
        now = self.now_ns()
        known = _order(old.client_order_id, old.terms, old.filled)
        try:
            _, messages = self.venue.replace(known, _order(client_order_id, terms), now)
        except OrderRejectedError as error:
            raise _refused(error) from error
        order = self._enter(client_order_id, terms, now)
        order.replaces, old.replaced_by = old.id, order.id
        shown = show.order(order)
        self._tell(messages)
        return shown

    def cancel(self, order_id: str) -> None:
        """Take an open order out. Raises RefusedError."""
        order = self.find(order_id)
        try:
            messages = self.venue.cancel(order.client_order_id, self.now_ns())
        except BrokerError as error:
            why = f'order is already in "{order.status}" state'
            raise RefusedError(422, 42210000, why) from error
        self._tell(messages)

    def cancel_all(self) -> list[dict[str, Any]]:
        """Take everything open out; one line for each."""
        working = [order for order in self.orders.values() if show.is_open(order)]
        self._tell(self.venue.cancel_all(self.now_ns()))
        return [{"id": order.id, "status": 200, "body": show.order(order)} for order in working]

    def find(self, order_id: str) -> ToyOrder:
        """An order by the venue's id. Raises RefusedError."""
        if order_id not in self.orders:
            raise RefusedError(404, 40410000, f"order not found for {order_id}")
        return self.orders[order_id]

    def find_client(self, client_order_id: str) -> ToyOrder:
        """An order by its sender's id. Raises RefusedError."""
        if client_order_id not in self._by_client:
            raise RefusedError(404, 40410000, f"order not found for {client_order_id}")
        return self._by_client[client_order_id]

    def account(self) -> dict[str, Any]:
        """The account's figures."""
        return show.account(self.venue.account(self.now_ns()), self.account_id)

    def positions(self) -> list[dict[str, Any]]:
        """What is held."""
        return [show.position(p) for p in self.venue.positions()]

    def bust(self, execution: Execution) -> None:
        """Tell that an execution was taken back (the stream only; the books stay)."""
        order, now = execution.order, self.now_ns()
        self._publish("trade_bust", order, now, {"previous_execution_id": execution.execution_id})

    def now_ns(self) -> int:
        """Real time, and never the same twice."""
        self._last_ns = max(time.time_ns(), self._last_ns + 1000)
        return self._last_ns

    # bookkeeping

    def _enter(self, client_order_id: str, terms: OrderIntent, now: int) -> ToyOrder:
        order = ToyOrder(_uuid(f"order-{next(self._count)}"), terms, client_order_id, now, now)
        self.orders[order.id] = self._by_client[client_order_id] = order
        return order

    def _tell(self, messages: Iterable[Message]) -> None:
        for message in messages:
            if isinstance(message, ExecutionReport):
                self._executed(message)
            elif isinstance(message, OrderReport) and message.state in _STATUS:
                order = self._by_client[message.client_order_id]
                order.status, order.updated_ns = _STATUS[message.state], self.now_ns()
                self._publish(order.status, order, order.updated_ns, {})

    def _executed(self, report: ExecutionReport) -> None:
        order, now = self._by_client[report.client_order_id], self.now_ns()
        order.filled += report.quantity
        order.paid += report.quantity * report.price
        done = order.filled == order.terms.quantity
        order.status, order.updated_ns = ("filled" if done else "partially_filled"), now
        made = Execution(
            _uuid(f"execution-{len(self.executions)}"),
            order,
            report.quantity,
            report.price,
            order.filled,
            now,
        )
        self.executions.append(made)
        fill = {
            "execution_id": made.execution_id,
            "qty": show.text(report.quantity),
            "price": show.text(report.price),
            "position_qty": show.text(self._held(order.terms.symbol)),
        }
        self._publish("fill" if done else "partial_fill", order, now, fill)

    def _held(self, symbol: str) -> Decimal:
        return sum(
            (e.quantity * e.order.terms.side.sign for e in self.executions
             if e.order.terms.symbol == symbol),
            Decimal(0),
        )  # fmt: skip

    def _publish(self, event: str, order: ToyOrder, now: int, more: dict[str, Any]) -> None:
        data = {"event": event, "timestamp": show.moment(now), "order": show.order(order)} | more
        for listener in self.on_update:
            listener(data)


def _terms(body: dict[str, Any], client_order_id: str) -> OrderIntent:
    try:
        return OrderIntent(
            intent_id=f"toy/{client_order_id}",
            account_id=ACCOUNT,
            symbol=str(body["symbol"]),
            side=Side(body["side"]),
            type=OrderType(body["type"]),
            quantity=_decimal(body["qty"]),
            limit_price=_decimal(body.get("limit_price")),
            stop_price=_decimal(body.get("stop_price")),
            tif=TimeInForce(body["time_in_force"]),
        )
    except (KeyError, ValueError, ArithmeticError) as error:
        raise RefusedError(422, 40010001, f"invalid order: {error}") from error


def _decimal(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"a number must be text, not {value!r}")
    return Decimal(value)


def _order(client_order_id: str, terms: OrderIntent, filled: Decimal = Decimal(0)) -> Order:
    return Order(client_order_id=client_order_id, intent=terms, filled=filled)


def _refused(error: OrderRejectedError) -> RefusedError:
    if error.code == "VENUE_DUPLICATE_ID":
        return RefusedError(422, 40010001, "client_order_id must be unique")
    if error.code == "VENUE_BUYING_POWER":
        return RefusedError(403, 40310000, "insufficient buying power")
    if error.code == "VENUE_UNKNOWN_SYMBOL":
        return RefusedError(422, 42210000, f"asset is not found: {error}")
    return RefusedError(422, 42210000, str(error))


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))

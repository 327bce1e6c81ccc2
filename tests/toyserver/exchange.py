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

import msgspec

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.brokers.paper.venue import Message, Venue
from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side, TimeInForce
from cockpit.ports.broker import BrokerError, ExecutionReport, OrderRejectedError, OrderReport
from tests.toyserver import groups, show
from tests.toyserver.faults import RefusedError

ACCOUNT = "TOY-1"
_STATUS = {
    OrderState.CANCELED: "canceled",
    OrderState.EXPIRED: "expired",
    OrderState.REPLACED: "replaced",
    OrderState.WORKING: "new",
}


@dataclass(eq=False)
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
    order_class: str = ""
    first: ToyOrder | None = None
    legs: list[ToyOrder] = field(default_factory=list)
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    hwm: Decimal | None = None
    notional: Decimal | None = None  # given as a sum of money: what it becomes is told at the end
    reached: bool = False  # a stop that the market has come to: nothing takes it back

    @property
    def trails(self) -> bool:
        return self.trail_price is not None or self.trail_percent is not None


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
        self.spoilt: dict[str, dict[str, Any]] = {}  # what REST shows otherwise, by sender's id
        self.spoilt_fills: dict[str, dict[str, Any]] = {}  # the same of what an order traded
        self.assets: dict[str, dict[str, Any]] = {}  # what is listed, and what is special of it
        self.account_id = _uuid("account")
        self.groups = groups.Groups(self)
        self.quotes: dict[str, Quote] = {}
        self.outside = False  # before or after the session
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
        self.quotes[symbol] = quote
        self._tell(self.venue.on_quote(quote, now))
        self.groups.on_quote(quote)

    # what an account may ask for

    def submit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take an order in; what the answer shows. Raises RefusedError."""
        client_order_id = body.get("client_order_id")
        if client_order_id in self._by_client:
            raise RefusedError(422, 40010001, "client_order_id must be unique")
        symbol = str(body.get("symbol"))
        groups.check(body, self._held(symbol), self.assets.get(symbol, {}))
        terms = _terms(_priced(body), str(client_order_id or ""))
        later = self.outside and not body.get("extended_hours")
        trails = body["type"] == "trailing_stop"
        if trails or later:
            order, messages = self.enter(client_order_id, terms), []
        else:
            order, messages = self._admitted(client_order_id, terms)
        order.extended_hours = bool(body.get("extended_hours"))
        order.order_class = body.get("order_class") or ""
        self.groups.legs_of(body, order)
        if trails:
            self.groups.trail(order, body, self.quotes.get(terms.symbol))
        if later:
            order.status = "accepted"
        shown = show.order(order, nested=True)
        for told in (order, *order.legs) if trails or later or order.legs else ():
            self.publish(told.status if told is not order else "new", told, {})
        self._tell(messages)
        return shown

    def _admitted(
        self, client_order_id: str | None, terms: OrderIntent
    ) -> tuple[ToyOrder, list[Message]]:
        name = str(client_order_id or _uuid(f"client-{next(self._count)}"))
        try:
            _, messages = self.venue.submit(_order(name, terms), self.now_ns())
        except OrderRejectedError as error:
            raise _refused(error) from error
        return self.enter(name, terms), messages

    def replace(self, order_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Put another order in the place of an open one. Raises RefusedError."""
        old = self.find(order_id)
        client_order_id = str(body.get("client_order_id") or _uuid(f"client-{next(self._count)}"))
        if old.order_class and body.get("qty"):
            raise RefusedError(422, 42210000, f"qty of {old.order_class} orders can't be replaced")
        groups.check_size(old.terms.quantity, body.get("qty"))
        if body.get("trail") and not old.trails:
            raise RefusedError(422, 42210000, "trail is only for trailing stop orders")
        terms = _terms(_changed(old, body), client_order_id)
        if old.id in self.groups.waiting:
            return self._replace_waiting(old, client_order_id, terms, body.get("trail"))
        known = _order(old.client_order_id, old.terms, old.filled)
        try:
            _, messages = self.venue.replace(known, _order(client_order_id, terms), self.now_ns())
        except OrderRejectedError as error:
            raise _refused(error) from error
        order = self._instead(old, client_order_id, terms)
        shown = show.order(order)
        self._tell(messages)
        return shown

    def _replace_waiting(
        self, old: ToyOrder, client_order_id: str, terms: OrderIntent, trail: str | None
    ) -> dict[str, Any]:
        """Of an order that is not in the market yet."""
        order = self._instead(old, client_order_id, terms)
        self.groups.waiting[order.id] = self.groups.waiting.pop(old.id) and order
        order.status, old.status = old.status, "replaced"
        if trail is not None:
            by_price = order.trail_price is not None
            setattr(order, "trail_price" if by_price else "trail_percent", Decimal(trail))
        self.publish("replaced", old, {})
        self.publish(order.status, order, {})
        return show.order(order)

    def _instead(self, old: ToyOrder, client_order_id: str, terms: OrderIntent) -> ToyOrder:
        order = self.enter(client_order_id, terms)
        order.replaces, old.replaced_by = old.id, order.id
        self.groups.take_place(old, order)
        return order

    def cancel(self, order_id: str) -> None:
        """Take an open order out. Raises RefusedError."""
        order = self.find(order_id)
        if order.status in ("held", "accepted") or order.id in self.groups.waiting:
            self.end(order, "canceled")
            return
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
        for order in working:
            self.end(order, "canceled")
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

    def charge(self, kind: str, amount: str, **more: Any) -> None:
        """Take or give money without a trade, as at the day's end."""
        stamp, name = show.utc(self.now_ns()), _uuid(f"charge-{len(self.charges)}")
        plain = {
            "id": f"{stamp:%Y%m%d}000000000::{name}", "activity_type": kind,
            "date": f"{stamp:%Y-%m-%d}", "net_amount": amount, "description": "TAF fee",
        }  # fmt: skip
        self.charges.append(plain | more)
        self.venue._money.cash += Decimal(amount)

    def bust(self, execution: Execution) -> None:
        """Tell that an execution was taken back (the stream only; the books stay)."""
        order, now = execution.order, self.now_ns()
        self.publish("trade_bust", order, {"previous_execution_id": execution.execution_id}, now)

    def now_ns(self) -> int:
        """Real time, and never the same twice."""
        self._last_ns = max(time.time_ns(), self._last_ns + 1000)
        return self._last_ns

    # bookkeeping

    def enter(self, client_order_id: str | None, terms: OrderIntent) -> ToyOrder:
        """Write an order down, under an id of the venue's where its sender gave none."""
        name, now = client_order_id or _uuid(f"client-{next(self._count)}"), self.now_ns()
        order = ToyOrder(_uuid(f"order-{next(self._count)}"), terms, name, now, now)
        self.orders[order.id] = self._by_client[name] = order
        return order

    def into_market(self, order: ToyOrder) -> None:
        """Let an order that waited trade."""
        sent = msgspec.structs.replace(order.terms, quantity=order.terms.quantity)
        _, messages = self.venue.submit(_order(order.client_order_id, sent), self.now_ns())
        self._tell(messages)

    def end(self, order: ToyOrder, status: str) -> None:
        """End an order that is open, wherever it is."""
        if not show.is_open(order):
            return
        if self.venue.find_order(order.client_order_id, 0) is not None:
            self._tell(self.venue.cancel(order.client_order_id, self.now_ns()))
            return
        order.status, order.updated_ns = status, self.now_ns()
        self.publish(status, order, {})
        self.groups.ended(order)

    def open_session(self) -> None:
        """The session begins: what was accepted before it may trade."""
        self.outside = False
        for order in [o for o in self.orders.values() if o.status == "accepted"]:
            self.into_market(order)

    def _tell(self, messages: Iterable[Message]) -> None:
        for message in messages:
            if isinstance(message, ExecutionReport):
                self._executed(message)
            elif isinstance(message, OrderReport) and message.state in _STATUS:
                order = self._by_client[message.client_order_id]
                order.status, order.updated_ns = _STATUS[message.state], self.now_ns()
                self.publish(order.status, order, {})
                if order.status in ("canceled", "expired"):
                    self.groups.ended(order)

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
        self.publish("fill" if done else "partial_fill", order, fill, now)
        self.groups.filled(order, report.quantity)

    def _held(self, symbol: str) -> Decimal:
        return sum(
            (e.quantity * e.order.terms.side.sign for e in self.executions
             if e.order.terms.symbol == symbol),
            Decimal(0),
        )  # fmt: skip

    def publish(
        self, event: str, order: ToyOrder, more: dict[str, Any], now: int | None = None
    ) -> None:
        """Tell every listener of an order."""
        at = show.moment(now or self.now_ns())
        data = {"event": event, "timestamp": at, "order": show.order(order)} | more
        for listener in self.on_update:
            listener(data)


def _priced(body: dict[str, Any]) -> dict[str, Any]:
    """The order that may trade, in plain words: an OCO order is the limit among its exits."""
    if body.get("type") == "trailing_stop":
        return body | {"type": "stop", "stop_price": "0.01"}  # it is moved at once
    if body.get("order_class") == "oco":
        return body | {"limit_price": body["take_profit"]["limit_price"]}
    return body


def _changed(old: ToyOrder, body: dict[str, Any]) -> dict[str, Any]:
    """The terms of an order with what a replacement changes of them."""
    own = show.order(old) | {"type": old.terms.type.value}
    return own | {name: value for name, value in body.items() if value is not None}


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

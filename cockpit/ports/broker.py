"""The broker port: one door in, and the broker's own events back.

Only `trading/` calls it. `submit` and `replace` demand a one-use token that only the
gate issues; an adapter redeems it before the first byte goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable

import msgspec

from cockpit.domain.account import Account
from cockpit.domain.connection import Connection
from cockpit.domain.errors import CockpitError
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote, TradingStatus
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side, TimeInForce
from cockpit.domain.venue_terms import Feature, VenueTerms

CLOCKS_APART_NS = 60_000_000_000
"""How far a venue's clock may be from ours when the age of its orders is judged."""


class GateToken(msgspec.Struct, frozen=True):
    """Proof that the gate let exactly one order through, once."""

    secret: str
    fingerprint: str


class BrokerError(CockpitError):
    """Root of what a broker adapter raises."""

    code = "BROKER_ERROR"


class TokenRefusedError(BrokerError):
    """The token is forged, used, expired or of another order; nothing was sent."""

    code = "GATE_TOKEN"


class NotSentError(TokenRefusedError):
    """The adapter itself held the order back and used its token up; nothing was sent."""

    code = "NOT_SENT"


class OrderRejectedError(BrokerError):
    """The venue's own, definitive refusal; nothing is working there."""

    code = "VENUE_REJECTED"


class DuplicateIdError(OrderRejectedError):
    """The venue has an order of that client order id already: it is looked up and adopted."""

    code = "VENUE_DUPLICATE_ID"


class SubmitUnknownError(BrokerError):
    """Sent, no usable answer: the order may or may not exist there."""

    code = "SUBMIT_UNKNOWN"


Redeem = Callable[[GateToken, Order], None]
"""Given to each adapter: marks the token used, or raises TokenRefusedError."""


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """The venue took the order in."""

    client_order_id: str
    venue_order_id: str
    ts_event: int


class OrderReport(msgspec.Struct, frozen=True, kw_only=True):
    """The venue says where an order stands.

    `filled` is cumulative, `average_price` the mean price of it where the venue tells it,
    `code` of a refusal.
    """

    client_order_id: str
    venue_order_id: str
    state: OrderState
    ts_event: int
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    reason: str = ""
    code: str = ""


class BrokerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the broker's books hold it: where it stands, and what was asked for.

    With its terms an order that was made elsewhere can be taken in here; `venue` says which
    others it belongs to there, and what the venue itself does with it. Where `unreadable` says
    what could not be made out, only its ids and symbol are true: it is there and may be
    cancelled, nothing is concluded from it, and nothing new is opened on its symbol. Of one that
    has ended the report is true, too.
    `submitted_ns` is when it came in, by our clock as far as it is known how the venue's differs,
    0 where the venue does not tell: an order that is older than ours of that id is another one.
    `replaces` is the client order id of the order whose place it took, where the venue tells that.
    """

    report: OrderReport
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY
    venue: VenueTerms | None = None
    unreadable: str = ""
    submitted_ns: int = 0
    replaces: str = ""

    @property
    def client_order_id(self) -> str:
        """The id its sender chose."""
        return self.report.client_order_id


class ExecutionReport(msgspec.Struct, frozen=True, kw_only=True):
    """The venue traded. `execution_id` is the venue's; `cumulative` includes this one.

    `venue` tells of an exit that the venue made with an order what it belongs to, where the
    adapter knows it: the exit may trade before anybody has listed it. Where `unreadable` says
    what could not be made out, only its id and, as far as they are not empty, symbol and orders'
    ids are true: it is not booked, and told to a person.
    """

    execution_id: str
    client_order_id: str
    venue_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    cumulative: Decimal
    ts_event: int
    venue: VenueTerms | None = None
    unreadable: str = ""


class BustReport(msgspec.Struct, frozen=True, kw_only=True):
    """The venue took an execution back: as far as money goes it never happened."""

    execution_id: str
    client_order_id: str
    ts_event: int
    reason: str = ""


class BrokerPosition(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker says is held; quantity signed."""

    symbol: str
    quantity: Decimal
    average_cost: Decimal


class BrokerSink(Protocol):
    """Where a broker delivers its events; called in the loop's thread."""

    def on_order(self, report: OrderReport) -> None:
        """Take a change of an order."""
        ...

    def on_execution(self, report: ExecutionReport) -> None:
        """Take an execution."""
        ...

    def on_bust(self, report: BustReport) -> None:
        """Take back an execution."""
        ...

    def on_account(self, account: Account) -> None:
        """Take new money figures."""
        ...

    def on_connection(self, connection: Connection) -> None:
        """Take a change of the session's lamp."""
        ...


class Broker(Protocol):
    """One broker session. All calls are made in the loop; none may block it."""

    @property
    def name(self) -> str:
        """The plug-in's name, e.g. "paper"."""
        ...

    async def connect(self, sink: BrokerSink) -> None:
        """Sign in and start delivering events. Raises BrokerError."""
        ...

    async def close(self) -> None:
        """End the session; working orders stay at the venue."""
        ...

    async def submit(self, order: Order, token: GateToken) -> Ack:
        """Send a new order, once, with no retry.

        Raises TokenRefusedError or its NotSentError (nothing was sent), OrderRejectedError
        (definitive; a DuplicateIdError says that an order of this id is there already) or
        SubmitUnknownError (anything else that went wrong after the first byte).
        """
        ...

    async def replace(self, order: Order, replacement: Order, token: GateToken) -> Ack:
        """Replace the working `order` by `replacement`; raises as `submit` does.

        `replacement` is an order of its own: its quantity is what is wanted from now on,
        whatever the old one had filled; refused when more than `order.filled` was filled, for
        it would ask for that part again. On success the venue reports REPLACED for the old
        and WORKING for the new one.
        """
        ...

    async def cancel(self, order: Order) -> None:
        """Ask for cancellation; the outcome arrives as an event. Raises BrokerError."""
        ...

    async def cancel_all(self) -> None:
        """Ask for cancellation of everything open. Raises BrokerError."""
        ...

    async def account(self) -> Account:
        """Money now. Raises BrokerError; a failed query is never an empty answer."""
        ...

    async def positions(self) -> Sequence[BrokerPosition]:
        """What is held now. Raises BrokerError."""
        ...

    async def open_orders(self) -> Sequence[BrokerOrder]:
        """What is open now, made here or elsewhere. Raises BrokerError.

        One that can't be made out is listed all the same, as `unreadable`: an order that is
        left out would look cancelled, and the account flat.
        """
        ...

    async def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """Ask for one order, open or ended, by its client order id.

        None when the venue does not know it (yet), which proves nothing. One that has ended and
        can't be made out comes as `unreadable`, its report being true: it may have traded.
        Raises BrokerError when the question could not be answered.
        """
        ...

    async def executions(self, since_ns: int) -> Sequence[ExecutionReport]:
        """What was traded since `since_ns`, oldest first. Raises BrokerError.

        One that can't be made out is listed all the same, as `unreadable`, and spoils no other.
        """
        ...


@runtime_checkable
class MarketAware(Protocol):
    """A broker that simulates the venue and so must see the quotes that were really seen."""

    def on_instrument(self, instrument: Instrument) -> None:
        """Learn the price and size grid of a listed instrument, before its first quote."""
        ...

    def on_quote(self, quote: Quote) -> None:
        """Match against `quote`; called for each quote the book accepted."""
        ...

    def on_status(self, status: TradingStatus) -> None:
        """A halted symbol fills nothing until it resumes."""
        ...


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came or went without a trade, and is a result: `amount` is negative for a fee.

    `taken_back` says that the venue struck it out: none of it counts, whatever was told before.
    Where `unreadable` says what could not be made out, nothing of it is booked, and it is named
    to a person as long as the venue tells it so.
    """

    charge_id: str
    amount: Decimal
    text: str
    currency: str = "USD"
    taken_back: bool = False
    unreadable: str = ""


@runtime_checkable
class Settling(Protocol):
    """A broker whose fees come after the fill, or that pays dividends and interest."""

    async def charges(self, since_ns: int) -> Sequence[Charge]:
        """What came and went since that day, oldest first, without deposits. Raises BrokerError.

        One that can't be made out is listed all the same, and spoils no other.
        """
        ...


class TradingHours(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which the broker's market opens; the regular session, in ns UTC."""

    day: date
    open_ns: int
    close_ns: int


@runtime_checkable
class Scheduling(Protocol):
    """A broker that can be asked when its market is open: it knows of a day that nobody planned."""

    async def trading_hours(self, first: date, last: date) -> Sequence[TradingHours]:
        """The trading days from `first` to `last`, both included. Raises BrokerError."""
        ...


@runtime_checkable
class Charging(Protocol):
    """A broker that can say beforehand what an order will cost in fees."""

    def fee_of(self, intent: OrderIntent) -> Decimal | None:
        """Fees when all of it fills, in the account's currency; None when it can't tell."""
        ...


@runtime_checkable
class Offering(Protocol):
    """A broker that takes orders with `OrderIntent.venue`, and does what those terms say.

    Of any other broker none is asked for: the gate denies such an order. The orders that a
    bracket, an OCO or an OTO order brings along have ids of the venue's making; they are listed
    and reported as orders of their own, with `BrokerOrder.venue` telling what they belong to.
    """

    @property
    def offers(self) -> frozenset[Feature]:
        """Which of the terms it can send."""
        ...


def hold_back_terms(order: Order, offers: frozenset[Feature] = frozenset()) -> None:
    """For adapters, before the first byte: raise NotSentError for terms that are not offered.

    The gate denies such an order before; an adapter that dropped a term would send another order.
    """
    terms = order.intent.venue
    missing = "" if terms is None else ", ".join(sorted(terms.features - offers))
    if missing:
        raise NotSentError(
            f"{order.client_order_id} asks for {missing}",
            user_text=f"The broker does not take {missing}. The order was not sent.",
        )


@runtime_checkable
class Listing(Protocol):
    """A broker that can be asked what it knows of symbols, e.g. whether they can be borrowed."""

    async def instruments(self, symbols: Sequence[str]) -> Sequence[Instrument]:
        """What it knows now; symbols that it does not list are left out. Raises BrokerError."""
        ...

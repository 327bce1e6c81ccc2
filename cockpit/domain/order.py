"""Orders: what was asked for, where it stands, and the roads between the states."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

import msgspec

from cockpit.domain.errors import DomainError, IllegalTransitionError
from cockpit.domain.protection import Protection
from cockpit.domain.values import ZERO, not_empty, not_negative, positive
from cockpit.domain.venue_terms import VenueTerms

MANUAL = "manual"
FLATTEN = "flatten"
"""Strategy names of a person's own orders; FLATTEN may close even while trading is halted."""

EXTERNAL = "external"
"""Strategy name of an order that was made elsewhere and taken in."""


class Side(StrEnum):
    """Buy or sell; `sign` is +1 or -1."""

    BUY = "buy"
    SELL = "sell"

    sign: int
    """+1 for a buy, -1 for a sell."""

    def __init__(self, value: str) -> None:
        self.sign = 1 if value == "buy" else -1

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How the price is bound."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"

    @property
    def needs_limit(self) -> bool:
        """True when a limit price belongs to it."""
        return self in (OrderType.LIMIT, OrderType.STOP_LIMIT)

    @property
    def needs_stop(self) -> bool:
        """True when a stop price belongs to it."""
        return self in (OrderType.STOP, OrderType.STOP_LIMIT)


class TimeInForce(StrEnum):
    """How long it stands."""

    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"


class OrderState(StrEnum):
    """The full vocabulary. DENIED is ours, REJECTED the venue's, UNKNOWN is sent, no answer."""

    DRAFT = "draft"
    PENDING_APPROVAL = "pending_approval"
    APPROVED = "approved"
    DENIED = "denied"
    RESERVED = "reserved"
    SENDING = "sending"
    ACKED = "acked"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    WORKING = "working"
    HELD = "held"
    SUSPENDED = "suspended"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REPLACED = "replaced"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"

    @property
    def terminal(self) -> bool:
        """True when no road leads on."""
        return self in TERMINAL

    @property
    def at_venue(self) -> bool:
        """True while the venue may still fill it, as far as anyone knows."""
        return self in AT_VENUE


_S = OrderState
TERMINAL = frozenset({_S.DENIED, _S.REJECTED, _S.FILLED, _S.CANCELED, _S.EXPIRED, _S.REPLACED})
_RESTING = frozenset({_S.WORKING, _S.HELD, _S.SUSPENDED, _S.PARTIALLY_FILLED})
_ENDINGS = frozenset({_S.REJECTED, _S.FILLED, _S.CANCELED, _S.EXPIRED, _S.REPLACED})
_PENDING = frozenset({_S.PENDING_CANCEL, _S.PENDING_REPLACE})
AT_VENUE = frozenset({_S.SENDING, _S.UNKNOWN, _S.ACKED}) | _RESTING | _PENDING
_FROM_VENUE = _RESTING | _ENDINGS | _PENDING

TRANSITIONS: Mapping[OrderState, frozenset[OrderState]] = {
    _S.DRAFT: frozenset({_S.PENDING_APPROVAL, _S.APPROVED, _S.DENIED}),
    _S.PENDING_APPROVAL: frozenset({_S.APPROVED, _S.DENIED}),
    _S.APPROVED: frozenset({_S.RESERVED, _S.DENIED}),
    _S.RESERVED: frozenset({_S.SENDING, _S.DENIED}),
    # DENIED here: our own door refused the token, so not a byte went out.
    _S.SENDING: frozenset({_S.ACKED, _S.REJECTED, _S.UNKNOWN, _S.DENIED}),
    _S.UNKNOWN: frozenset({_S.ACKED}) | _RESTING | _ENDINGS,
    _S.ACKED: _FROM_VENUE,
    _S.WORKING: _FROM_VENUE - {_S.WORKING},
    _S.HELD: _FROM_VENUE - {_S.HELD},
    _S.SUSPENDED: _FROM_VENUE - {_S.SUSPENDED},
    _S.PARTIALLY_FILLED: _FROM_VENUE - {_S.WORKING},
    _S.PENDING_CANCEL: frozenset({_S.ACKED}) | _RESTING | _ENDINGS,
    _S.PENDING_REPLACE: frozenset({_S.ACKED, _S.PENDING_CANCEL}) | _RESTING | _ENDINGS,
} | {state: frozenset[OrderState]() for state in TERMINAL}


class OrderIntent(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to trade, before it is an order.

    `intent_id` names the wish itself: the same id twice is the same wish. `strategy`
    is "manual" for a person. `planned_stop` and `planned_target` are prices that freeze
    the initial risk at entry; None when not planned. `note` is the proposer's reason.
    `protection` are the exits that the core shall hold for what this order opens. `protects`
    names the protection that this order itself is an exit of; such an order may only reduce.
    `tactic` is which of the strategy's ways it was, for the journal.
    `venue` is what the venue itself shall do with it.
    """

    intent_id: str
    account_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY
    strategy: str = "manual"
    planned_stop: Decimal | None = None
    planned_target: Decimal | None = None
    note: str = ""
    protection: Protection | None = None
    protects: str = ""
    tactic: str = ""
    venue: VenueTerms | None = None

    def __post_init__(self) -> None:
        """Refuse what no venue could read: sizes and prices must be positive and belong."""
        for what in ("intent_id", "account_id", "symbol", "strategy"):
            not_empty(getattr(self, what), what)
        positive(self.quantity, "quantity")
        _belongs(self.limit_price, self.type.needs_limit, "limit price", self.type)
        _belongs(self.stop_price, self.type.needs_stop, "stop price", self.type)
        for price, what in ((self.planned_stop, "stop"), (self.planned_target, "target")):
            if price is not None:
                positive(price, f"planned {what}")
        if self.protection is not None:
            if self.protects:
                raise DomainError("an exit needs no protection of its own")
            self.protection.check(self.side, self.limit_price or self.stop_price)
        if self.venue is not None and self.strategy != EXTERNAL:
            if self.venue.prices and (self.protection is not None or self.protects):
                raise DomainError("exits are held here or at the venue, not at both")
            self.venue.check(self)


def _belongs(price: Decimal | None, needed: bool, what: str, order_type: OrderType) -> None:
    if needed != (price is not None):
        verb = "needs a" if needed else "takes no"
        raise DomainError(f"a {order_type.value.replace('_', ' ')} order {verb} {what}")
    if price is not None:
        positive(price, what)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order and where it stands. A change is a new Order with a higher `version`.

    `filled` is the cumulative filled quantity, `average_price` the mean fill price
    weighted by quantity (None before the first fill). `reason_code` and `reason_text`
    belong to the last transition. Times are nanoseconds UTC.
    """

    client_order_id: str
    intent: OrderIntent
    state: OrderState = OrderState.DRAFT
    venue_order_id: str | None = None
    filled: Decimal = ZERO
    average_price: Decimal | None = None
    reason_code: str = ""
    reason_text: str = ""
    replaces: str | None = None
    created_ns: int = 0
    updated_ns: int = 0
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse an order without an id, and fills that aren't numbers."""
        not_empty(self.client_order_id, "client order id")
        not_negative(self.filled, "filled quantity")
        if self.average_price is not None:
            positive(self.average_price, "average price")

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        return self.intent.symbol

    @property
    def remaining(self) -> Decimal:
        """What may still be filled, never below zero."""
        if not self.filled:
            return self.intent.quantity
        left = self.intent.quantity - self.filled
        return left if left > ZERO else ZERO  # noqa: FURB136 -- five times as fast as max

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that an approval or a gate token binds: ids, size, prices, exits."""
        i = self.intent
        parts = (
            self.client_order_id,
            i.account_id,
            i.strategy,
            i.symbol,
            i.side,
            i.type,
            i.quantity,
            i.limit_price,
            i.stop_price,
            i.tif,
            i.protection,
            i.protects,
            *(() if i.venue is None else (i.venue,)),
        )
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()

    def moved_to(self, state: OrderState, now_ns: int, *, code: str = "", text: str = "") -> Order:
        """The order in its next state.

        Raises IllegalTransitionError when the table has no such road.
        """
        if state not in TRANSITIONS[self.state]:
            raise IllegalTransitionError(
                f"{self.client_order_id}: {self.state.value} -> {state.value}",
                user_text=f"The order {self.client_order_id} on {self.symbol} is "
                f"{self.state.value} and can't become {state.value}.",
            )
        return msgspec.structs.replace(
            self,
            state=state,
            reason_code=code,
            reason_text=text,
            updated_ns=now_ns,
            version=self.version + 1,
        )

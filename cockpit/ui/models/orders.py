"""Orders as data: columns, the look of each state, and the rows of the order book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cockpit.domain.order import EXTERNAL, Order, OrderState, OrderType, Side
from cockpit.trading.orders import OrderBook
from cockpit.ui.models.columns import Align, Column, Look, Mark, Row, muted
from cockpit.ui.models.order_terms import terms_of
from cockpit.ui.models.prices import exact
from cockpit.ui.theme import FontRole
from cockpit.ui.theme.format import age, new_york_time, number, price, quantity

STATE_LOOKS: dict[OrderState, Look] = {
    OrderState.DRAFT: Look("Draft", "muted", Mark.RING),
    OrderState.PENDING_APPROVAL: Look("Needs approval", "warning", Mark.RING),
    OrderState.APPROVED: Look("Approved", "accent", Mark.RING),
    OrderState.DENIED: Look("Denied by gate", "critical", Mark.CROSS),
    OrderState.RESERVED: Look("Reserved", "accent", Mark.RING),
    OrderState.SENDING: Look("Sending", "accent", Mark.RING),
    OrderState.ACKED: Look("Acknowledged", "accent", Mark.DOT),
    OrderState.REJECTED: Look("Rejected by venue", "critical", Mark.CROSS),
    OrderState.UNKNOWN: Look("Unknown", "critical", Mark.QUESTION),
    OrderState.WORKING: Look("Working", "accent", Mark.DOT),
    OrderState.HELD: Look("Held", "warning", Mark.PAUSE),
    OrderState.SUSPENDED: Look("Suspended", "warning", Mark.PAUSE),
    OrderState.PARTIALLY_FILLED: Look("Part filled", "accent", Mark.HALF),
    OrderState.FILLED: Look("Filled", "text", Mark.CHECK),
    OrderState.CANCELED: Look("Cancelled", "muted", Mark.CROSS),
    OrderState.EXPIRED: Look("Expired", "muted", Mark.CROSS),
    OrderState.REPLACED: Look("Replaced", "muted", Mark.CHECK),
    OrderState.PENDING_CANCEL: Look("Cancelling", "warning", Mark.RING),
    OrderState.PENDING_REPLACE: Look("Replacing", "warning", Mark.RING),
}
_DENIED = Look("Denied", "critical", Mark.CROSS)
# What no control of the gate denied; every other code of a denied order is the gate's.
_DENIED_BY_OTHERS: dict[str, Look] = {
    "APPROVAL_KILLED": Look("Killed", "muted", Mark.CROSS),
    "APPROVAL_EXPIRED": Look("Expired unapproved", "muted", Mark.CROSS),
    "AUTONOMY_DISARMED": _DENIED,
    "AUTONOMY_MANUAL": _DENIED,
    "STORE_REFUSED": _DENIED,
}
TYPE_WORDS: dict[OrderType, str] = {
    OrderType.MARKET: "MKT",
    OrderType.LIMIT: "LMT",
    OrderType.STOP: "STP",
    OrderType.STOP_LIMIT: "STP LMT",
}
SECOND = 1_000_000_000
ELSEWHERE = "from elsewhere"
_SHOWN_AS_OPEN = {OrderState.PENDING_APPROVAL, OrderState.APPROVED, OrderState.RESERVED}

_CHANGEABLE = {
    OrderState.ACKED, OrderState.WORKING, OrderState.HELD, OrderState.SUSPENDED,
    OrderState.PARTIALLY_FILLED,
}  # fmt: skip


def is_open(order: Order) -> bool:
    """True while the order can still lead to a fill."""
    return order.state.at_venue or order.state in _SHOWN_AS_OPEN


def can_cancel(order: Order) -> bool:
    """True when a cancel would ask the venue for something it has not been asked yet."""
    return order.state.at_venue and order.state is not OrderState.PENDING_CANCEL


def can_change(order: Order) -> bool:
    """True while a working order of ours has a price that the broker could replace."""
    priced = order.intent.type is not OrderType.MARKET
    ours = order.intent.strategy != EXTERNAL and not order.intent.protects
    return priced and ours and order.state in _CHANGEABLE


def can_move(order: Order) -> bool:
    """True when a price of it may be dragged on the chart; the core's own stops may, too."""
    held_stop = bool(order.intent.protects) and order.intent.stop_price is not None
    return can_change(order) or (held_stop and order.state in _CHANGEABLE)


def look_of(order: Order) -> Look:
    """Its state's look; a denied order's tells a person's no and a lapse from the gate's.

    One without an answer says since when.
    """
    look = STATE_LOOKS[order.state]
    if order.state is OrderState.UNKNOWN:
        return look._replace(text=f"Unknown since {new_york_time(order.updated_ns, seconds=False)}")
    if order.state is not OrderState.DENIED:
        return look
    return _DENIED_BY_OTHERS.get(order.reason_code, look)


def _symbol(name: tuple[str, bool]) -> str:
    return name[0]


def _symbol_mark(name: tuple[str, bool]) -> Mark | None:
    return Mark.ELSEWHERE if name[1] else None


def _side(side: Side) -> str:
    return side.value.upper()


def _side_role(side: Side) -> str:
    return "up" if side is Side.BUY else "down"


def _side_mark(side: Side) -> Mark:
    return Mark.UP if side is Side.BUY else Mark.DOWN


def _type(order_type: OrderType) -> str:
    return TYPE_WORDS[order_type]


def _state(look: Look) -> str:
    return look.text


def _state_role(look: Look) -> str:
    return look.role


def _state_mark(look: Look) -> Mark | None:
    return look.mark


def _blank_price(value: float | None) -> str:
    return "" if value is None else number(value)


def columns() -> tuple[Column, ...]:
    """Time, symbol, side, type, terms, quantity, filled, prices, state, reason, strategy."""
    return (
        Column("time", "Time", new_york_time, "00:00:00", Align.LEFT, muted, drop=2,
               hint="When the order was made, New York time"),
        Column("symbol", "Symbol", _symbol, "AAAAA", Align.LEFT, mark=_symbol_mark,
               font=FontRole.STRONG, hint="A diamond marks an order that was made elsewhere"),
        Column("side", "Side", _side, "SELL", Align.LEFT, _side_role, _side_mark),
        Column("type", "Type", _type, "STP LMT", Align.LEFT, muted, drop=4),
        Column("terms", "Terms", sample="Core exits, GTC", align=Align.LEFT, role=muted, drop=6,
               hint="Who holds its exits, whether it trails, its hours and how long it stands"),
        Column("quantity", "Qty", quantity, "0,000"),
        Column("filled", "Filled", quantity, "0,000", flash=True, drop=1),
        Column("limit", "Limit", exact, "000.00", drop=3),
        Column("stop", "Stop", exact, "000.00", drop=3),
        Column("average", "Avg fill", _blank_price, "000.00", role=muted, drop=7,
               hint="Mean fill price weighted by quantity"),
        Column("state", "State", _state, "Unknown since 00:00", Align.LEFT, _state_role,
               _state_mark, sort=_state, flash=True),
        Column("reason", "Reason", sample="outside the price collar", align=Align.LEFT, role=muted,
               stretch=True, drop=5, hint="Why the last step was taken"),
        Column("strategy", "Strategy", sample="opening-range-breakout", align=Align.LEFT,
               role=muted, drop=8),
    )  # fmt: skip


class OrderRows:
    """Newest first; the open ones only while `only_open`."""

    def __init__(self, orders: OrderBook, now_ns: Callable[[], int]) -> None:
        self._orders = orders
        self._now_ns = now_ns
        self._cached: tuple[int, bool, list[str]] | None = None
        self.only_open = True

    def keys(self) -> list[str]:
        """Client order ids; made anew only when an order changed."""
        state = (self._orders.version, self.only_open)
        if self._cached is None or self._cached[:2] != state:
            chosen = [o for o in self._orders.all() if is_open(o) or not self.only_open]
            chosen.sort(key=lambda o: o.created_ns, reverse=True)
            self._cached = (*state, [o.client_order_id for o in chosen])
        return self._cached[2]

    def row(self, key: str) -> Row:
        """The order now. Raises KeyError when it is gone."""
        order = self._orders.get(key)
        if order is None:
            raise KeyError(key)
        intent, look = order.intent, look_of(order)
        reason = reason_of(order, self._now_ns())
        elsewhere = intent.strategy == EXTERNAL
        terms, whole = terms_of(order)
        values: tuple[Any, ...] = (
            order.created_ns,
            (intent.symbol, elsewhere),
            intent.side,
            intent.type,
            terms,
            intent.quantity,
            order.filled,
            intent.limit_price,
            intent.stop_price,
            _float(order.average_price),
            look,
            reason,
            ELSEWHERE if elsewhere else intent.strategy,
        )
        return Row(values, tip=_tip(order, look, reason, whole))

    def order(self, key: str) -> Order | None:
        """The order behind a row."""
        return self._orders.get(key)

    def all_keys(self) -> list[str]:
        """Ids of every order of the day, whatever the filter."""
        return [order.client_order_id for order in self._orders.all()]

    def unknown(self) -> bool:
        """True while an order is without an answer: its row tells for how long."""
        return any(o.state is OrderState.UNKNOWN for o in self._orders.open())

    def open_count(self) -> int:
        """How many are open."""
        return sum(map(is_open, self._orders.all()))


def reason_of(order: Order, now_ns: int) -> str:
    """The reason of the last transition in words, its code when there are none, else the note.

    Of an order without an answer, since when.
    """
    if order.state is OrderState.UNKNOWN:
        since = order.updated_ns
        return f"No answer since {new_york_time(since)}, {age((now_ns - since) / SECOND)}"
    known = order.reason_text or order.reason_code or order.intent.note
    return known or (ELSEWHERE.capitalize() if order.intent.strategy == EXTERNAL else "")


def _tip(order: Order, look: Look, reason: str, terms: str) -> str:
    lines = [f"{look.text}: {reason}" if reason else "", terms]
    if order.state is OrderState.UNKNOWN:
        lines += [order.reason_text, "After 60 s you can state that it is not at the broker."]
    if order.intent.strategy == EXTERNAL:
        lines.append("Made elsewhere, not here; it counts in your limits and can be cancelled.")
    return "\n".join(filter(None, lines))


def describe(order: Order) -> str:
    """The order in one line, e.g. `BUY 100 AAPL LMT 157.20`."""
    intent = order.intent
    prices = filter(None, map(exact, (intent.stop_price, intent.limit_price)))
    words = (_side(intent.side), quantity(intent.quantity), intent.symbol, _type(intent.type))
    return " ".join((*words, *prices))


def outcome_of(order: Order) -> str:
    """Where the order stands, in words that end: `filled at 157.23.`, a refusal with its reason."""
    refused = order.state in (OrderState.DENIED, OrderState.REJECTED)
    why = f" {order.reason_text}" if refused else ""
    at = f" at {price(order.average_price)}" if order.average_price is not None else ""
    return f"{look_of(order).text.lower()}{at}.{why}"


def _float(value: Any) -> float | None:
    return None if value is None else float(value)

"""Alpaca's words in ours. What can't be read is never guessed: it raises UnreadableError."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import msgspec

from cockpit.adapters.brokers.alpaca.families import ALONE, Family
from cockpit.adapters.brokers.alpaca.faults import UnreadableError
from cockpit.adapters.brokers.alpaca.wire import (
    WireAccount,
    WireActivity,
    WireBroken,
    WireName,
    WireOrder,
    WirePosition,
    WireUpdate,
    price_or_none,
)
from cockpit.adapters.brokers.bodies import ns_of, number
from cockpit.domain.account import Account, Mode, masked
from cockpit.domain.errors import DomainError
from cockpit.domain.order import OrderState, OrderType, Side, TimeInForce
from cockpit.domain.values import ZERO
from cockpit.domain.venue_terms import VenueTerms
from cockpit.ports.broker import (
    BrokerOrder,
    BrokerPosition,
    BustReport,
    ExecutionReport,
    OrderReport,
)

Report = OrderReport | ExecutionReport | BustReport
W = TypeVar("W")
_S = OrderState

STATES: Mapping[str, OrderState] = {
    "pending_new": _S.ACKED,
    "accepted": _S.ACKED,
    "accepted_for_bidding": _S.ACKED,
    "pending_review": _S.ACKED,
    "new": _S.WORKING,
    "stopped": _S.WORKING,  # a trade is guaranteed and has not happened yet
    "partially_filled": _S.PARTIALLY_FILLED,
    "filled": _S.FILLED,
    "held": _S.HELD,
    "suspended": _S.SUSPENDED,
    "calculated": _S.SUSPENDED,  # done for today, its account not settled yet
    "done_for_day": _S.SUSPENDED,
    "pending_cancel": _S.PENDING_CANCEL,
    "pending_replace": _S.PENDING_REPLACE,
    "canceled": _S.CANCELED,
    "expired": _S.EXPIRED,
    "replaced": _S.REPLACED,
    "rejected": _S.REJECTED,
}
_TYPES = {
    "market": OrderType.MARKET,
    "limit": OrderType.LIMIT,
    "stop": OrderType.STOP,
    "stop_limit": OrderType.STOP_LIMIT,
    "trailing_stop": OrderType.STOP,  # its stop price is where the stop stands now
}
_TIFS = {
    "day": TimeInForce.DAY,
    "opg": TimeInForce.DAY,
    "cls": TimeInForce.DAY,
    "gtc": TimeInForce.GTC,
    "ioc": TimeInForce.IOC,
    "fok": TimeInForce.IOC,
}
_SIDES = {"buy": Side.BUY, "sell": Side.SELL, "sell_short": Side.SELL}
_TRADED = ("fill", "partial_fill")
_PLAIN = frozenset(
    {
        "accepted",
        "calculated",
        "canceled",
        "done_for_day",
        "expired",
        "held",
        "new",
        "order_cancel_rejected",
        "order_replace_rejected",
        "pending_cancel",
        "pending_new",
        "pending_replace",
        "rejected",
        "replaced",
        "stopped",
        "suspended",
    }
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What an update means. `doubt` says what of it could not be used: then compare the books."""

    reports: tuple[Report, ...]
    doubt: str = ""


def account(wire: WireAccount, account_id: str, mode: Mode, now_ns: int) -> Account:
    """The money figures, under the name the account has here."""
    try:
        return Account(
            account_id=account_id,
            mode=mode,
            cash=wire.cash,
            equity=wire.equity,
            buying_power=wire.buying_power,
            currency=wire.currency,
            ts_event=now_ns,
            key_fingerprint=f"alpaca:{mode.value}:{_hashed(wire.id)}",
            margin=None if wire.multiplier is None else wire.multiplier > 1,
            day_trades=wire.daytrade_count,
            number=masked(wire.account_number),
        )
    except DomainError as error:
        raise UnreadableError(str(error)) from error


def why_no_trading(wire: WireAccount) -> str:
    """Why the venue lets this account trade nothing; empty when it does."""
    if wire.status not in ("ACTIVE", "ACCOUNT_UPDATED"):
        return f"its status is {wire.status}"
    if wire.account_blocked or wire.trading_blocked:
        return "it is blocked"
    return "its owner has suspended trading" if wire.trade_suspended_by_user else ""


def position(wire: WirePosition) -> BrokerPosition:
    """What is held, signed."""
    quantity = abs(number(wire.qty, f"the quantity of {wire.symbol}"))
    return BrokerPosition(
        symbol=_name(wire.symbol),
        quantity=-quantity if wire.side == "short" or wire.qty < 0 else quantity,
        average_cost=number(wire.avg_entry_price, f"the cost of {wire.symbol}"),
    )


def report(wire: WireOrder) -> OrderReport:
    """Where an order stands; an unknown word for it proves only that the venue has it."""
    return OrderReport(
        client_order_id=wire.client_order_id,
        venue_order_id=wire.id,
        state=STATES.get(wire.status, _S.ACKED),
        ts_event=ns_of(wire.updated_at or wire.submitted_at),
        filled=ZERO if wire.filled_qty is None else number(wire.filled_qty, "the filled quantity"),
        average_price=price_or_none(wire.filled_avg_price),
        reason="The broker rejected it after taking it in." if wire.status == "rejected" else "",
    )


def order(wire: WireOrder, family: Family = ALONE, ahead_ns: int = 0) -> BrokerOrder:
    """An order with its terms, in the nearest words this program has.

    `ahead_ns` is how far the venue's clock is ahead of ours.
    """
    type_ = _word(_TYPES, wire.type, "a type")
    limit, stop = price_or_none(wire.limit_price), price_or_none(wire.stop_price)
    if (type_.needs_limit and limit is None) or (type_.needs_stop and stop is None):
        raise UnreadableError(f"{wire.client_order_id}: a {wire.type} order without its price")
    if not wire.symbol:
        raise UnreadableError(f"{wire.client_order_id} names no symbol")
    return BrokerOrder(
        report=report(wire),
        symbol=_name(wire.symbol),
        side=_word(_SIDES, wire.side, "a side"),
        type=type_,
        quantity=_quantity(wire),
        limit_price=limit if type_.needs_limit else None,
        stop_price=stop if type_.needs_stop else None,
        tif=_word(_TIFS, wire.time_in_force, "a time in force"),
        venue=_at_venue(wire, family),
        submitted_ns=came_in_ns(wire, ahead_ns),
    )


def came_in_ns(wire: WireOrder, ahead_ns: int) -> int:
    """When the venue took it in, at the latest, by our clock; 0 when it does not tell."""
    told = [ns_of(at) for at in (wire.submitted_at, wire.created_at) if at]
    return max(told) - ahead_ns if told else 0


def _at_venue(wire: WireOrder, family: Family) -> VenueTerms | None:
    """What of an order the venue does itself; its exits are orders of their own by now."""
    percent = price_or_none(wire.trail_percent)
    try:
        terms = VenueTerms(
            trail=price_or_none(wire.trail_price),
            trail_fraction=None if percent is None else percent / 100,
            extended_hours=bool(wire.extended_hours),
            group=family.group,
            parent=family.parent,
        )
    except DomainError as error:
        raise UnreadableError(f"{wire.client_order_id}: {error}") from error
    return None if terms == VenueTerms() else terms


def named(wire: WireOrder | WireName, why: str) -> BrokerOrder:
    """An order that can't be made out: that it is there, and what to call it.

    Raises UnreadableError when not even its symbol is known.
    """
    if not wire.symbol:
        raise UnreadableError(f"{wire.client_order_id}: {why}")
    return BrokerOrder(
        report=OrderReport(
            client_order_id=wire.client_order_id,
            venue_order_id=wire.id,
            state=_S.ACKED,
            ts_event=ns_of(wire.submitted_at),
        ),
        symbol=_name(wire.symbol),
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(1),
        unreadable=why,
    )


def ended(wire: WireOrder, why: str) -> BrokerOrder:
    """An order that is over and can't be made out, as a leg of an option spread: how it ended."""
    return msgspec.structs.replace(named(wire, why), report=report(wire))


def is_open(wire: WireOrder) -> bool:
    """True unless the order has ended for certain."""
    state = STATES.get(wire.status)
    return state is None or not state.terminal


def may_change(wire: WireOrder) -> bool:
    """True for a working order of which nothing was filled yet."""
    return not wire.filled_qty and wire.status in ("new", "accepted", "held", "pending_new")


def activity(wire: WireActivity, client_order_id: str) -> ExecutionReport:
    """An execution from the account's activities."""
    return _execution(
        ExecutionReport(
            execution_id=wire.id.rpartition("::")[2],
            client_order_id=client_order_id,
            venue_order_id=wire.order_id,
            symbol=_name(wire.symbol),
            side=_word(_SIDES, wire.side, "a side"),
            quantity=wire.qty,
            price=wire.price,
            fee=ZERO,
            cumulative=wire.cum_qty,
            ts_event=ns_of(wire.transaction_time),
        )
    )


def broken(wire: WireBroken, client_order_id: str) -> ExecutionReport:
    """An execution that can't be made out: that it is there, and what to call it."""
    return ExecutionReport(
        execution_id=wire.id.rpartition("::")[2] or "one without an id",
        client_order_id=client_order_id,
        venue_order_id=wire.order_id,
        symbol=_name(wire.symbol),
        side=Side.BUY,
        quantity=ZERO,
        price=ZERO,
        fee=ZERO,
        cumulative=ZERO,
        ts_event=0,
        unreadable=wire.why,
    )


def heard(wire: WireUpdate, family: Family = ALONE) -> Heard:
    """What an order update means here. Raises UnreadableError."""
    if wire.event in _TRADED:
        traded = _execution(
            ExecutionReport(
                execution_id=wire.execution_id or f"{wire.order.id}-{wire.order.filled_qty}",
                client_order_id=wire.order.client_order_id,
                venue_order_id=wire.order.id,
                symbol=_name(wire.order.symbol or ""),
                side=_word(_SIDES, wire.order.side, "a side"),
                quantity=number(wire.qty, "a traded quantity"),
                price=number(wire.price, "a price"),
                fee=ZERO,
                cumulative=number(wire.order.filled_qty, "the filled quantity"),
                ts_event=ns_of(wire.timestamp),
                venue=None if family == ALONE else _belonging(family),
            )
        )
        return Heard((traded, report(wire.order)), _doubt(wire.order))
    if wire.event == "trade_bust":
        return _busted(wire)
    if wire.event not in _PLAIN:
        return Heard((report(wire.order),), f"the broker told of {wire.event!r}")
    return Heard((report(wire.order),), _doubt(wire.order))


def _belonging(family: Family) -> VenueTerms:
    return VenueTerms(group=family.group, parent=family.parent)


def _busted(wire: WireUpdate) -> Heard:
    name = wire.previous_execution_id or wire.execution_id
    if not name:
        raise UnreadableError("a bust names no execution")
    bust = BustReport(
        execution_id=name,
        client_order_id=wire.order.client_order_id,
        ts_event=ns_of(wire.timestamp),
    )
    return Heard((bust,), "the broker took an execution back")


def _name(symbol: str) -> str:
    """Orders and fills call a pair of coins BTC/USD, positions BTCUSD: one name for both."""
    return symbol.replace("/", "")


def _hashed(account: str) -> str:
    """Tells accounts apart without telling the account."""
    return hashlib.sha256(account.encode()).hexdigest()[:16]


def _doubt(wire: WireOrder) -> str:
    return "" if wire.status in STATES else f"the broker calls an order {wire.status!r}"


def _execution(made: ExecutionReport) -> ExecutionReport:
    numbers = (made.quantity, made.price, made.cumulative)
    if not all(n.is_finite() for n in numbers):
        raise UnreadableError(f"{made.execution_id}: {numbers}")
    if not (made.symbol and 0 < made.quantity <= made.cumulative and made.price > 0):
        raise UnreadableError(f"{made.execution_id} makes no sense: {made}")
    return made


def _quantity(wire: WireOrder) -> Decimal:
    """The quantity; of an order over a sum of money the most that it can become."""
    if wire.qty is not None:
        quantity = number(wire.qty, "the quantity")
    else:
        money = number(wire.notional, "quantity and notional")
        filled = wire.filled_qty or ZERO
        at = price_or_none(wire.filled_avg_price) or price_or_none(wire.limit_price)
        done = wire.status == "filled" and filled > 0
        quantity = filled if done else max(filled, money / at if at else money)
    if not quantity > 0:
        raise UnreadableError(f"{wire.client_order_id}: its quantity is {quantity}")
    return quantity


def _word(words: Mapping[str, W], word: str | None, what: str) -> W:
    found = words.get(word or "")
    if found is None:
        raise UnreadableError(f"{what} is {word!r}")
    return found

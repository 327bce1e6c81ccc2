"""Robinhood's words in ours. What can't be read is never guessed: it raises UnreadableError."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from itertools import accumulate
from typing import TypeVar

from cockpit.adapters.brokers.bodies import UnreadableError, ns_of, number
from cockpit.adapters.brokers.robinhood.wire import (
    WireAccount,
    WireBar,
    WireOrder,
    WirePortfolio,
    WirePosition,
    WireQuote,
)
from cockpit.domain.account import Account, Mode, masked
from cockpit.domain.errors import DomainError
from cockpit.domain.market import Bar, Quote
from cockpit.domain.order import OrderState, OrderType, Side, TimeInForce
from cockpit.domain.values import ZERO
from cockpit.ports.broker import BrokerOrder, BrokerPosition, ExecutionReport, OrderReport

K = TypeVar("K")
W = TypeVar("W")
_S = OrderState

STATES: Mapping[str, OrderState] = {
    "new": _S.ACKED,
    "queued": _S.ACKED,
    "unconfirmed": _S.ACKED,
    "confirmed": _S.WORKING,
    "partially_filled": _S.PARTIALLY_FILLED,
    "filled": _S.FILLED,
    "pending_cancelled": _S.PENDING_CANCEL,
    "canceled": _S.CANCELED,
    "cancelled": _S.CANCELED,
    "voided": _S.CANCELED,
    "expired": _S.EXPIRED,
    "rejected": _S.REJECTED,
    "failed": _S.REJECTED,
}
_TYPES = {
    ("market", "immediate"): OrderType.MARKET,
    ("limit", "immediate"): OrderType.LIMIT,
    ("market", "stop"): OrderType.STOP,
    ("limit", "stop"): OrderType.STOP_LIMIT,
}
_TIFS = {
    "gfd": TimeInForce.DAY,
    "gfw": TimeInForce.GTC,
    "gfm": TimeInForce.GTC,
    "gtc": TimeInForce.GTC,
    "opg": TimeInForce.DAY,
    "ioc": TimeInForce.IOC,
    "fok": TimeInForce.IOC,
}
_SIDES = {"buy": Side.BUY, "sell": Side.SELL, "sell_short": Side.SELL}


def is_open(wire: WireOrder) -> bool:
    """True unless the order has ended for certain; an unknown word for its state is no end."""
    state = STATES.get(wire.state)
    return state is None or not state.terminal


def account(
    wire: WireAccount, worth: WirePortfolio, account_id: str, mode: Mode, now_ns: int
) -> Account:
    """The money figures, under the name the account has here."""
    try:
        return Account(
            account_id=account_id,
            mode=mode,
            cash=wire.portfolio_cash,
            equity=worth.equity,
            buying_power=wire.buying_power,
            ts_event=now_ns,
            number=masked(wire.account_number),
            key_fingerprint=f"robinhood:{mode.value}:{_hashed(wire.account_number)}",
            margin=wire.type != "cash" if wire.type else None,
        )
    except DomainError as error:
        raise UnreadableError(str(error)) from error


def position(wire: WirePosition, symbol: str) -> BrokerPosition:
    """What is held."""
    return BrokerPosition(
        symbol=symbol,
        quantity=number(wire.quantity, f"the quantity of {symbol}"),
        average_cost=number(wire.average_buy_price, f"the cost of {symbol}"),
    )


def order(wire: WireOrder, symbol: str) -> BrokerOrder:
    """An order with its terms. Robinhood's own id is its only one: nothing is sent from here."""
    type_ = _word(_TYPES, (wire.type, wire.trigger), "a type")
    limit, stop = _price(wire.price), _price(wire.stop_price)
    if (type_.needs_limit and limit is None) or (type_.needs_stop and stop is None):
        raise UnreadableError(f"{wire.id}: a {wire.trigger} {wire.type} order without its price")
    filled = ZERO if wire.cumulative_quantity is None else wire.cumulative_quantity
    state = STATES.get(wire.state, _S.ACKED)
    return BrokerOrder(
        report=OrderReport(
            client_order_id=wire.id,
            venue_order_id=wire.id,
            state=_S.PARTIALLY_FILLED if state is _S.WORKING and filled else state,
            ts_event=ns_of(wire.updated_at),
            filled=number(filled, "the filled quantity"),
            average_price=_price(wire.average_price),
            reason=wire.reject_reason or "",
        ),
        symbol=symbol,
        side=_word(_SIDES, wire.side, "a side"),
        type=type_,
        quantity=_quantity(wire),
        limit_price=limit if type_.needs_limit else None,
        stop_price=stop if type_.needs_stop else None,
        tif=_word(_TIFS, wire.time_in_force, "a time in force"),
    )


def executions(wire: WireOrder, symbol: str) -> list[ExecutionReport]:
    """What was traded of an order, oldest first; its fees stand with the last part.

    Robinhood tells fees by the order, and only once it has ended.
    """
    traded = sorted(wire.executions, key=lambda e: (ns_of(e.timestamp), e.id))
    totals = accumulate(number(e.quantity, "a traded quantity") for e in traded)
    fees = wire.fees if wire.fees is not None and not is_open(wire) else ZERO
    last = len(traded) - 1
    made = [
        ExecutionReport(
            execution_id=part.id,
            client_order_id=wire.id,
            venue_order_id=wire.id,
            symbol=symbol,
            side=_word(_SIDES, wire.side, "a side"),
            quantity=part.quantity,
            price=number(part.price, "a price"),
            fee=number(fees, "the fees") if index == last else ZERO,
            cumulative=total,
            ts_event=ns_of(part.timestamp),
        )
        for index, (part, total) in enumerate(zip(traded, totals, strict=True))
    ]
    if any(not (e.quantity > 0 and e.price > 0) for e in made):
        raise UnreadableError(f"{wire.id}: an execution makes no sense")
    if made and wire.cumulative_quantity not in (None, made[-1].cumulative):
        raise UnreadableError(f"{wire.id}: its executions don't add up to what was filled")
    return made


def broken(wire: WireOrder, symbol: str, why: str) -> ExecutionReport:
    """Executions of an order that can't be made out: that they are there, by its name."""
    return ExecutionReport(
        execution_id=wire.id,
        client_order_id=wire.id,
        venue_order_id=wire.id,
        symbol=symbol,
        side=Side.BUY,
        quantity=ZERO,
        price=ZERO,
        fee=ZERO,
        cumulative=ZERO,
        ts_event=0,
        unreadable=why,
    )


def quote(wire: WireQuote, now_ns: int) -> Quote | None:
    """Bid and ask; None while there are not both."""
    sides = (wire.bid_price, wire.ask_price, wire.bid_size, wire.ask_size)
    if any(_price(side) is None for side in sides):
        return None
    bid, ask, bid_size, ask_size = (float(side or 0) for side in sides)
    try:
        return Quote(
            symbol=wire.symbol,
            bid=bid,
            ask=ask,
            bid_size=bid_size,
            ask_size=ask_size,
            ts_event=ns_of(wire.updated_at),
            ts_init=now_ns,
            source="robinhood",
        )
    except DomainError as error:
        raise UnreadableError(str(error)) from error


def bar(wire: WireBar, symbol: str, interval_s: int, now_ns: int) -> Bar:
    """One bar. Robinhood tells no average price: it is that of high, low and close."""
    high, low, close = (float(p) for p in (wire.high_price, wire.low_price, wire.close_price))
    try:
        return Bar(
            symbol=symbol,
            open=float(wire.open_price),
            high=high,
            low=low,
            close=close,
            volume=float(wire.volume),
            vwap=(high + low + close) / 3,
            trades=0,
            interval_s=interval_s,
            ts_event=ns_of(wire.begins_at),
            ts_init=now_ns,
        )
    except DomainError as error:
        raise UnreadableError(str(error)) from error


def _quantity(wire: WireOrder) -> Decimal:
    """The quantity; of an order over a sum of money the most that it can become."""
    if wire.quantity is not None:
        quantity = number(wire.quantity, "the quantity")
    else:
        filled = wire.cumulative_quantity or ZERO
        money = None if wire.dollar_based_amount is None else wire.dollar_based_amount.amount
        at = _price(wire.price) or _price(wire.average_price)
        asked = number(money, "quantity and amount") / at if at else ZERO
        quantity = max(filled, asked)
    if not quantity > 0:
        raise UnreadableError(f"{wire.id}: its quantity is {quantity}")
    return quantity


def _price(value: Decimal | None) -> Decimal | None:
    return value if value is not None and value.is_finite() and value > 0 else None


def _hashed(account_number: str) -> str:
    """Tells accounts apart without telling the account."""
    return hashlib.sha256(account_number.encode()).hexdigest()[:16]


def _word(words: Mapping[K, W], word: K, what: str) -> W:
    found = words.get(word)
    if found is None:
        raise UnreadableError(f"{what} is {word!r}")
    return found

"""Tidemark's words in ours. What can't be read is never guessed: it raises UnreadableError."""

from __future__ import annotations

import hashlib
from decimal import Decimal, InvalidOperation
from typing import Any

from cockpit.domain.account import Account, Mode
from cockpit.domain.order import Order, OrderState, OrderType, Side, TimeInForce
from cockpit.ports.broker import BrokerOrder, BrokerPosition, ExecutionReport, OrderReport

_S = OrderState
STATES = {
    "working": _S.WORKING,
    "part": _S.PARTIALLY_FILLED,
    "filled": _S.FILLED,
    "cancelled": _S.CANCELED,
    "replaced": _S.REPLACED,
}


class UnreadableError(Exception):
    """A body without what must be in it."""


def number(text: Any) -> Decimal:
    """An exact number; the venue writes them as text."""
    try:
        value = Decimal(text) if isinstance(text, str) else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise UnreadableError(f"a number is {text!r}")
    return value


def maybe(text: Any) -> Decimal | None:
    """A number that need not be there."""
    return None if text is None else number(text)


def body(order: Order) -> dict[str, Any]:
    """An order as the venue takes it in."""
    intent = order.intent
    return {
        "client_id": order.client_order_id,
        "symbol": intent.symbol,
        "side": intent.side.value,
        "type": intent.type.value,
        "quantity": str(intent.quantity),
        "limit": None if intent.limit_price is None else str(intent.limit_price),
        "stop": None if intent.stop_price is None else str(intent.stop_price),
        "tif": intent.tif.value,
    }


def report(said: dict[str, Any]) -> OrderReport:
    """Where an order stands; an unknown word for it proves only that the venue has it."""
    try:
        return OrderReport(
            client_order_id=said["client_id"],
            venue_order_id=said["id"],
            state=STATES.get(said["state"], _S.ACKED),
            ts_event=int(said["ts"]),
            filled=number(said["filled"]),
            average_price=maybe(said["average"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"an order: {error!r}") from error


def order(said: dict[str, Any]) -> BrokerOrder:
    """An order with its terms."""
    try:
        return BrokerOrder(
            report=report(said),
            symbol=said["symbol"],
            side=Side(said["side"]),
            type=OrderType(said["type"]),
            quantity=number(said["quantity"]),
            limit_price=maybe(said["limit"]),
            stop_price=maybe(said["stop"]),
            tif=TimeInForce(said["tif"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"an order: {error!r}") from error


def execution(said: dict[str, Any]) -> ExecutionReport:
    """A part that was traded; `cumulative` counts it in."""
    try:
        return ExecutionReport(
            execution_id=said["id"],
            client_order_id=said["client_id"],
            venue_order_id=said["order"],
            symbol=said["symbol"],
            side=Side(said["side"]),
            quantity=number(said["quantity"]),
            price=number(said["price"]),
            fee=number(said["fee"]),
            cumulative=number(said["cumulative"]),
            ts_event=int(said["ts"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"an execution: {error!r}") from error


def position(said: dict[str, Any]) -> BrokerPosition:
    """What is held, signed."""
    try:
        return BrokerPosition(
            symbol=said["symbol"],
            quantity=number(said["quantity"]),
            average_cost=number(said["cost"]),
        )
    except (KeyError, TypeError) as error:
        raise UnreadableError(f"a position: {error!r}") from error


def account(said: dict[str, Any], account_id: str, mode: Mode) -> Account:
    """Money. The fingerprint names environment and account, and is the same for a new key."""
    try:
        opens = hashlib.sha256(said["number"].encode()).hexdigest()[:16]
        return Account(
            account_id=account_id,
            mode=mode,
            cash=number(said["cash"]),
            equity=number(said["equity"]),
            buying_power=number(said["buying_power"]),
            ts_event=int(said["ts"]),
            key_fingerprint=f"tidemark:{mode.value}:{opens}",
        )
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise UnreadableError(f"an account: {error!r}") from error

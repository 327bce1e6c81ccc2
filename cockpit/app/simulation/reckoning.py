"""Sums made a second way, from other facts than the core's own, to compare with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, cast

import msgspec

from cockpit.app.simulation.process import ACCOUNT, Process
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderIntent, OrderType, Side
from cockpit.domain.values import ZERO, to_decimal

PROBE = Order(
    client_order_id="PROBE",
    intent=OrderIntent(
        intent_id="PROBE",
        account_id=ACCOUNT,
        symbol="AAA",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(1),
    ),
)


def reserved(process: Process) -> dict[str, Decimal]:
    """Worst money by symbol and side that all orders which may still trade may add."""
    groups: dict[tuple[str, Side], list[Order]] = {}
    for order in process.desk.orders.all():
        if order.state.at_venue and order.remaining > 0:
            groups.setdefault((order.symbol, order.intent.side), []).append(order)
    return {
        f"{symbol} {side.value}": _worst(process, symbol, side, group)
        for (symbol, side), group in groups.items()
    }


def reserved_by_gate(process: Process) -> dict[str, Decimal]:
    """The same as the gate reckons it."""
    situation = process.desk.situation
    commitments = situation.commitments(situation.beside(PROBE))
    return {f"{c.symbol} {c.side.value}": c.notional for c in commitments}


def _worst(process: Process, symbol: str, side: Side, group: list[Order]) -> Decimal:
    held = process.desk.portfolio.position(symbol).quantity
    asked = sum((order.remaining for order in group), ZERO)
    opens = asked - min(asked, max(ZERO, -held * side.sign))
    return opens * max((_price(process, order) for order in group), default=ZERO)


def _price(process: Process, order: Order) -> Decimal:
    intent, quote = order.intent, process.book.quote(order.symbol)
    if intent.side is Side.BUY and intent.limit_price is not None:
        return intent.limit_price
    prices = [p for p in (intent.limit_price, intent.stop_price) if p is not None]
    if quote is not None:
        prices.append(to_decimal(quote.ask if intent.side is Side.BUY else quote.bid))
    return max(prices, default=ZERO)


def cash(fills: Iterable[tuple[int, Decimal, Decimal, Decimal]]) -> Decimal:
    """Money that fills (sign, quantity, price, fee) have moved."""
    return sum((-sign * quantity * price - fee for sign, quantity, price, fee in fills), ZERO)


def cash_of_fills(fills: Iterable[Fill]) -> Decimal:
    """Money that our fills have moved."""
    return cash((f.side.sign, f.quantity, f.price, f.fee) for f in fills)


def differences(before: bytes, after: bytes) -> str:
    """Where two states differ, field by field."""
    try:
        told = _differing(msgspec.json.decode(before), msgspec.json.decode(after), "")
    except msgspec.DecodeError:
        return after.decode()
    return "; ".join(told)


def _differing(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        ones, others = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
        for key in ones:
            yield from _differing(ones[key], others.get(key), f"{path}.{key}")
    elif isinstance(before, list) and isinstance(after, list):
        ones, others = cast("list[Any]", before), cast("list[Any]", after)
        for number, (one, other) in enumerate(zip(ones, others, strict=False)):
            yield from _differing(one, other, f"{path}[{number}]")
        if len(ones) != len(others):
            yield f"{path}: {len(ones)} became {len(others)}"
    elif before != after:
        yield f"{path}: {before} became {after}"


def without_exits(state: bytes) -> bytes:
    """A state less the exits that protections have placed."""
    try:
        decoded = msgspec.json.decode(state, type=dict[str, Any])
    except msgspec.DecodeError:
        return state
    orders = [order for order in decoded["orders"] if not order["intent"]["protects"]]
    return msgspec.json.encode({**decoded, "orders": orders}, order="sorted")

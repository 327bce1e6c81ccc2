"""The toy venue's books in Alpaca's JSON: numbers as text, times with nanoseconds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cockpit.domain.account import Account
from cockpit.ports.broker import BrokerPosition

if TYPE_CHECKING:
    from tests.toyserver.exchange import Execution, ToyOrder

ASSET = "904837e3-3b76-47ec-b432-046db621571b"
_CLOSED = ("filled", "canceled", "expired", "replaced", "rejected")


def is_open(order: ToyOrder) -> bool:
    return order.status not in _CLOSED


def is_listed(order: ToyOrder) -> bool:
    """Whether it is in the list of open orders: an exit that is held back is not."""
    return is_open(order) and order.status != "held"


def order(order: ToyOrder, *, nested: bool = False) -> dict[str, Any]:
    terms, trails = order.terms, order.trails
    kind = "trailing_stop" if trails else terms.type.value
    at = {order.status: moment(order.updated_ns)}
    return {
        "id": order.id,
        "client_order_id": order.client_order_id,
        "created_at": moment(order.submitted_ns),
        "updated_at": moment(order.updated_ns),
        "submitted_at": moment(order.submitted_ns),
        "filled_at": at.get("filled"),
        "expired_at": at.get("expired"),
        "canceled_at": at.get("canceled"),
        "failed_at": at.get("rejected"),
        "replaced_at": at.get("replaced"),
        "replaced_by": order.replaced_by,
        "replaces": order.replaces,
        "asset_id": ASSET,
        "symbol": terms.symbol,
        "asset_class": "us_equity",
        "notional": None if order.notional is None else text(order.notional),
        "qty": text(terms.quantity) if order.notional is None else None,
        "filled_qty": text(order.filled),
        "filled_avg_price": text(order.paid / order.filled) if order.filled else None,
        "order_class": order.order_class,
        "order_type": kind,
        "type": kind,
        "side": terms.side.value,
        "time_in_force": terms.tif.value,
        "limit_price": None if terms.limit_price is None else text(terms.limit_price),
        "stop_price": None if terms.stop_price is None else text(terms.stop_price),
        "status": order.status,
        "extended_hours": order.extended_hours,
        "legs": [_leg(leg) for leg in order.legs] or None if nested else None,
        "trail_percent": None if order.trail_percent is None else text(order.trail_percent),
        "trail_price": None if order.trail_price is None else text(order.trail_price),
        "hwm": None if order.hwm is None else text(order.hwm),
        "position_intent": f"{terms.side.value}_to_open",
    }


def _leg(leg: ToyOrder) -> dict[str, Any]:
    return order(leg)


def account(figures: Account, account_id: str) -> dict[str, Any]:
    return {
        "id": account_id,
        "account_number": "PA000TOY0001",
        "status": "ACTIVE",
        "currency": "USD",
        "cash": text(figures.cash),
        "equity": text(figures.equity),
        "last_equity": text(figures.equity),
        "portfolio_value": text(figures.equity),
        "buying_power": text(figures.buying_power),
        "daytrading_buying_power": "0",
        "regt_buying_power": text(figures.buying_power),
        "multiplier": "2",
        "daytrade_count": 0,
        "pattern_day_trader": False,
        "trading_blocked": False,
        "transfers_blocked": False,
        "account_blocked": False,
        "trade_suspended_by_user": False,
        "shorting_enabled": True,
        "created_at": "2024-01-02T14:30:00.5Z",
    }


def position(held: BrokerPosition) -> dict[str, Any]:
    return {
        "asset_id": ASSET,
        "symbol": held.symbol,
        "exchange": "NASDAQ",
        "asset_class": "us_equity",
        "avg_entry_price": text(held.average_cost),
        "qty": text(held.quantity),
        "side": "long" if held.quantity > 0 else "short",
        "cost_basis": text(held.quantity * held.average_cost),
    }


def activity(made: Execution) -> dict[str, Any]:
    terms = made.order.terms
    stamp = utc(made.ts_ns).strftime("%Y%m%d%H%M%S") + f"{made.ts_ns // 1_000_000 % 1000:03d}"
    return {
        "id": f"{stamp}::{made.execution_id}",
        "activity_type": "FILL",
        "transaction_time": moment(made.ts_ns),
        "type": "fill" if made.cumulative == terms.quantity else "partial_fill",
        "price": text(made.price),
        "qty": text(made.quantity),
        "side": terms.side.value,
        "symbol": terms.symbol,
        "leaves_qty": text(terms.quantity - made.cumulative),
        "cum_qty": text(made.cumulative),
        "order_id": made.order.id,
        "order_status": made.order.status,
    }


def asset(symbol: str, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": ASSET,
        "class": "us_equity",
        "exchange": "NASDAQ",
        "symbol": symbol,
        "name": f"{symbol} Corporation Common Stock",
        "status": "active",
        "tradable": True,
        "marginable": True,
        "shortable": True,
        "easy_to_borrow": True,
        "fractionable": False,
        "attributes": [],
    } | more


def latest_quote(quote: dict[str, Any]) -> dict[str, Any]:
    more = {"bx": "V", "ax": "V", "c": ["R"], "z": "C"}
    return quote | more | {"t": moment(quote["t"])}


def text(value: Decimal) -> str:
    return f"{value.normalize():f}"


def utc(ts_ns: int) -> datetime:
    return datetime.fromtimestamp(ts_ns // 1_000_000_000, UTC)


def moment(ts_ns: int) -> str:
    return f"{utc(ts_ns):%Y-%m-%dT%H:%M:%S}.{ts_ns % 1_000_000_000:09d}Z"


def ns_of(moment: str) -> int:
    """Nanoseconds of an Alpaca time in a query."""
    whole, _, rest = moment.replace("Z", "").partition(".")
    seconds = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
    return seconds * 1_000_000_000 + int(rest[:9].ljust(9, "0") or 0)

"""The toy's accounts, positions and orders, in Robinhood's JSON: numbers as text."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

NUMBER = "5RT00001"
SYMBOLS = ("AAPL", "MSFT", "TSLA")
HOST = "https://api.robinhood.com"


def moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


@dataclass
class Books:
    """Everything that a reader may be told. Orders are what an app elsewhere has made."""

    accounts: list[dict[str, Any]] = field(default_factory=lambda: [account(NUMBER)])
    positions: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    contracts: list[dict[str, Any]] = field(default_factory=list)  # options that are held
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def hold(self, symbol: str, quantity: str, price: str) -> None:
        self.positions.append(
            {
                "url": f"{HOST}/positions/{NUMBER}/{symbol}/",
                "instrument": instrument_url(symbol),
                "account_number": NUMBER,
                "quantity": quantity,
                "average_buy_price": price,
                "shares_held_for_sells": "0.0000",
            }
        )

    def order(
        self, symbol: str, side: str = "buy", quantity: str = "10", age_s: float = 60, **more: Any
    ) -> dict[str, Any]:
        """An order as the API lists it; confirmed at a limit unless told otherwise."""
        number = next(self._ids)
        at = moment(time.time() - age_s)
        made: dict[str, Any] = {
            "id": f"0f1e2d3c-0000-4000-8000-{number:012d}",
            "ref_id": f"aaaa2d3c-0000-4000-8000-{number:012d}",
            "account": f"{HOST}/accounts/{NUMBER}/",
            "instrument": instrument_url(symbol),
            "cancel": f"{HOST}/orders/{number}/cancel/",
            "side": side,
            "type": "limit",
            "trigger": "immediate",
            "state": "confirmed",
            "time_in_force": "gfd",
            "price": "100.00",
            "stop_price": None,
            "quantity": f"{Decimal(quantity):.8f}",
            "cumulative_quantity": "0.00000000",
            "average_price": None,
            "fees": "0.00",
            "reject_reason": None,
            "extended_hours": False,
            "dollar_based_amount": None,
            "executions": [],
            "created_at": at,
            "updated_at": at,
            "last_transaction_at": at,
        } | more
        self.orders.append(made)
        return made

    def fill(self, order: dict[str, Any], quantity: str, price: str, fees: str = "0.00") -> None:
        """Trade a part of an order now."""
        at = moment(time.time())
        part = {
            "id": f"exec-{next(self._ids)}",
            "quantity": f"{Decimal(quantity):.8f}",
            "price": f"{Decimal(price):.8f}",
            "timestamp": at,
            "settlement_date": at[:10],
        }
        order["executions"].append(part)
        filled = sum((Decimal(e["quantity"]) for e in order["executions"]), Decimal(0))
        paid = sum(
            (Decimal(e["quantity"]) * Decimal(e["price"]) for e in order["executions"]), Decimal(0)
        )
        done = filled == Decimal(order["quantity"])
        order |= {
            "cumulative_quantity": f"{filled:.8f}",
            "average_price": f"{paid / filled:.8f}",
            "state": "filled" if done else "partially_filled",
            "cancel": None if done else order["cancel"],
            "updated_at": at,
            "fees": fees,
        }


def account(number: str, **more: Any) -> dict[str, Any]:
    return {
        "url": f"{HOST}/accounts/{number}/",
        "account_number": number,
        "type": "margin",
        "buying_power": "20000.0000",
        "portfolio_cash": "10000.1234",
        "cash": "10000.1234",
        "deactivated": False,
        "state": "active",
    } | more


def instrument_url(symbol: str) -> str:
    return f"{HOST}/instruments/id-{symbol}/"


def instrument(symbol: str) -> dict[str, Any]:
    return {
        "id": f"id-{symbol}",
        "url": instrument_url(symbol),
        "symbol": symbol,
        "simple_name": symbol.title(),
        "tradable_chain_id": f"chain-{symbol}",
        "tradeable": True,
        "state": "active",
    }


def quote(symbol: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "bid_price": "99.990000",
        "bid_size": 300,
        "ask_price": "100.010000",
        "ask_size": 200,
        "last_trade_price": "100.000000",
        "last_extended_hours_trade_price": None,
        "previous_close": "98.500000",
        "trading_halted": False,
        "updated_at": moment(time.time()),
        "instrument": instrument_url(symbol),
    }


def history(symbol: str, interval: str) -> dict[str, Any]:
    bars = [
        {
            "begins_at": f"2026-11-{day:02d}T00:00:00Z",
            "open_price": "100.000000",
            "close_price": f"{100 + day}.500000",
            "high_price": f"{101 + day}.000000",
            "low_price": "99.000000",
            "volume": 1000 * (day - 1),  # the first bar saw no trade
            "session": "reg",
            "interpolated": day == 1,
        }
        for day in (1, 2, 3)
    ]
    return {"symbol": symbol, "interval": interval, "historicals": bars}

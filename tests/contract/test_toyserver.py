"""The toy venue is honest: alpaca-py as it comes trades there, and its models read every body."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest

from tests.support.waiting import eventually
from tests.toyserver import KEY_ID, SECRET_KEY, Fault, ToyServer


@pytest.fixture
async def toy() -> AsyncIterator[ToyServer]:
    async with ToyServer() as server:
        server.exchange.list_symbols("ABC")
        server.exchange.quote("ABC", 9.99, 10.01)
        yield server


def client(toy: ToyServer) -> Any:
    from alpaca.trading.client import TradingClient

    return TradingClient(KEY_ID, SECRET_KEY, paper=True, url_override=toy.url)


def limit(name: str, price: float, quantity: float = 10) -> Any:
    from alpaca.trading.enums import OrderSide, TimeInForce
    from alpaca.trading.requests import LimitOrderRequest

    return LimitOrderRequest(
        symbol="ABC", qty=quantity, side=OrderSide.BUY, time_in_force=TimeInForce.DAY,
        limit_price=price, client_order_id=name,
    )  # fmt: skip


def as_text(request: Any) -> dict[str, Any]:
    """The SDK sends floats; the toy takes text only, as our adapter sends it."""
    fields = request.to_request_fields()
    return {k: str(v) if isinstance(v, int | float) else v for k, v in fields.items()}


async def test_the_sdk_reads_account_positions_and_orders(toy: ToyServer) -> None:
    sdk = client(toy)

    def trade() -> tuple[Any, ...]:
        from alpaca.trading.models import Order
        from alpaca.trading.requests import GetOrdersRequest

        taken = Order(**sdk.post("/orders", as_text(limit("one", 10.01))))
        sdk.post("/orders", as_text(limit("two", 9.0)))
        opened = sdk.get_orders(GetOrdersRequest(status="open"))
        found = sdk.get_order_by_client_id("one")
        by_id = sdk.get_order_by_id(taken.id)
        sdk.cancel_order_by_id(opened[0].id)
        outcome = sdk.cancel_orders()
        return taken, opened, found, by_id, outcome, sdk.get_all_positions(), sdk.get_account()

    taken, opened, found, by_id, outcome, positions, account = await asyncio.to_thread(trade)
    assert (taken.status.value, found.status.value) == ("pending_new", "filled")
    assert found == by_id
    assert (found.filled_qty, found.filled_avg_price) == ("10", "10.01")
    assert [order.client_order_id for order in opened] == ["two"]
    assert outcome == []
    assert [(p.symbol, p.qty, p.avg_entry_price) for p in positions] == [("ABC", "10", "10.01")]
    assert Decimal(account.cash) == Decimal(100_000) - Decimal("100.1")


async def test_the_sdk_reads_refusals_hours_history_and_bars(toy: ToyServer) -> None:
    def ask() -> tuple[Any, ...]:
        from alpaca.common.exceptions import APIError
        from alpaca.data.historical import StockHistoricalDataClient
        from alpaca.data.requests import StockBarsRequest
        from alpaca.data.timeframe import TimeFrame
        from alpaca.trading.requests import GetCalendarRequest

        sdk = client(toy)
        data = StockHistoricalDataClient(KEY_ID, SECRET_KEY, url_override=toy.url)
        wanted = StockBarsRequest(
            symbol_or_symbols=["ABC", "XYZ"], timeframe=TimeFrame.Minute,
            start=datetime(2024, 1, 2, 14, 30, tzinfo=UTC),
        )  # fmt: skip
        with pytest.raises(APIError) as refused:
            sdk.post("/orders", as_text(limit("dear", 10.0, 1e9)))
        days = sdk.get_calendar(GetCalendarRequest(start="2024-01-02", end="2024-01-08"))
        return (
            refused.value, sdk.get_clock(), days, sdk.get_portfolio_history(),
            data.get_stock_bars(wanted),
        )  # fmt: skip

    refused, clock, days, history, bars = await asyncio.to_thread(ask)
    assert (refused.status_code, refused.code) == (403, 40310000)
    assert clock.next_close > clock.next_open
    assert [day.date.day for day in days] == [2, 3, 4, 5, 8]
    assert history.equity == [100_000]
    assert {symbol: len(found) for symbol, found in bars.data.items()} == {"ABC": 5, "XYZ": 5}


async def test_the_sdks_stream_hears_the_updates(toy: ToyServer) -> None:
    from alpaca.trading.stream import TradingStream

    heard: list[Any] = []

    async def hear(update: Any) -> None:
        heard.append(update)

    stream = TradingStream(KEY_ID, SECRET_KEY, url_override=toy.stream_url)
    stream.subscribe_trade_updates(hear)
    thread = Thread(target=stream.run, daemon=True)
    thread.start()
    try:
        await eventually(lambda: toy.stream.listeners == 1)
        await asyncio.to_thread(client(toy).post, "/orders", as_text(limit("one", 10.01)))
        await eventually(lambda: len(heard) == 2)
    finally:
        for step in (stream.stop_ws(), stream.close()):
            asyncio.run_coroutine_threadsafe(step, stream._loop)
        await eventually(lambda: not thread.is_alive(), within=8)
    assert [update.order.status.value for update in heard] == ["new", "filled"]
    assert (heard[1].qty, heard[1].price, heard[1].position_qty) == (10.0, 10.01, 10.0)


async def test_the_sdk_sends_a_post_again_after_504_and_the_adapter_does_not(
    toy: ToyServer,
) -> None:
    """Why the adapter has a request of its own."""
    from alpaca.common.exceptions import APIError

    sdk = client(toy)
    sdk._retry_wait = 0
    toy.faults.plan("POST /v2/orders", *[Fault.ACCEPTED_504] * 4)
    body = as_text(limit("one", 9.0))
    del body["client_order_id"]
    with pytest.raises(APIError):
        await asyncio.to_thread(sdk.post, "/orders", body)
    assert toy.count("POST", "/v2/orders") == len(toy.exchange.orders) == 4

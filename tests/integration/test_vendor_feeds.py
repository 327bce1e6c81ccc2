"""Sessions on the feeds of data vendors, with the paper broker: from the socket to the fill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pytest

from cockpit.app import lifecycle
from cockpit.app.core import Core
from cockpit.app.data.keys import key_desk
from cockpit.app.launch import Launch
from cockpit.domain.account import Mode
from cockpit.domain.connection import Health
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.kernel.clock import MILLISECOND, SECOND
from tests.support.waiting import eventually
from tests.support.wall_core import TEN_O_CLOCK, ShiftedClock
from tests.toyserver.vendors import ToyFinnhub, ToyPolygon, ToyVendor
from tests.toyserver.vendors.sockets import quote_message

KEY = "canary-key-of-a-data-vendor-0001"


@asynccontextmanager
async def session(
    toy: ToyVendor, folder: Path, feed: str, stream: str, plan: str
) -> AsyncIterator[Core]:
    toy.key = KEY
    toy.facts.prices["SPY"] = 500.0
    passphrase = folder / "passphrase"
    passphrase.write_text("a passphrase of ten", encoding="utf-8")
    passphrase.chmod(0o600)
    config = folder / "cockpit.toml"
    config.write_text(
        f'[sources.{feed}]\nurl = "{toy.url}"\nplan = "{plan}"\n'
        f'[feeds.{feed}]\nstream_url = "{stream}"\nsymbols = ["ABC"]\n'
        f'[vault]\nkind = "file"\npassphrase_file = {str(passphrase)!r}\n',
        encoding="utf-8",
    )
    data = folder / "data"
    await key_desk(data, config).add(feed, KEY, lambda _: None)
    launch = Launch(
        mode=Mode.PAPER, data_dir=data, feed=feed, strategies=(), interactive=False, config=config,
        broker_options={"latency_ms": 1, "jitter_fraction": 0},
    )  # fmt: skip
    with patch.object(lifecycle, "WallClock", lambda: ShiftedClock(TEN_O_CLOCK)):
        running = lifecycle.Session(launch)
        core = await running.start()
    try:
        await eventually(lambda: lamp(core, feed) is Health.UP, what="the feed's lamp")
        yield core
    finally:
        await running.stop()
    await asyncio.to_thread(nothing_spoken, folder)


def nothing_spoken(folder: Path) -> None:
    """No file of the session holds the key: not the ledger, not the tape, not what is kept."""
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if KEY.encode() in path.read_bytes()]


def lamp(core: Core, feed: str) -> Health | None:
    found = [one.health for one in core.readiness.lamps if one.name == feed]
    return found[0] if found else None


def buy(core: Core, number: int) -> OrderIntent:
    return OrderIntent(
        intent_id=f"I-{number}", account_id=core.account_id, symbol="ABC", side=Side.BUY,
        type=OrderType.MARKET, quantity=Decimal(5),
    )  # fmt: skip


async def ordered(core: Core, number: int) -> Order:
    order = await core.commands.place(buy(core, number))
    await eventually(
        lambda: core.orders.get(order.client_order_id).state.terminal, what="the order's end"
    )
    return core.orders.get(order.client_order_id)


async def quoted(core: Core, toy: ToyPolygon, bid: float, late_s: int = 0) -> None:
    """A quote by the stream, until the book has it."""

    def told() -> bool:
        at = core.clock.now_ns() - late_s * SECOND
        toy.stream.publish([quote_message("ABC", bid, bid + 0.02, 500, at // MILLISECOND)])
        quote = core.book.quote("ABC")
        return quote is not None and quote.bid == bid

    await eventually(told, what="the quote in the book")


@pytest.fixture
async def polygon() -> AsyncIterator[ToyPolygon]:
    async with ToyPolygon() as toy:
        toy.quotes["ABC"] = (9.0, 9.02, TEN_O_CLOCK)
        yield toy


async def test_a_quote_of_polygon_is_traded_on(polygon: ToyPolygon, tmp_path: Path) -> None:
    stream = f"{polygon.stream_url}/stocks"
    async with session(polygon, tmp_path, "polygon", stream, "advanced") as core:
        assert core.feed.label == ""
        await quoted(core, polygon, 9.99)
        order = await ordered(core, 1)
        assert (order.state, order.average_price) == (OrderState.FILLED, Decimal("10.01"))
        await quoted(core, polygon, 10.99)
        (position,) = core.portfolio.open_positions()
        assert (position.symbol, position.quantity) == ("ABC", 5)


async def test_a_delayed_quote_of_polygon_is_not(polygon: ToyPolygon, tmp_path: Path) -> None:
    stream = f"{polygon.stream_url}/stocks"
    polygon.quotes["ABC"] = (9.0, 9.02, TEN_O_CLOCK - 1_000 * SECOND)  # REST is as late
    async with session(polygon, tmp_path, "polygon", stream, "developer") as core:
        assert core.feed.label == "DELAYED 15 MIN"
        await quoted(core, polygon, 9.99, late_s=900)
        order = await ordered(core, 1)
        assert (order.state, order.reason_code) == (OrderState.DENIED, "MARKETDATA_STALE")


async def test_trades_of_finnhub_are_shown_and_not_traded_on(tmp_path: Path) -> None:
    async with ToyFinnhub() as toy:
        toy.last_at = TEN_O_CLOCK // SECOND
        async with session(toy, tmp_path, "finnhub", toy.stream_url, "free") as core:
            await eventually(lambda: toy.stream.subscribed == {"ABC"})
            now = core.clock.now_ns() // MILLISECOND
            toy.stream.publish([{"s": "ABC", "p": 10.5, "v": 40, "t": now, "c": None}])
            await eventually(lambda: core.book.last("ABC") is not None)
            assert core.book.quote("ABC") is None
            order = await ordered(core, 1)
            assert (order.state, order.reason_code) == (OrderState.DENIED, "MARKETDATA_MISSING")

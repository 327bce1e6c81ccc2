"""What the tests of Alpaca's market data share: a feed that runs at a toy venue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from cockpit.adapters.feeds.alpaca import AlpacaFeed
from cockpit.kernel.clock import WallClock
from cockpit.ports.feed import FeedError, RawQuote, RawTrade
from tests.support.waiting import eventually
from tests.toyserver import ToyServer
from tests.toyserver.client import feed_at
from tests.unit.adapters.feeds.conftest import Recorder

SYMBOLS = ("ABC", "DEF")


@dataclass
class Running:
    toy: ToyServer
    feed: AlpacaFeed
    sink: Recorder
    task: asyncio.Task[None]

    @property
    def lamps(self) -> list[str]:
        return [lamp.health.value for lamp in self.sink.lamps]

    @property
    def details(self) -> str:
        return " | ".join(lamp.detail for lamp in self.sink.lamps)

    @property
    def quotes(self) -> list[tuple[str, float]]:
        return [(row.symbol, row.bid) for row in self.sink.rows if isinstance(row, RawQuote)]

    @property
    def trades(self) -> list[RawTrade]:
        return [row for row in self.sink.rows if isinstance(row, RawTrade)]

    async def up(self) -> None:
        """It listens, and has asked for what was quoted before."""
        await eventually(lambda: self.lamps[-1:] == ["up"], what="the lamp")
        asked = "/v2/stocks/quotes/latest"
        await eventually(lambda: self.toy.count("GET", asked) >= self.lamps.count("up"))

    async def failed(self) -> FeedError:
        """What `run` raised."""
        await eventually(self.task.done)
        error = self.task.exception()
        assert isinstance(error, FeedError)
        return error


@asynccontextmanager
async def running(
    toy: ToyServer, symbols: tuple[str, ...] = SYMBOLS, **settings: Any
) -> AsyncIterator[Running]:
    feed, sink = feed_at(toy, symbols, **settings), Recorder(WallClock())
    task = asyncio.create_task(feed.run(sink))
    try:
        yield Running(toy, feed, sink, task)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, FeedError, ArithmeticError):
            await task

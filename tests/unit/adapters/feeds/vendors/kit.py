"""What the tests of vendors' streams share: a feed that runs at a toy vendor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cockpit.adapters.feeds import finnhub, polygon
from cockpit.adapters.feeds.live import LiveFeed
from cockpit.adapters.sources.finnhub import FinnhubSettings
from cockpit.adapters.sources.polygon import PolygonSettings
from cockpit.kernel.clock import WallClock
from cockpit.ports.feed import FeedError, RawQuote, RawTrade
from tests.support.waiting import eventually
from tests.toyserver.client import DictVault
from tests.toyserver.vendors import ToyFinnhub, ToyPolygon
from tests.unit.adapters.feeds.conftest import Recorder

SYMBOLS = ("ABC", "BRK.B")
PATIENCE = {"connect_timeout_s": 1.0, "answer_timeout_s": 1.0}
SHORT = {"quiet_s": 1.0, "reconnect_max_s": 0.3}
T = TypeVar("T", ToyPolygon, ToyFinnhub)


@dataclass
class Running(Generic[T]):
    toy: T
    feed: LiveFeed
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
    def trades(self) -> list[tuple[str, float]]:
        return [(row.symbol, row.price) for row in self.sink.rows if isinstance(row, RawTrade)]

    async def up(self) -> None:
        await eventually(lambda: self.lamps[-1:] == ["up"], what="the lamp")

    async def failed(self) -> FeedError:
        """What `run` raised."""
        await eventually(self.task.done)
        error = self.task.exception()
        assert isinstance(error, FeedError)
        return error


def polygon_at(
    toy: ToyPolygon, symbols: tuple[str, ...] = SYMBOLS, plan: str = "advanced", **settings: Any
) -> polygon.PolygonFeed:
    own = SHORT | {"symbols": symbols, "stream_url": f"{toy.stream_url}/stocks"} | settings
    shared = PolygonSettings(url=toy.url, plan=plan, **PATIENCE)  # type: ignore[arg-type]
    vault = DictVault(**{"feeds/polygon/key": toy.key})
    return polygon.build(
        polygon.PolygonFeedSettings(**own), clock=WallClock(), beside=shared, vault=vault
    )


def finnhub_at(
    toy: ToyFinnhub, symbols: tuple[str, ...] = SYMBOLS, **settings: Any
) -> finnhub.FinnhubFeed:
    own = SHORT | {"symbols": symbols, "stream_url": toy.stream_url} | settings
    shared = FinnhubSettings(url=toy.url, **PATIENCE)
    vault = DictVault(**{"feeds/finnhub/key": toy.key})
    return finnhub.build(
        finnhub.FinnhubFeedSettings(**own), clock=WallClock(), beside=shared, vault=vault
    )


@asynccontextmanager
async def running(toy: T, feed: LiveFeed) -> AsyncIterator[Running[T]]:
    sink = Recorder(WallClock())  # type: ignore[arg-type]  # it only asks for the time
    task = asyncio.create_task(feed.run(sink))
    try:
        yield Running(toy, feed, sink, task)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, FeedError):
            await task

"""Robinhood's quotes over the sign-in of its broker: delivered once each, or said to be missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from cockpit.adapters.feeds.robinhood import RobinhoodFeed, RobinhoodFeedSettings, build
from cockpit.domain.connection import Connection, Health
from cockpit.kernel.clock import SECOND, VirtualClock, WallClock
from cockpit.ports.feed import FeedError, RawQuote, RawRow, RawStatus
from tests.support.waiting import eventually
from tests.toyserver.hood import ToyHood
from tests.toyserver.hood.client import STORED
from tests.unit.adapters.brokers.robinhood.kit import signed_in


class Sink:
    def __init__(self) -> None:
        self.rows: list[RawRow] = []
        self.bad: list[str] = []
        self.lamps: list[Connection] = []

    def on_rows(self, rows: Sequence[RawRow]) -> None:
        self.rows += rows

    def on_quarantined(self, reason: str, detail: str) -> None:
        self.bad.append(reason)

    def on_connection(self, connection: Connection) -> None:
        self.lamps.append(connection)

    def quotes(self, symbol: str) -> list[RawQuote]:
        return [row for row in self.rows if isinstance(row, RawQuote) and row.symbol == symbol]


@pytest.fixture
async def toy() -> AsyncIterator[ToyHood]:
    async with ToyHood() as server:
        yield server


def feed_of(account: str = STORED, **settings: Any) -> RobinhoodFeed:
    chosen = {"symbols": ("AAPL", "MSFT"), "every_s": 0.02} | settings
    return build(RobinhoodFeedSettings(**chosen), clock=WallClock(), account=account)


@asynccontextmanager
async def running(toy: ToyHood, **settings: Any) -> AsyncIterator[tuple[RobinhoodFeed, Sink]]:
    feed, sink = feed_of(**settings), Sink()
    async with signed_in(toy, poll_s=60):
        task = asyncio.ensure_future(feed.run(sink))
        try:
            yield feed, sink
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_quotes_come_with_their_own_time_and_each_once(toy: ToyHood) -> None:
    toy.still = True
    async with running(toy) as (feed, sink):
        await eventually(lambda: sink.quotes("AAPL") and sink.quotes("MSFT"))
        asked = toy.asked("GET", "/quotes/")
        await eventually(lambda: toy.asked("GET", "/quotes/") > asked + 2)
        [quote] = sink.quotes("AAPL")
        assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size) == (99.99, 100.01, 300, 200)
        assert abs(quote.ts_event - WallClock().now_ns()) < 60 * SECOND
        feed.watch(["TSLA"])
        await eventually(lambda: sink.quotes("TSLA"))
        assert {i.symbol for i in feed.instruments} == {"AAPL", "MSFT", "TSLA"}
    assert [lamp.health for lamp in sink.lamps] == [Health.CONNECTING, Health.UP, Health.ENDED]
    assert [sink.bad, feed.label, feed.playback] == [[], "", None]


async def test_a_halt_and_its_end_are_told(toy: ToyHood) -> None:
    async with running(toy) as (_, sink):
        toy.halted.add("AAPL")
        await eventually(lambda: RawStatus in map(type, sink.rows))
        toy.halted.clear()
        told = [r for r in sink.rows if isinstance(r, RawStatus)]
        await eventually(lambda: len([r for r in sink.rows if isinstance(r, RawStatus)]) == 2)
        assert (told[0].symbol, told[0].halted) == ("AAPL", True)


@pytest.mark.parametrize("mood", [403, 500, "html", "truncated"])
async def test_when_it_can_not_be_asked_the_lamp_says_so_and_heals(
    toy: ToyHood, mood: int | str
) -> None:
    async with running(toy) as (_, sink):
        await eventually(lambda: sink.lamps[-1:] and sink.lamps[-1].health is Health.UP)
        toy.moods["/quotes/"] = mood
        await eventually(lambda: sink.lamps[-1].health is Health.DOWN)
        assert "could not be asked about quotes" in sink.lamps[-1].detail
        toy.moods.clear()
        await eventually(lambda: sink.lamps[-1].health is Health.UP)


async def test_bars_are_asked_for_and_cut_to_what_is_wanted(toy: ToyHood) -> None:
    day_ns = 86_400 * SECOND
    async with running(toy) as (feed, _):
        bars = await feed.bars(["AAPL", "MSFT"], 0, 1 << 62, 86_400)
        first = bars[0].ts_event
        assert [(b.symbol, b.close) for b in bars] == [
            ("AAPL", 102.5), ("AAPL", 103.5), ("MSFT", 102.5), ("MSFT", 103.5),
        ]  # fmt: skip
        [only] = await feed.bars(["AAPL"], first, first + day_ns, 86_400)
        assert only.ts_event == first
        with pytest.raises(FeedError):
            await feed.bars(["AAPL"], 0, 1, 60)
        toy.moods["/quotes/historicals/"] = 403
        with pytest.raises(FeedError):
            await feed.bars(["AAPL"], 0, 1 << 62, 86_400)


async def test_without_the_broker_there_are_no_prices_and_it_says_why(toy: ToyHood) -> None:
    async with signed_in(toy, poll_s=60):
        with pytest.raises(FeedError, match="no signed-in broker"):
            await feed_of(account="another").run(Sink())
    with pytest.raises(FeedError) as gone:
        await feed_of().run(Sink())
    assert "Choose the broker robinhood" in gone.value.user_text


def test_it_can_not_be_played() -> None:
    with pytest.raises(FeedError):
        build(RobinhoodFeedSettings(), clock=VirtualClock(0), account=STORED)

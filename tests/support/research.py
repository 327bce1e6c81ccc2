"""Sources that do what a test tells them, and a clock that is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cockpit.adapters.research.store import SqliteResearch, open_research
from cockpit.kernel.clock import SECOND, WallClock
from cockpit.market.router.router import Router, Rules
from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    Adjusted,
    Answer,
    Ask,
    BarOffer,
    BarsAsk,
    Budget,
    Kind,
    LatestQuote,
    Meter,
    Profile,
    Row,
)

NOON = 1_712_854_800 * SECOND
"""2024-04-11 13:00 in New York, a Thursday."""


class HandClock(WallClock):
    """Real in nothing: who sleeps moves it. `step` sets the wall only, as a person does."""

    def __init__(self, now_ns: int = NOON) -> None:
        self.wall_ns = now_ns
        self.up_ns = 1_000 * SECOND

    def now_ns(self) -> int:
        return self.wall_ns

    def elapsed_ns(self) -> int:
        return self.up_ns

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        self.wall_ns += round(seconds * SECOND)
        self.up_ns += round(seconds * SECOND)

    def step(self, seconds: float) -> None:
        self.wall_ns += round(seconds * SECOND)


Reply = Callable[[Ask], Sequence[Row] | Exception | float]


class ToySource:
    """A vendor. `reply` gives rows, an error to raise, or seconds to stay silent for real."""

    def __init__(
        self,
        name: str,
        clock: HandClock,
        reply: Reply,
        *,
        budget: Budget | None = None,
        delay_s: int = 0,
        depth_days: int = 0,
        kinds: Sequence[Kind] = tuple(Kind),
    ) -> None:
        self.name = name
        self.reply = reply
        self.asked: list[Ask] = []
        self._clock = clock
        self.delay_s = delay_s
        self.profile = Profile(
            kinds=frozenset(kinds),
            budget=budget or Budget(per_minute=1_000),
            bars=(BarOffer((60, 300, 3_600, 86_400), depth_days, tuple(Adjusted)),),
            delay_s=dict.fromkeys(kinds, delay_s),
        )

    async def fetch(self, ask: Ask, meter: Meter) -> Answer:
        async with meter.request():
            self.asked.append(ask)
            reply = self.reply(ask)
            if isinstance(reply, float):
                await asyncio.sleep(reply)
                reply = ()
            if isinstance(reply, Exception):
                raise reply
            return Answer(
                source=self.name,
                fetched_ns=self._clock.now_ns(),
                rows=tuple(reply),
                delay_s=self.delay_s,
                adjusted=ask.adjusted if isinstance(ask, BarsAsk) else Adjusted.RAW,
            )

    async def close(self) -> None:
        pass


def quote(symbol: str, mid: float, ts_event: int) -> LatestQuote:
    return LatestQuote(symbol=symbol, ts_event=ts_event, bid=mid - 0.01, ask=mid + 0.01, last=mid)


def bar(symbol: str, ts_event: int, price: float = 10.0, interval_s: int = 60) -> RawBar:
    return RawBar(
        symbol, price, price + 1, price - 1, price, 100.0, price, 5, interval_s, ts_event
    )  # fmt: skip


def bars_for(ask: Ask, price: float = 10.0) -> list[RawBar]:
    """A bar for each interval of the ask."""
    assert isinstance(ask, BarsAsk)
    step = ask.interval_s * SECOND
    day = ask.interval_s == 86_400  # begins in New York, not on a multiple of anything
    first = ask.start_ns if day else -(-ask.start_ns // step) * step
    return [bar(ask.symbol, ts, price, ask.interval_s) for ts in range(first, ask.end_ns, step)]


class Bench:
    """A router over toy sources and a real file."""

    def __init__(self, store: SqliteResearch, clock: HandClock) -> None:
        self.store = store
        self.clock = clock
        self.spawned: list[asyncio.Task[None]] = []

    def router(self, *sources: ToySource, market_open: bool = True, **rules: Any) -> Router:
        order = {kind: [source.name for source in sources] for kind in Kind}
        return Router(
            sources,
            Rules(order=order, **rules),
            store=self.store,
            clock=self.clock,
            spawn=self._spawn,
            market_open=lambda _now_ns: market_open,
        )

    async def settle(self) -> None:
        """Wait for the trials that were started."""
        while self.spawned:
            await self.spawned.pop()

    def _spawn(self, body: Coroutine[Any, Any, None], *, name: str, owner: str) -> object:
        task = asyncio.get_running_loop().create_task(body, name=f"{owner}/{name}")
        self.spawned.append(task)
        return task


@asynccontextmanager
async def bench(folder: Path, *, most_bytes: int = 10_000_000) -> AsyncGenerator[Bench]:
    store = await open_research(folder, most_bytes=most_bytes)
    try:
        yield Bench(store, HandClock())
    finally:
        await store.close()

"""The past is put in front of live bars, once, and bars that lack prints are made whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from cockpit.app.data.backfill import REST_AT_ONCE, Backfill
from cockpit.domain.market import TradePrint
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.market.bars import BarBook
from cockpit.market.past import Origin
from cockpit.ports.source import Adjusted, BarsAsk, Budget, DownError
from tests.support.research import NOON, Bench, ToySource, bars_for, bench
from tests.support.waiting import eventually


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Bench]:
    async with bench(tmp_path) as found:
        yield found


def printed(second: int, price: float) -> TradePrint:
    ts = NOON + second * SECOND
    return TradePrint(symbol="ABC", price=price, size=10.0, ts_event=ts, ts_init=ts)


def past_of(
    desk: Bench, bars: BarBook, *sources: ToySource, rest: Sequence[str] = (), stake: str = "ABC"
) -> Backfill:
    def spawn(body: Coroutine[Any, Any, None], _name: str) -> None:
        desk.spawned.append(asyncio.ensure_future(body))

    at_stake = [stake] if stake else []
    return Backfill(
        lambda: at_stake, lambda: rest, bars, desk.router(*sources), desk.clock, spawn=spawn, days=1
    )


@asynccontextmanager
async def running(past: Backfill) -> AsyncGenerator[None]:
    task = asyncio.ensure_future(past.run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_the_past_comes_before_the_live_bar(desk: Bench) -> None:
    source = ToySource("only", desk.clock, bars_for)
    bars = BarBook(Bus(), 60)
    bars.flows(NOON)
    bars.on_print(printed(5, 11.0))
    past = past_of(desk, bars, source)
    async with running(past):
        await eventually(lambda: len(bars.series("ABC")) > 1)
    series = bars.series("ABC")
    assert len(series) == 24 * 60 + 1
    assert (series.live, series.close[-1], series.close[-2]) == (True, 11.0, 10.0)
    origin = bars.past.chart("ABC")
    assert origin == Origin(source="only", fetched_ns=NOON, adjusted="splits")
    assert isinstance(source.asked[0], BarsAsk)
    assert source.asked[0].adjusted is Adjusted.SPLITS


async def test_a_torn_bar_is_asked_for_until_it_is_whole_and_no_longer(desk: Bench) -> None:
    source = ToySource("only", desk.clock, bars_for)
    bars = BarBook(Bus(), 60)
    past = past_of(desk, bars, source)
    async with running(past):
        await eventually(lambda: bars.past.chart("ABC") is not None)
        # nothing is awaited from here to the end of the bar: whoever sleeps moves this clock
        desk.clock.advance(45)  # it moved by half minutes, so this is within one
        now = desk.clock.now_ns()
        bars.flows(now)
        bars.on_print(printed((now - NOON) // SECOND, 99.0))
        bars.close_due(now + 60 * SECOND)
        assert bars.torn("ABC")
        await eventually(lambda: not bars.torn("ABC"))
        asked = len(source.asked)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(source.asked) == asked
    assert 99.0 not in bars.series("ABC").close.tolist()


async def test_minutes_that_a_break_swallowed_whole_are_put_in(desk: Bench) -> None:
    source = ToySource("only", desk.clock, bars_for)
    bars = BarBook(Bus(), 60)
    past = past_of(desk, bars, source)
    async with running(past):
        await eventually(lambda: bars.past.chart("ABC") is not None)
        now = desk.clock.now_ns() // (60 * SECOND) * 60 * SECOND + 60 * SECOND
        minute = (now - NOON) // SECOND
        bars.flows(now)
        bars.on_print(printed(minute, 20.0))
        bars.close_due(now + 60 * SECOND)  # nothing is under way when prints cease
        before = len(bars.series("ABC"))
        bars.flows(None)
        bars.flows(now + 250 * SECOND)
        bars.on_print(printed(minute + 370, 21.0))  # of a minute that is whole
        bars.close_due(now + 420 * SECOND)
        desk.clock.advance(480)
        await eventually(lambda: not bars.torn("ABC"))
    starts = bars.series("ABC").ts.tolist()
    at = [now / SECOND + 60 * n for n in range(7)]
    assert starts[before - 1 : before + 6] == at
    assert len(set(starts)) == len(starts)


async def test_a_vendor_that_is_down_is_asked_again_later(desk: Bench) -> None:
    source = ToySource("only", desk.clock, lambda _: DownError("only", "HTTP 500"))
    bars = BarBook(Bus(), 60)
    past = past_of(desk, bars, source)
    async with running(past):
        await eventually(lambda: len(source.asked) >= 1)
        assert len(bars.series("ABC")) == 0
        source.reply = bars_for
        await eventually(lambda: len(bars.series("ABC")) > 0)


async def test_the_past_leaves_the_screen_its_part_of_the_budget(desk: Bench) -> None:
    source = ToySource("only", desk.clock, bars_for, budget=Budget(per_day=10))
    bars = BarBook(Bus(), 60)
    past = past_of(desk, bars, source, rest=[f"S{n}" for n in range(20)])
    async with running(past):
        await eventually(lambda: len(source.asked) == 8)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(source.asked) == 8
        bars.past.chart("XYZ")  # a person looks at it: that is what the rest was left for
        await eventually(lambda: len(source.asked) == 9)
        assert source.asked[-1].symbol == "XYZ"
        await eventually(lambda: bars.past.chart("XYZ") is not None)


async def test_of_a_whole_market_only_what_matters_is_asked_for_at_once(desk: Bench) -> None:
    source = ToySource("only", desk.clock, bars_for)
    bars = BarBook(Bus(), 60)
    market = [f"S{n}" for n in range(5_000)]
    bars.past.list("S4000")
    bars.past.chart("S3000")
    past = past_of(desk, bars, source, rest=market, stake="S2000")
    async with running(past):
        await eventually(lambda: len(source.asked) >= 3 + REST_AT_ONCE)
    first = [ask.symbol for ask in source.asked[:3]]
    assert first == ["S2000", "S3000", "S4000"]
    assert len(source.asked) < 3 + 3 * REST_AT_ONCE, "and the rest a few at a time"


async def test_the_rest_takes_turns_and_is_not_asked_for_twice(desk: Bench) -> None:
    source = ToySource("only", desk.clock, bars_for)
    market = [f"S{n}" for n in range(12)]
    past = past_of(desk, BarBook(Bus(), 60), source, rest=market, stake="")
    async with running(past):
        await eventually(lambda: len(source.asked) >= 12)
        for _ in range(50):
            await asyncio.sleep(0)
    assert sorted(ask.symbol for ask in source.asked) == sorted(market)


@pytest.mark.parametrize("seconds", [15, 45, 90])
async def test_minutes_make_no_bars_of_other_lengths(desk: Bench, seconds: int) -> None:
    past = past_of(desk, BarBook(Bus(), seconds))
    await past.run()
    assert not past.possible

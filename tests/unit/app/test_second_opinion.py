"""Another source is asked about what is held, and only what it knows now is an opinion."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from cockpit.app.data.second import SecondOpinion
from cockpit.kernel.clock import SECOND
from cockpit.ports.source import Ask, Budget, DownError, LatestQuote, QuoteAsk
from tests.support.research import NOON, Bench, ToySource, bench, quote
from tests.support.waiting import eventually

Told = list[tuple[str, float | None]]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Bench]:
    async with bench(tmp_path) as found:
        yield found


async def opinions(
    desk: Bench,
    *sources: ToySource,
    symbols: list[str],
    asks: int,
    feed: Callable[[], str] = lambda: "first",
    differs: bool = False,
) -> Told:
    """What was told until the last of the sources had been asked so often."""
    told: Told = []
    second = SecondOpinion(
        lambda: symbols,
        desk.router(*sources),
        desk.clock,
        lambda symbol, mid, _ts: told.append((symbol, mid)) or differs,
        feed=feed,
    )
    task = asyncio.ensure_future(second.run())
    await eventually(lambda: len(sources[-1].asked) >= asks)
    for _ in range(50):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return told


def saying(desk: Bench, name: str, mid: float, *, age_s: float = 0, delay_s: int = 0) -> ToySource:
    def reply(ask: Ask) -> list[LatestQuote]:
        assert isinstance(ask, QuoteAsk)
        return [quote(ask.symbol, mid, desk.clock.now_ns() - round(age_s * SECOND))]

    return ToySource(name, desk.clock, reply, delay_s=delay_s)


async def test_the_feeds_own_vendor_is_not_asked_and_symbols_take_turns(desk: Bench) -> None:
    first, second = saying(desk, "first", 99.0), saying(desk, "second", 10.0)
    told = await opinions(desk, first, second, symbols=["ABC", "XYZ"], asks=4)
    assert first.asked == []
    assert told[:3] == [("ABC", 10.0), ("XYZ", 10.0), ("ABC", 10.0)]
    assert desk.clock.now_ns() >= NOON + 30 * SECOND


@pytest.mark.parametrize(("age_s", "delay_s"), [(20, 0), (0, 900)])
async def test_what_is_old_or_delayed_is_no_opinion(desk: Bench, age_s: int, delay_s: int) -> None:
    second = saying(desk, "second", 10.0, age_s=age_s, delay_s=delay_s)
    assert await opinions(desk, second, symbols=["ABC"], asks=3) == []


async def test_an_opinion_does_not_last(desk: Bench) -> None:
    second = saying(desk, "second", 10.0)
    good = second.reply

    def reply(ask: Ask) -> object:
        return good(ask) if len(second.asked) == 1 else DownError("second", "HTTP 500")

    second.reply = reply
    told = await opinions(desk, second, symbols=["ABC"], asks=6)
    assert told[:2] == [("ABC", 10.0), ("ABC", None)]
    assert len(told) == 2


async def test_it_asks_out_of_the_backgrounds_part(desk: Bench) -> None:
    second = saying(desk, "second", 10.0)
    second.profile = type(second.profile)(
        kinds=second.profile.kinds, budget=Budget(per_day=5), bars=second.profile.bars
    )
    await opinions(desk, second, symbols=["ABC"], asks=4)
    assert len(second.asked) == 4


async def test_where_the_two_differ_it_is_asked_once_more_soon(desk: Bench) -> None:
    second = saying(desk, "second", 10.0)
    told = await opinions(desk, second, symbols=["ABC", "XYZ"], asks=4, differs=True)
    assert [symbol for symbol, _ in told[:4]] == ["ABC", "ABC", "XYZ", "XYZ"]


async def test_the_vendor_that_serves_after_a_fail_over_has_no_second_opinion(desk: Bench) -> None:
    first, second = saying(desk, "first", 99.0), saying(desk, "second", 10.0)
    told = await opinions(
        desk, second, first, symbols=["ABC"], asks=2,
        feed=lambda: "second" if len(second.asked) >= 2 else "first",
    )  # fmt: skip
    # what it had said before is forgotten as soon as it serves, and the other one is asked
    assert told[:3] == [("ABC", 10.0), ("ABC", None), ("ABC", 99.0)]
    assert ("ABC", 10.0) not in told[1:]

"""Health says which source serves, why another does not, and what each has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from cockpit.app.data.research import DataSettings, Research
from cockpit.app.health.research import ResearchChecks
from cockpit.ports.health import Check, CheckState
from cockpit.ports.source import Budget, DownError, Kind, QuoteAsk, ThrottledError
from tests.support.research import Bench, ToySource, bench, quote

ABC = QuoteAsk("ABC")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Bench]:
    async with bench(tmp_path) as found:
        yield found


class Desk:
    """Two sources of quotes, and Health's look at them."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        quotes = [Kind.QUOTE]
        budget = Budget(per_day=20)
        self.first = ToySource("first", bench.clock, self.up, kinds=quotes, budget=budget)
        self.second = ToySource("second", bench.clock, self.up, kinds=quotes)
        self.router = bench.router(self.first, self.second)
        research = Research(router=self.router, store=bench.store, settings=DataSettings())
        self._checks = ResearchChecks(research, bench.clock)

    def up(self, ask: object) -> list[object]:
        assert isinstance(ask, QuoteAsk)
        return [quote(ask.symbol, 10.0, self.bench.clock.now_ns())]

    async def check(self, name: str) -> Check:
        return {check.name: check for check in await self._checks.checks()}[name]


async def test_before_anything_was_asked_the_order_is_told(desk: Bench) -> None:
    found = await Desk(desk).check("quote")
    assert found.state is CheckState.OK
    assert found.found == "Asked in this order: first, then second. Nothing was asked yet."


async def test_who_serves_and_since_when(desk: Bench) -> None:
    both = Desk(desk)
    await both.router.get(ABC)
    found = await both.check("quote")
    assert (found.state, found.found) == (
        CheckState.OK, "first answers since 13:00:00 New York.",
    )  # fmt: skip


async def test_why_another_does_not(desk: Bench) -> None:
    both = Desk(desk)
    both.first.reply = lambda _: DownError("first", "HTTP 503")
    await both.router.get(ABC)
    found = await both.check("quote")
    assert found.state is CheckState.WARNING
    assert "second answers" in found.found
    assert "Passed over: first: HTTP 503" in found.found
    assert found.next_step


async def test_nobody_left_is_a_failure(desk: Bench) -> None:
    both = Desk(desk)
    for each in (both.first, both.second):
        each.reply = lambda _, name=each.name: DownError(name, "HTTP 503")
    await asyncio.gather(both.router.get(ABC), return_exceptions=True)
    found = await both.check("quote")
    assert found.state is CheckState.FAILED
    assert "first: HTTP 503; second: HTTP 503" in found.found
    assert not found.required


async def test_what_is_left_of_a_day_and_who_waits(desk: Bench) -> None:
    both = Desk(desk)
    await both.router.get(ABC)
    assert (await both.check("source first")).found == "Requests: 1 of 20 this day."
    for _ in range(18):
        desk.clock.advance(2)
        await both.router.get(ABC, max_age_s=0)
    assert (await both.check("source first")).state is CheckState.WARNING
    both.first.reply = lambda _: ThrottledError("first", "slow down", retry_after_s=50)
    desk.clock.advance(2)
    await both.router.get(ABC, max_age_s=0)
    assert "Held back for 50 s: slow down" in (await both.check("source first")).found


async def test_without_a_store_it_says_why(desk: Bench) -> None:
    (found,) = await ResearchChecks("The store is damaged.", desk.clock).checks()
    assert (found.state, found.found) == (CheckState.FAILED, "The store is damaged.")
    assert await ResearchChecks("", desk.clock).checks() == ()


class Telling(ToySource):
    """A source that says something of itself."""

    async def checks(self) -> list[Check]:
        return [Check(name="key", state=CheckState.FAILED, found="Refused.", next_step="Mend it.")]


async def test_what_a_source_says_of_itself_stands_under_its_name(desk: Bench) -> None:
    source = Telling("first", desk.clock, lambda _ask: [], kinds=[Kind.QUOTE])
    research = Research(router=desk.router(source), store=desk.store, settings=DataSettings())
    found = {check.name: check for check in await ResearchChecks(research, desk.clock).checks()}
    assert found["first key"].found == "Refused."
    assert found["first key"].state is CheckState.FAILED

"""The router over two real adapters at toy vendors: whatever one does, prices are true."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.adapters.research.store import SqliteResearch, open_research
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.router.errors import NoAnswerError
from cockpit.market.router.router import Found, Router, Rules
from cockpit.ports.feed import RawBar
from cockpit.ports.source import Kind
from cockpit.testing import Trouble
from tests.contract.vendors import Finnhub, Polygon, Vendor, intraday
from tests.toyserver.vendors import Mood, ToyFinnhub, ToyPolygon

ASK = intraday("ABC")
SECOND = 1_000_000_000


@dataclass
class Desk:
    first: Vendor
    second: Vendor
    router: Router
    store: SqliteResearch

    def is_true(self, found: Found) -> None:
        """Each bar is one of the vendor's own facts, and none is missing."""
        bars = found.answer.of(RawBar)
        start, end = ASK.start_ns // SECOND, ASK.end_ns // SECOND - 1
        facts = self.first.toy.facts.bars("ABC", start, end, 60)
        assert [
            (bar.ts_event // SECOND, bar.open, bar.high, bar.low, bar.close) for bar in bars
        ] == [(fact["t"], fact["o"], fact["h"], fact["l"], fact["c"]) for fact in facts]

    async def counted(self) -> None:
        """No request went out that was not counted before."""
        spent = await self.store.spent()
        for vendor in (self.first, self.second):
            days = spent[vendor.source_name].days if vendor.source_name in spent else {}
            assert sum(days.values()) >= vendor.requests


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    async with AsyncExitStack() as exits:
        first = Polygon(await exits.enter_async_context(ToyPolygon()))
        second = Finnhub(await exits.enter_async_context(ToyFinnhub()))
        store = await open_research(tmp_path, most_bytes=10_000_000)
        exits.push_async_callback(store.close)
        clock = WallClock()
        supervisor = Supervisor(clock)
        exits.push_async_callback(supervisor.stop)
        router = Router(
            [first.source(), second.source()],
            Rules(order={Kind.BARS: ["polygon", "finnhub"]}, timeout_s=2.0),
            store=store,
            clock=clock,
            spawn=supervisor.work,
        )
        exits.push_async_callback(router.close)
        yield Desk(first, second, router, store)


async def test_the_preferred_one_answers_while_it_can(desk: Desk) -> None:
    found = await desk.router.get(ASK)
    assert found.answer.source == "polygon"
    desk.is_true(found)
    assert desk.second.requests == 0
    await desk.counted()


@pytest.mark.parametrize("mood", list(Mood))
async def test_whatever_goes_wrong_the_other_tells_the_truth(desk: Desk, mood: Mood) -> None:
    desk.first.toy.moods[""] = mood
    found = await desk.router.get(ASK)
    assert found.answer.source == "finnhub"
    assert [error.source for error in found.passed_over] == ["polygon"]
    desk.is_true(found)
    await desk.counted()


async def test_a_key_that_is_revoked_in_mid_day(desk: Desk) -> None:
    assert (await desk.router.get(ASK)).answer.source == "polygon"
    desk.first.fall_into(Trouble.KEY_REVOKED)
    other = intraday("BRK.B")
    found = await desk.router.get(other)
    assert found.answer.source == "finnhub"
    asked = desk.first.requests
    with suppress(NoAnswerError):
        await desk.router.get(other, max_age_s=0)
    assert desk.first.requests == asked  # it is left alone
    kept = await desk.router.get(ASK)
    assert (kept.answer.source, kept.kept) == ("polygon", True)
    desk.is_true(kept)


async def test_with_both_gone_there_is_no_price_rather_than_a_wrong_one(desk: Desk) -> None:
    desk.first.toy.moods[""] = Mood.NAN
    desk.second.toy.moods[""] = Mood.NEGATIVE
    with pytest.raises(NoAnswerError) as error:
        await desk.router.get(ASK)
    assert {each.source for each in error.value.errors} == {"polygon", "finnhub"}
    await desk.counted()

"""Three vendors behind the router: when one fails in its own way, the next one answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.app.data.research import Needs, open_router
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.router.router import Found, Router
from cockpit.ports.source import (
    DownError,
    KeyRefusedError,
    Kind,
    LatestQuote,
    MalformedError,
    NotEntitledError,
    QuoteAsk,
    SourceError,
    ThrottledError,
)
from cockpit.ports.vault import vendor_secret
from tests.toyserver.client import DictVault
from tests.toyserver.vendors import Mood, ToyAlphaVantage, ToyFinnhub, ToyPolygon

ASK = QuoteAsk("ABC")


@dataclass
class Desk:
    polygon: ToyPolygon
    finnhub: ToyFinnhub
    alpha_vantage: ToyAlphaVantage
    router: Router

    async def get(self) -> Found:
        return await self.router.get(ASK, max_age_s=0)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    clock = WallClock()
    async with ToyPolygon() as polygon, ToyFinnhub() as finnhub, ToyAlphaVantage() as other:
        # a later price of one vendor is not followed by an earlier one of another
        polygon.quotes["ABC"] = (9.99, 10.01, clock.now_ns() - 30_000_000_000)
        toys = {"polygon": polygon, "finnhub": finnhub, "alpha_vantage": other}
        patience = {"connect_timeout_s": 0.5, "answer_timeout_s": 0.5}
        toml = {"sources": {name: {"url": toy.url} | patience for name, toy in toys.items()}}
        toml["sources"]["polygon"]["plan"] = "advanced"
        toml["data"] = {"sources": {"quote": list(toys)}}
        vault = DictVault(**{vendor_secret(name): toy.key for name, toy in toys.items()})
        needs = Needs(toml=toml, data_dir=tmp_path, vault=vault, clock=clock, account=None)
        supervisor = Supervisor(clock)
        async with open_router(needs, supervisor, lambda _now: False) as research:
            yield Desk(polygon, finnhub, other, research.router)
        await supervisor.stop()


async def test_each_says_where_it_is_from_and_how_late(desk: Desk) -> None:
    first = await desk.get()
    assert (first.answer.source, first.answer.delay_s) == ("polygon", 0)
    desk.polygon.moods[""] = Mood.DOWN
    second = await desk.get()
    assert (second.answer.source, second.answer.delay_s) == ("finnhub", 0)
    assert [error.source for error in second.passed_over] == ["polygon"]


async def test_the_last_one_says_that_it_knows_only_the_day(desk: Desk) -> None:
    desk.polygon.moods[""] = desk.finnhub.moods[""] = Mood.DOWN
    third = await desk.get()
    assert [error.source for error in third.passed_over] == ["polygon", "finnhub"]
    assert (third.answer.source, third.answer.delay_s) == ("alpha_vantage", 86_400)
    (row,) = third.answer.of(LatestQuote)
    assert (row.last, row.ts_event, bool(row.day)) == (10.0, 0, True)


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        (Mood.HANG, DownError),
        (Mood.RESET, DownError),
        (Mood.HTML, MalformedError),
        (Mood.TRUNCATED, MalformedError),
        (Mood.NULLS, MalformedError),
        (Mood.ZEROS, MalformedError),
        (Mood.OTHER_SYMBOL, MalformedError),
        (Mood.THROTTLED, ThrottledError),
        (Mood.NOT_ENTITLED, NotEntitledError),
    ],
)
async def test_a_vendor_in_trouble_is_passed_over(
    desk: Desk, mood: Mood, error: type[SourceError]
) -> None:
    desk.polygon.moods[""] = mood
    found = await desk.get()
    assert found.answer.source == "finnhub"
    (passed,) = found.passed_over
    assert isinstance(passed, error)
    (row,) = found.answer.of(LatestQuote)
    assert row.last == 10.0


async def test_a_key_revoked_during_the_day_costs_no_answer(desk: Desk) -> None:
    assert (await desk.get()).answer.source == "polygon"
    desk.polygon.key = "another"
    found = await desk.get()
    assert found.answer.source == "finnhub"
    assert isinstance(found.passed_over[0], KeyRefusedError)
    asked = len(desk.polygon.requests)
    assert (await desk.get()).answer.source == "finnhub"
    assert len(desk.polygon.requests) == asked  # it is left alone for a while
    assert Kind.QUOTE in desk.router.roll.serving

"""What is held but not on the feed's list has a previous close all the same, or none at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path

import pytest

from cockpit.app.data.closes import AGAIN_NS, PreviousCloses
from cockpit.domain.values import at_new_york, to_ns
from cockpit.kernel.clock import SECOND
from cockpit.market.session import SessionCalendar
from cockpit.ports.source import Adjusted, Ask, BarsAsk, DownError, Row
from tests.support.research import Bench, HandClock, ToySource, bar, bench
from tests.support.waiting import eventually

MONDAY = date(2024, 4, 15)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Bench]:
    async with bench(tmp_path) as found:
        found.clock.wall_ns = to_ns(at_new_york(MONDAY, "08:30"))
        yield found


def daily(clock: HandClock, closes: dict[int, float]) -> ToySource:
    """A vendor with the closes of some days of April 2024."""

    def reply(ask: Ask) -> Sequence[Row]:
        assert isinstance(ask, BarsAsk)
        assert (ask.interval_s, ask.adjusted) == (86_400, Adjusted.SPLITS)
        days = {to_ns(at_new_york(date(2024, 4, day), "00:00")): c for day, c in closes.items()}
        return [
            bar(ask.symbol, ts, close, 86_400)
            for ts, close in sorted(days.items())
            if ask.start_ns <= ts < ask.end_ns
        ]

    return ToySource("only", clock, reply)


class Turns(HandClock):
    """Time goes on only when a test lets it: by one rest of whoever sleeps."""

    def __init__(self, like: HandClock) -> None:
        super().__init__(like.wall_ns)
        self.may_go = asyncio.Semaphore(0)
        self.rests = 0

    async def sleep(self, seconds: float) -> None:
        self.rests += 1
        await self.may_go.acquire()
        self.advance(seconds)


class Learning:
    """Closes as they are learnt, turn by turn."""

    def __init__(self, desk: Bench, source: ToySource) -> None:
        self.clock = Turns(desk.clock)
        self.missing = ["ABC"]
        self.told: dict[str, float] = {}
        self._closes = PreviousCloses(
            lambda: tuple(self.missing),
            desk.router(source),
            self.clock,
            SessionCalendar(),
            self._tell,
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        task = asyncio.ensure_future(self._closes.run())
        try:
            await eventually(lambda: self.clock.rests == 1)
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def look_again(self) -> None:
        rests = self.clock.rests
        self.clock.may_go.release()
        await eventually(lambda: self.clock.rests == rests + 1)

    def _tell(self, symbol: str, close: float) -> None:
        self.told[symbol] = close
        self.missing.remove(symbol)


async def test_the_close_of_the_session_before_is_learnt_once(desk: Bench) -> None:
    source = daily(desk.clock, {11: 10.0, 12: 11.0, 15: 99.0})
    learning = Learning(desk, source)
    async with learning.running():
        assert learning.told == {"ABC": 11.0}, "Friday's, on a Monday"
        learning.missing.append("DEF")  # e.g. an order in it: it turns up later
        await learning.look_again()
        await learning.look_again()
    assert learning.told == {"ABC": 11.0, "DEF": 11.0}
    assert len(source.asked) == 2


async def test_a_close_of_an_earlier_session_is_none(desk: Bench) -> None:
    """A plan that is a day late knows Thursday's on a Monday morning."""
    source = daily(desk.clock, {10: 9.0, 11: 10.0})
    learning = Learning(desk, source)
    async with learning.running():
        assert len(source.asked) == 1
    assert learning.told == {}


async def test_who_did_not_answer_is_asked_again_later(desk: Bench) -> None:
    source = daily(desk.clock, {12: 11.0})
    answer, replies = source.reply, iter([DownError("only", "it is down")])
    source.reply = lambda ask: next(replies, None) or answer(ask)
    learning = Learning(desk, source)
    async with learning.running():
        asked = len(source.asked)
        await learning.look_again()
        assert (learning.told, len(source.asked)) == ({}, asked), "not every five seconds"
        for clock in (learning.clock, desk.clock):  # ours, and that of the router
            clock.advance(AGAIN_NS / SECOND)
        await learning.look_again()
    assert learning.told == {"ABC": 11.0}

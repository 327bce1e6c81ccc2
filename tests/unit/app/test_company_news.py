"""Adjusted bars where no source has any, and what is said of splits and dividends of a holding."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.app.data.company_news import CompanyNews
from cockpit.app.telling.alerts import Alerts
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.market.router.adjusting import adjusted_bars
from cockpit.market.router.errors import NoAnswerError
from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    ActionKind,
    ActionsAsk,
    Adjusted,
    Ask,
    BarOffer,
    BarsAsk,
    CorporateAction,
    DownError,
    Profile,
)
from tests.support.research import NOON, Bench, ToySource, bars_for, bench
from tests.support.waiting import eventually

DAY = 86_400 * SECOND
MIDNIGHT = NOON - 13 * 3_600 * SECOND


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Bench]:
    async with bench(tmp_path) as found:
        yield found


def happened(kind: ActionKind, day: str, **about: Decimal) -> CorporateAction:
    return CorporateAction(symbol="ABC", kind=kind, ex_day=day, **about)


def source_of(desk: Bench, *actions: CorporateAction) -> ToySource:
    """A source of raw bars at 10, and of those actions."""

    def reply(ask: Ask) -> list[RawBar] | list[CorporateAction]:
        if not isinstance(ask, ActionsAsk):
            return bars_for(ask)
        return [a for a in actions if ask.first_day <= a.ex_day <= ask.last_day]

    source = ToySource("raw", desk.clock, reply)
    kinds, budget = source.profile.kinds, source.profile.budget
    source.profile = Profile(kinds=kinds, budget=budget, bars=(BarOffer((60, 86_400)),))
    return source


def last_week(adjusted: Adjusted) -> BarsAsk:
    return BarsAsk(
        symbol="ABC",
        interval_s=86_400,
        start_ns=MIDNIGHT - 7 * DAY,
        end_ns=MIDNIGHT,
        adjusted=adjusted,
    )


SPLIT = happened(ActionKind.SPLIT, "2024-04-09", shares_after=Decimal(2))
DIVIDEND = happened(ActionKind.DIVIDEND, "2024-04-09", amount=Decimal(1))


async def test_raw_bars_are_adjusted_by_splits(desk: Bench) -> None:
    router = desk.router(source_of(desk, SPLIT))
    found = await adjusted_bars(router, last_week(Adjusted.SPLITS), NOON)
    closes = [bar.close for bar in found.answer.of(RawBar)]
    assert closes == [5.0] * 5 + [10.0] * 2
    assert (found.answer.adjusted, found.adjusted_by) == (Adjusted.SPLITS, "raw")
    raw = await adjusted_bars(router, last_week(Adjusted.RAW), NOON)
    assert {bar.close for bar in raw.answer.of(RawBar)} == {10.0}


async def test_and_by_dividends(desk: Bench) -> None:
    router = desk.router(source_of(desk, DIVIDEND))
    found = await adjusted_bars(router, last_week(Adjusted.ALL), NOON)
    assert found.answer.of(RawBar)[0].close == 9.0
    assert found.answer.complete


async def test_without_actions_nothing_is_called_adjusted(desk: Bench) -> None:
    source = source_of(desk)
    good = source.reply

    def reply(ask: Ask) -> object:
        return DownError("raw", "HTTP 500") if isinstance(ask, ActionsAsk) else good(ask)

    source.reply = reply
    with pytest.raises(NoAnswerError):
        await adjusted_bars(desk.router(source), last_week(Adjusted.SPLITS), NOON)


@pytest.mark.parametrize(
    ("action", "title", "text"),
    [
        (SPLIT, "ABC was split", "split 2 for 1 on 2024-04-09"),
        (
            happened(ActionKind.SPLIT, "2024-04-15", shares_after=Decimal(10)),
            "ABC will be split",
            "look at your orders",
        ),
        (
            happened(ActionKind.DIVIDEND, "2024-04-12", amount=Decimal("0.25")),
            "ABC pays a dividend",
            "0.25 USD a share",
        ),
    ],
)
async def test_what_is_held_is_told_once(
    desk: Bench, action: CorporateAction, title: str, text: str
) -> None:
    source = source_of(desk, action, happened(ActionKind.DIVIDEND, "2024-01-01", amount=Decimal(1)))
    alerts = Alerts(Bus(), desk.clock)
    news = CompanyNews(lambda: ["ABC"], desk.router(source), desk.clock, alerts)
    task = asyncio.ensure_future(news.run())
    await eventually(lambda: len(source.asked) >= 2)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    (told,) = alerts.all()
    assert told.title == title
    assert text in told.text

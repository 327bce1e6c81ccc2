"""Finnhub's words and units, and what it says of its budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cockpit.adapters.sources import reading
from cockpit.adapters.sources.finnhub import FinnhubSettings, bodies, build
from cockpit.kernel.clock import WallClock
from cockpit.ports.source import (
    Adjusted,
    Figure,
    Fundamentals,
    FundamentalsAsk,
    KeyRefusedError,
    Kind,
    LatestQuote,
    NewsAsk,
    NotEntitledError,
    QuoteAsk,
    Source,
    Span,
    ThrottledError,
)
from cockpit.testing import CountingMeter
from tests.contract.vendors import PATIENCE, SECOND, Finnhub, days, intraday
from tests.toyserver.client import DictVault
from tests.toyserver.vendors import Mood, ToyFinnhub

D = Decimal


def source_at(toy: ToyFinnhub, **settings: Any) -> Source:
    chosen = {"url": toy.url, "plan": "premium"} | PATIENCE | settings
    vault = DictVault(**{"feeds/finnhub/key": toy.key})
    return build(FinnhubSettings(**chosen), clock=WallClock(), vault=vault)


async def test_a_quote_is_a_last_price_without_bid_and_ask(
    finnhub: ToyFinnhub, meter: CountingMeter
) -> None:
    finnhub.last_at = 1_768_573_800
    source = source_at(finnhub)
    (row,) = (await source.fetch(QuoteAsk("ABC"), meter)).of(LatestQuote)
    assert row == LatestQuote(
        symbol="ABC", ts_event=1_768_573_800 * SECOND, last=10.0, day_open=10.0, day_high=11.0,
        day_low=9.0, previous_close=9.95,
    )  # fmt: skip
    assert finnhub.seen[-1]["X-Finnhub-Token"] == finnhub.key
    assert finnhub.key not in str(finnhub.requests)
    await source.close()


async def test_what_is_left_of_the_minute_is_passed_on(
    finnhub: ToyFinnhub, meter: CountingMeter
) -> None:
    finnhub.left = 7
    source = source_at(finnhub)
    await source.fetch(QuoteAsk("ABC"), meter)
    ((span, left, resets_in_s),) = meter.told
    assert (span, left) == (Span.MINUTE, 7)
    assert resets_in_s is not None
    assert 25 < resets_in_s <= 30
    await source.close()


async def test_figures_are_in_single_units_and_fractions(
    finnhub: ToyFinnhub, meter: CountingMeter
) -> None:
    source = source_at(finnhub)
    (row,) = (await source.fetch(FundamentalsAsk("ABC"), meter)).of(Fundamentals)
    assert row.figures[Figure.MARKET_CAP] == D(1_234_500_000)
    assert row.figures[Figure.SHARES_OUTSTANDING] == D(98_765_000)
    assert row.figures[Figure.AVERAGE_VOLUME] == D(1_500_000)
    assert row.figures[Figure.DIVIDEND_YIELD] == D("0.0035")
    assert row.figures[Figure.PROFIT_MARGIN] == D("0.276")
    assert row.figures[Figure.BETA] == D("1.2")
    assert Figure.PRICE_TO_SALES not in row.figures  # it says null
    assert meter.requests == 2
    await source.close()


@pytest.mark.parametrize(
    ("mood", "error"), [(Mood.THROTTLED, ThrottledError), (Mood.NOT_ENTITLED, NotEntitledError)]
)
async def test_a_refusal_with_status_200_is_one(
    finnhub: ToyFinnhub, meter: CountingMeter, mood: Mood, error: type[Exception]
) -> None:
    finnhub.error_200 = True
    finnhub.moods[""] = mood
    source = source_at(finnhub)
    for ask in (QuoteAsk("ABC"), NewsAsk(symbol="ABC"), intraday("ABC")):
        with pytest.raises(error):
            await source.fetch(ask, meter)
    finnhub.moods.clear()
    finnhub.key = "another"
    with pytest.raises(KeyRefusedError, match="Invalid API key"):
        await source.fetch(QuoteAsk("ABC"), meter)
    await source.close()


def test_columns_of_different_length_are_no_bars() -> None:
    good = b'{"s":"ok","o":[1,2],"h":[3,3],"l":[1,1],"c":[2,2],"v":[5,6],"t":[60,120]}'
    rows = bodies.bars_of("ABC", reading.decode("finnhub", good, bodies.Candles), 60)
    assert [(row.ts_event // SECOND, row.close) for row in rows] == [(60, 2), (120, 2)]
    bad = reading.decode("finnhub", good.replace(b"[5,6]", b"[5]"), bodies.Candles)
    with pytest.raises(ValueError, match="different length"):
        bodies.bars_of("ABC", bad, 60)


async def test_days_are_adjusted_for_splits_and_minutes_are_not(
    finnhub: ToyFinnhub, meter: CountingMeter
) -> None:
    source = source_at(finnhub)
    monday = 1_768_194_000  # 2026-01-12 00:00 in New York
    answer = await source.fetch(days("ABC", monday, monday + 2 * 86_400, Adjusted.SPLITS), meter)
    assert [row.ts_event // SECOND for row in answer.rows] == [monday + 86_400]  # type: ignore[union-attr]
    assert answer.adjusted is Adjusted.SPLITS
    with pytest.raises(NotEntitledError):
        await source.fetch(days("ABC", monday, monday + 86_400, Adjusted.RAW), meter)
    await source.close()


def test_the_free_plan_offers_no_bars() -> None:
    profile = build(FinnhubSettings(), clock=WallClock()).profile
    assert profile.kinds == {Kind.QUOTE, Kind.FUNDAMENTALS, Kind.NEWS}
    assert (profile.budget.per_second, profile.budget.per_minute) == (30, 60)
    assert not profile.bars


async def test_the_newest_news_are_kept(finnhub: ToyFinnhub, meter: CountingMeter) -> None:
    source = Finnhub(finnhub).source()
    answer = await source.fetch(NewsAsk(symbol="ABC", most=2), meter)
    assert [row.headline for row in answer.rows] == ["News 2", "News 3"]  # type: ignore[union-attr]
    assert not answer.complete
    assert (await source.fetch(NewsAsk(), meter)).complete
    assert finnhub.requests[-1] == ("/news", {"category": "general"})
    await source.close()

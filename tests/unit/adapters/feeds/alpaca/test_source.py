"""Alpaca's data API as a source: what it gives, what each request costs, and how it fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit.adapters.feeds.alpaca import source as alpaca
from cockpit.adapters.feeds.alpaca.source import AlpacaSource
from cockpit.kernel.clock import SECOND
from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    ActionKind,
    ActionsAsk,
    BarsAsk,
    CorporateAction,
    DownError,
    FundamentalsAsk,
    HeldBackError,
    KeyRefusedError,
    LatestQuote,
    MalformedError,
    NewsAsk,
    NewsItem,
    NotEntitledError,
    QuoteAsk,
    SourceError,
    ThrottledError,
    UnknownSymbolError,
)
from cockpit.testing import CountingMeter
from tests.toyserver import Fault, ToyServer
from tests.toyserver.client import DictVault, source_at

START = 1_704_207_600 * SECOND
BARS = BarsAsk(symbol="ABC", interval_s=60, start_ns=START, end_ns=START + 600 * SECOND)


@pytest.fixture
async def toy() -> AsyncIterator[ToyServer]:
    async with ToyServer() as toy:
        toy.exchange.list_symbols("ABC")
        yield toy


@pytest.fixture
async def source(toy: ToyServer) -> AsyncIterator[AlpacaSource]:
    source = source_at(toy)
    yield source
    await source.close()


async def test_a_quote_says_when_it_was_made(toy: ToyServer, source: AlpacaSource) -> None:
    toy.market.quote("ABC", 9.99, 10.01, 300)
    meter = CountingMeter()
    answer = await source.fetch(QuoteAsk("ABC"), meter)
    (quote,) = answer.of(LatestQuote)
    assert (quote.symbol, quote.bid, quote.ask, quote.bid_size) == ("ABC", 9.99, 10.01, 300)
    assert abs(answer.fetched_ns - quote.ts_event) < 10 * SECOND
    assert (answer.source, answer.delay_s, meter.requests) == ("alpaca", 0, 1)


async def test_a_delayed_plan_says_so(toy: ToyServer) -> None:
    source = source_at(toy, feed="delayed_sip")
    toy.market.quote("ABC", 9.99, 10.01, 300)
    assert (await source.fetch(QuoteAsk("ABC"), CountingMeter())).delay_s == 900
    await source.close()


async def test_each_page_of_bars_is_counted_before_it_goes_out(
    toy: ToyServer, source: AlpacaSource
) -> None:
    meter = CountingMeter()
    bars = (await source.fetch(BARS, meter)).of(RawBar)
    assert [bar.ts_event for bar in bars] == [START + n * 60 * SECOND for n in range(5)]
    assert bars[0] == RawBar("ABC", 10, 10.5, 9.5, 10.25, 1000, 10.1, 12, 60, START)
    asked = [path for _, path in toy.requests if "/bars" in path]
    assert meter.requests == len(asked) > 1
    assert "adjustment=raw" in asked[0]


async def test_a_budget_that_ends_in_the_middle_gives_no_half_answer(source: AlpacaSource) -> None:
    with pytest.raises(HeldBackError):
        await source.fetch(BARS, CountingMeter(most=1))


def article(number: int, symbol: str) -> dict[str, Any]:
    return {
        "id": number, "headline": f"News {number}", "url": f"https://x/{number}", "summary": "s",
        "created_at": f"2024-01-0{number}T10:00:00Z", "updated_at": "2024-01-09T00:00:00Z",
        "source": "wire", "symbols": [symbol], "author": "A", "content": "", "images": [],
    }  # fmt: skip


async def test_news_comes_oldest_first_and_no_more_than_asked(
    toy: ToyServer, source: AlpacaSource
) -> None:
    toy.market.news = [article(n, "ABC") for n in (5, 4, 3, 2)] + [article(1, "XYZ")]
    answer = await source.fetch(NewsAsk(symbol="ABC", most=100), CountingMeter())
    assert [item.news_id for item in answer.of(NewsItem)] == ["2", "3", "4", "5"]
    few = await source.fetch(NewsAsk(symbol="ABC", most=1), CountingMeter())
    assert [item.headline for item in few.of(NewsItem)] == ["News 5"]
    assert few.of(NewsItem)[0].ts_event == 1_704_448_800 * SECOND


def test_recorded_news_can_be_read(shared_data: Path) -> None:
    lines = (shared_data / "api_fixtures" / "alpaca_rest.jsonl").read_text("utf-8")
    bodies = [json.loads(line)["body"] for line in lines.splitlines()]
    news = [body for body in bodies if isinstance(body, dict) and "news" in body]
    read = [msgspec.convert(body, alpaca._News) for body in news]
    assert [a.symbols for page in read for a in page.news] == [("AAPL", "QCOM"), ("CWAN",)]


async def test_splits_and_dividends_by_their_ex_day(toy: ToyServer, source: AlpacaSource) -> None:
    days = {"record_date": "2024-06-07", "payable_date": "2024-06-28"}
    toy.market.actions = {
        "forward_splits": [
            {"symbol": "ABC", "old_rate": 1, "new_rate": 10, "ex_date": "2024-06-10",
             "process_date": "2024-06-10", **days}
        ],
        "cash_dividends": [
            {"symbol": "ABC", "rate": 0.01, "ex_date": "2024-06-11", "process_date": "2024-06-28",
             "special": False, "foreign": False, **days},
            {"symbol": "ABC", "rate": 0.04, "ex_date": "2024-03-05", "process_date": "2024-03-27"},
        ],
        "name_changes": [],
    }  # fmt: skip
    ask = ActionsAsk(symbol="ABC", first_day="2024-06-01", last_day="2024-06-15")
    split, dividend = (await source.fetch(ask, CountingMeter())).of(CorporateAction)
    assert (split.kind, split.shares_before, split.shares_after) == (ActionKind.SPLIT, 1, 10)
    assert (dividend.amount, dividend.ex_day, dividend.pay_day) == (
        Decimal("0.01"), "2024-06-11", "2024-06-28",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.LOST_REQUEST, DownError),
        (Fault.STALLED, DownError),
        (Fault.BUSY_500, DownError),
        (Fault.HTML_403, DownError),
        (Fault.TOO_MANY, ThrottledError),
        (Fault.ACCEPTED_HTML, MalformedError),
        (Fault.ACCEPTED_ODD, MalformedError),
        (Fault.ACCEPTED_CUT, MalformedError),
    ],
)
async def test_each_failure_has_its_word(
    toy: ToyServer, source: AlpacaSource, fault: Fault, error: type[SourceError]
) -> None:
    toy.faults.plan("GET /v2/stocks/quotes/latest", fault)
    with pytest.raises(error):
        await source.fetch(QuoteAsk("ABC"), CountingMeter())


async def test_a_throttled_answer_says_how_long(toy: ToyServer, source: AlpacaSource) -> None:
    toy.faults.plan("GET /v2/stocks/quotes/latest", Fault.TOO_MANY)
    with pytest.raises(ThrottledError) as error:
        await source.fetch(QuoteAsk("ABC"), CountingMeter())
    assert error.value.retry_after_s


async def test_a_key_that_is_revoked_or_missing(toy: ToyServer, source: AlpacaSource) -> None:
    toy.keys = ("other", "keys")
    with pytest.raises(KeyRefusedError):
        await source.fetch(QuoteAsk("ABC"), CountingMeter())
    without = source_at(toy, vault=DictVault())
    meter = CountingMeter()
    with pytest.raises(KeyRefusedError):
        await without.fetch(QuoteAsk("ABC"), meter)
    assert meter.requests == 0


async def test_what_it_does_not_know_or_have(source: AlpacaSource) -> None:
    with pytest.raises(UnknownSymbolError):
        await source.fetch(QuoteAsk("NOPE"), CountingMeter())
    with pytest.raises(NotEntitledError):
        await source.fetch(FundamentalsAsk("ABC"), CountingMeter())

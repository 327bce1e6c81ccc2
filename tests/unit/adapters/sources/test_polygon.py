"""Polygon's bodies as they were recorded, its pages, its plans and its words for a no."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from cockpit.adapters.sources import reading
from cockpit.adapters.sources.polygon import PolygonSettings, bodies, build
from cockpit.kernel.clock import WallClock
from cockpit.ports.source import (
    Adjusted,
    BarsAsk,
    Figure,
    FundamentalsAsk,
    KeyRefusedError,
    Kind,
    LatestQuote,
    MalformedError,
    NewsAsk,
    NotEntitledError,
    QuoteAsk,
    Source,
    Span,
    ThrottledError,
)
from cockpit.testing import CountingMeter
from tests.contract.vendors import NEWS_AT, PATIENCE, SECOND, Polygon, days, intraday
from tests.toyserver.client import DictVault
from tests.toyserver.vendors import Mood, ToyPolygon

D = Decimal
AGGS = "/v2/aggs/ticker/AAPL"


def source_at(toy: ToyPolygon, vault: DictVault | None = None, **settings: Any) -> Source:
    chosen = {"url": toy.url, "plan": "advanced"} | PATIENCE | settings
    found = vault or DictVault(**{"feeds/polygon/key": toy.key})
    return build(PolygonSettings(**chosen), clock=WallClock(), vault=found)


# recorded bodies


def test_recorded_bars(polygon_bodies: dict[str, bytes]) -> None:
    body = polygon_bodies[f"{AGGS}/range/1/day/2005-04-01/2005-04-04"]
    page = reading.decode("polygon", body, bodies.Aggs)
    first, second = [bodies.bar_of("AAPL", agg, 86_400) for agg in page.results or ()]
    assert (page.status, page.ticker) == ("OK", "AAPL")
    assert (first.open, first.high, first.low) == (1.5032, 1.5064, 1.4489)
    assert (first.volume, first.vwap, first.trades) == (642646396.0, 1.469, 82132)
    assert [reading.day_of(bar.ts_event) for bar in (first, second)] == ["2005-04-01", "2005-04-04"]
    assert reading.sound(first)


def test_recorded_previous_day(polygon_bodies: dict[str, bytes]) -> None:
    page = reading.decode("polygon", polygon_bodies[f"{AGGS}/prev"], bodies.Aggs)
    assert page.results is not None
    row = bodies.close_of("AAPL", page.results[0])
    assert (row.day, row.last, row.volume, row.ts_event) == ("2022-04-26", 156.8, 95595226.0, 0)


def test_recorded_snapshots(polygon_bodies: dict[str, bytes]) -> None:
    path = "/v2/snapshot/locale/us/markets/stocks/"
    shots = [
        shot
        for name, body in polygon_bodies.items()
        if name.startswith(path)
        for shot in reading.decode("polygon", body, bodies.Shots).tickers or ()
    ]
    assert shots
    for shot in shots:
        row = bodies.quote_of(shot.ticker, shot)
        assert row.last is not None
        assert row.bid is None or row.ask is None or row.bid <= row.ask
        assert datetime.fromtimestamp(row.ts_event / 1e9, UTC).year in range(2018, 2027)


def test_recorded_details(polygon_bodies: dict[str, bytes]) -> None:
    body = polygon_bodies["/v3/reference/tickers/AAPL"]
    told = reading.decode("polygon", body, bodies.Details)
    assert told.results is not None
    row = bodies.company_of(told.results)
    assert (row.symbol, row.name, row.exchange) == ("AAPL", "Apple Inc.", "XNAS")
    assert row.currency == "USD"
    assert row.figures[Figure.MARKET_CAP] == D(2488795282370)
    assert row.figures[Figure.SHARES_OUTSTANDING] > D(10**10)


def test_recorded_news(polygon_bodies: dict[str, bytes]) -> None:
    told = reading.decode("polygon", polygon_bodies["/v2/reference/news?ticker=NFLX"], bodies.News)
    items = [bodies.item_of(article) for article in told.results or ()]
    assert items
    assert all(item.headline and item.url.startswith("http") and item.symbols for item in items)
    assert all(item.ts_event > 1_500_000_000 * SECOND for item in items)


def test_recorded_splits_and_dividends(polygon_bodies: dict[str, bytes]) -> None:
    splits = reading.decode("polygon", polygon_bodies["/v3/reference/splits"], bodies.Splits)
    rows = [bodies.split_of(row) for row in splits.results or ()]
    google = next(row for row in rows if row.symbol == "GOOGL")
    assert (google.ex_day, google.shares_before, google.shares_after) == ("2022-07-18", D(1), D(20))
    reverse = next(row for row in rows if row.symbol == "BRW")
    assert (reverse.shares_before, reverse.shares_after) == (D(2), D(1))
    paid = reading.decode("polygon", polygon_bodies["/v3/reference/dividends"], bodies.Dividends)
    for row in (bodies.dividend_of(row) for row in paid.results or ()):
        assert row.amount > 0
        assert row.ex_day
        assert row.currency == "USD"


def test_all_that_is_recorded_of_stocks_can_be_read(polygon_bodies: dict[str, bytes]) -> None:
    kinds = {
        "/v2/aggs/ticker/": bodies.Aggs,
        "/v2/snapshot/locale/us/": bodies.Shots,
        "/v3/reference/tickers/AAPL": bodies.Details,
        "/v2/reference/news": bodies.News,
        "/v3/reference/splits": bodies.Splits,
        "/v3/reference/dividends": bodies.Dividends,
    }
    read = 0
    for path, body in polygon_bodies.items():
        for start, kind in kinds.items():
            if path.startswith(start):
                assert reading.decode("polygon", body, kind).status == "OK"
                read += 1
    assert read >= 9


# pages, plans, words


async def test_bars_are_paged_from_our_own_address_only(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    polygon.page = 2
    source = source_at(polygon)
    answer = await source.fetch(intraday("ABC"), meter)
    assert [bar.ts_event // SECOND % 300 for bar in answer.rows] == [0, 60, 120, 180, 240]  # type: ignore[union-attr]
    assert [query.get("cursor") for _, query in polygon.requests] == [None, "2", "4"]
    assert meter.requests == 3
    assert answer.complete
    await source.close()


async def test_a_list_that_goes_round_in_a_circle_is_given_up(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    polygon.page = 0  # each page is empty and names the same next one
    source = source_at(polygon)
    with pytest.raises(MalformedError, match="circle"):
        await source.fetch(intraday("ABC"), meter)
    assert meter.requests == 2
    await source.close()


async def test_days_begin_at_midnight_in_new_york(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    source = source_at(polygon)
    monday = 1_768_194_000  # 2026-01-12 00:00 there
    answer = await source.fetch(days("ABC", monday, monday + 3 * 86_400, Adjusted.SPLITS), meter)
    assert [bar.ts_event for bar in answer.rows] == [  # type: ignore[union-attr]
        (monday + n * 86_400) * SECOND for n in range(3)
    ]
    assert answer.adjusted is Adjusted.SPLITS
    assert polygon.requests[-1][1]["adjusted"] == "true"
    await source.close()


async def test_a_bar_that_is_not_over_yet_is_none(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    now = WallClock().now_ns()
    for plan, late_s in (("advanced", 0), ("starter", 900)):
        source = source_at(polygon, plan=plan)
        ask = BarsAsk(
            symbol="ABC", interval_s=60, start_ns=now - 3600 * SECOND, end_ns=now + 600 * SECOND
        )
        answer = await source.fetch(ask, meter)
        ends = [bar.ts_event + 60 * SECOND for bar in answer.rows]  # type: ignore[union-attr]
        assert max(ends) <= now + 5 * SECOND - late_s * SECOND
        assert max(ends) > now - (late_s + 120) * SECOND
        assert answer.delay_s == late_s
        await source.close()


@pytest.mark.parametrize(
    ("plan", "quote_s", "per_minute", "depth"),
    [("basic", 86_400, 5, 730), ("starter", 900, 0, 1826), ("advanced", 0, 0, 0)],
)
def test_a_plan_says_how_late_and_how_much(
    plan: Any, quote_s: int, per_minute: int, depth: int
) -> None:
    profile = build(PolygonSettings(plan=plan), clock=WallClock()).profile
    assert profile.delay_s.get(Kind.QUOTE, 0) == quote_s
    assert profile.budget.per_minute == per_minute
    assert profile.bars[0].depth_days == depth
    assert profile.plan == plan
    own = build(PolygonSettings(plan=plan, requests_per_minute=7), clock=WallClock())
    assert own.profile.budget.per_minute == 7


async def test_the_free_plan_has_yesterdays_close_and_says_so(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    source = source_at(polygon, plan="basic")
    answer = await source.fetch(QuoteAsk("ABC"), meter)
    (row,) = answer.of(LatestQuote)
    assert (row.ts_event, row.bid, row.ask, bool(row.day)) == (0, None, None, True)
    assert answer.delay_s == 86_400
    assert polygon.count("/v2/snapshot") == 0
    await source.close()


async def test_what_calls_itself_delayed_is_never_the_present(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    polygon.delayed = True
    source = source_at(polygon)
    assert (await source.fetch(QuoteAsk("ABC"), meter)).delay_s == 900
    assert (await source.fetch(intraday("ABC"), meter)).delay_s == 900
    await source.close()


async def test_the_time_of_a_quote_is_that_of_the_quote(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    polygon.quotes["ABC"] = (9.5, 9.6, 1_768_573_800_123_456_789)
    source = source_at(polygon)
    (row,) = (await source.fetch(QuoteAsk("ABC"), meter)).of(LatestQuote)
    assert (row.bid, row.ask, row.ts_event) == (9.5, 9.6, 1_768_573_800_123_456_789)
    assert (row.bid_size, row.ask_size, row.previous_close) == (3, 4, 9.95)
    await source.close()


async def test_the_key_goes_in_a_header_and_in_no_address(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    source = source_at(polygon)
    await source.fetch(QuoteAsk("ABC"), meter)
    assert polygon.seen[-1]["Authorization"] == f"Bearer {polygon.key}"
    assert polygon.key not in str(polygon.requests)
    await source.close()


async def test_a_key_that_was_replaced_in_the_vault_is_found(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    vault = DictVault(**{"feeds/polygon/key": "old0000000"})
    source = source_at(polygon, vault)
    with pytest.raises(KeyRefusedError, match="Unknown API Key"):
        await source.fetch(QuoteAsk("ABC"), meter)
    vault.secrets["feeds/polygon/key"] = polygon.key
    assert (await source.fetch(QuoteAsk("ABC"), meter)).rows
    await source.close()


async def test_without_a_key_nothing_goes_out_and_it_says_what_to_do(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    source = source_at(polygon, DictVault())
    with pytest.raises(KeyRefusedError, match="cockpit data keys add polygon"):
        await source.fetch(QuoteAsk("ABC"), meter)
    assert not polygon.requests
    await source.close()


async def test_throttling_says_how_long(polygon: ToyPolygon, meter: CountingMeter) -> None:
    polygon.moods[""] = Mood.THROTTLED
    source = source_at(polygon)
    with pytest.raises(ThrottledError) as raised:
        await source.fetch(QuoteAsk("ABC"), meter)
    assert (raised.value.retry_after_s, raised.value.span) == (17, Span.MINUTE)
    await source.close()


async def test_checks_say_how_it_fared(polygon: ToyPolygon, meter: CountingMeter) -> None:
    source = source_at(polygon)

    async def states() -> dict[str, str]:
        return {c.name: c.state.value for c in await source.checks()}  # type: ignore[attr-defined]

    assert await states() == {}
    await source.fetch(FundamentalsAsk("ABC"), meter)
    assert await states() == dict.fromkeys(("key", "plan", "answers"), "ok")
    polygon.moods[""] = Mood.NOT_ENTITLED
    with pytest.raises(NotEntitledError, match="not entitled"):
        await source.fetch(FundamentalsAsk("ABC"), meter)
    polygon.moods[""] = Mood.DOWN
    with pytest.raises(Exception, match="503"):
        await source.fetch(FundamentalsAsk("ABC"), meter)
    assert await states() == {"key": "ok", "plan": "warning", "answers": "warning"}
    polygon.moods.clear()
    polygon.key = "another"
    with pytest.raises(KeyRefusedError):
        await source.fetch(FundamentalsAsk("ABC"), meter)
    assert (await states())["key"] == "failed"
    await source.close()


async def test_more_news_than_were_asked_for_are_said(
    polygon: ToyPolygon, meter: CountingMeter
) -> None:
    venue = Polygon(polygon)
    source = venue.source()
    answer = await source.fetch(NewsAsk(symbol="ABC", most=2), meter)
    assert [row.headline for row in answer.rows] == ["News 2", "News 3"]  # type: ignore[union-attr]
    assert not answer.complete
    whole = await source.fetch(NewsAsk(symbol="", start_ns=NEWS_AT * SECOND), meter)
    assert len(whole.rows) == 3
    assert whole.complete
    await source.close()


async def test_one_bad_bar_is_left_out_and_said(polygon: ToyPolygon, meter: CountingMeter) -> None:
    good = polygon.facts.bar

    def bar(symbol: str, at: int, step: int) -> dict[str, float]:
        made = good(symbol, at, step)
        return made | {"h": made["l"] - 1} if at % 300 == 120 else made

    polygon.facts.bar = bar  # type: ignore[method-assign]
    source = source_at(polygon)
    answer = await source.fetch(intraday("ABC"), meter)
    assert len(answer.rows) == 4
    assert not answer.complete
    await source.close()


@pytest.mark.parametrize("address", ["http://api.massive.com", "ftp://x", "nothing"])
def test_a_key_never_leaves_unencrypted(address: str) -> None:
    with pytest.raises(ValidationError, match="https"):
        PolygonSettings(url=address)


@pytest.mark.parametrize("interval_s", [1, 61, 7 * 86_400])
async def test_bars_that_it_has_not_cost_nothing(
    polygon: ToyPolygon, meter: CountingMeter, interval_s: int
) -> None:
    source = source_at(polygon)
    with pytest.raises(NotEntitledError):
        await source.fetch(
            BarsAsk(symbol="ABC", interval_s=interval_s, start_ns=0, end_ns=SECOND), meter
        )
    assert not polygon.requests

"""Alpha Vantage's recorded bodies, and its refusals, which all come with status 200."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cockpit.adapters.sources import reading
from cockpit.adapters.sources.alpha_vantage import AlphaVantageSettings, bodies, build
from cockpit.adapters.sources.alpha_vantage.source import months_of, refusal
from cockpit.kernel.clock import VirtualClock, WallClock
from cockpit.ports.source import (
    BarsAsk,
    Figure,
    Fundamentals,
    FundamentalsAsk,
    KeyRefusedError,
    Kind,
    LatestQuote,
    NotEntitledError,
    QuoteAsk,
    Source,
    Span,
    ThrottledError,
    UnknownSymbolError,
)
from cockpit.testing import CountingMeter
from tests.contract.vendors import BELL, PATIENCE, SECOND, days, intraday
from tests.toyserver.client import DictVault
from tests.toyserver.vendors import Mood, ToyAlphaVantage


def source_at(toy: ToyAlphaVantage, clock: Any = None, **settings: Any) -> Source:
    vault = DictVault(**{"feeds/alpha_vantage/key": toy.key})
    chosen = AlphaVantageSettings(url=toy.url, **PATIENCE, **settings)
    return build(chosen, clock=clock or WallClock(), vault=vault)


# recorded bodies


def test_recorded_quote(alpha_vantage_bodies: dict[str, bytes]) -> None:
    told = reading.decode("av", alpha_vantage_bodies["global_quote"], bodies.Quote)
    assert told.now is not None
    row = bodies.quote_of("MSFT", told.now)
    assert row == LatestQuote(
        symbol="MSFT", ts_event=0, day="2018-10-05", last=112.13, volume=29062853.0,
        day_open=112.63, day_high=113.17, day_low=110.64, previous_close=112.79,
    )  # fmt: skip


def test_recorded_bars(alpha_vantage_bodies: dict[str, bytes]) -> None:
    series = reading.decode("av", alpha_vantage_bodies["mock_time_series"], bodies.Series)
    meta = bodies.meta_of(series)
    assert (meta.symbol, meta.zone) == ("MSFT", "US/Eastern")
    bars = list(bodies.bars_of("MSFT", series, meta.zone, 60))
    assert len(bars) == 100
    assert all(reading.sound(bar) for bar in bars)
    newest = max(bars, key=lambda bar: bar.ts_event)
    when = datetime.fromtimestamp(newest.ts_event / 1e9, UTC)
    assert when == datetime(2017, 12, 18, 19, 56, tzinfo=UTC)
    assert (newest.open, newest.high, newest.volume) == (86.49, 86.5, 10494.0)


@pytest.mark.parametrize("name", ["mock_foreign_exchange", "mock_technical_indicator"])
def test_recorded_bodies_of_other_kinds_are_no_bars(
    alpha_vantage_bodies: dict[str, bytes], name: str
) -> None:
    series = reading.decode("av", alpha_vantage_bodies[name], bodies.Series)
    with pytest.raises(ValueError, match=r"symbol|no Time Series"):
        list(bodies.bars_of("MSFT", series, bodies.meta_of(series).zone, 60))


# refusals

PRAISE = "Please subscribe to any of the premium plans at https://www.alphavantage.co/premium/."


@pytest.mark.parametrize(
    ("note", "error", "span"),
    [
        (
            {"Note": "Thank you! Our standard API call frequency is 5 calls per minute and 500 "
             f"calls per day. {PRAISE}"},
            ThrottledError, Span.MINUTE,
        ),
        (
            {"Information": f"Our standard API rate limit is 25 requests per day. {PRAISE}"},
            ThrottledError, Span.DAY,
        ),
        (
            {"Information": "Please consider spreading out your free API requests more sparingly "
             "(1 request per second). Premium plans lift the free key rate limit (25 requests per "
             "day) and remove the per-second burst limit."},
            ThrottledError, Span.SECOND,
        ),
        (
            {"Information": "This is a premium endpoint. You may subscribe to any of the premium "
             "plans to instantly unlock all premium endpoints"},
            NotEntitledError, None,
        ),
        (
            {"Information": "The **demo** API key is for demo purposes only. Please claim yours."},
            KeyRefusedError, None,
        ),
        (
            {"Error Message": "the parameter apikey is invalid or missing."}, KeyRefusedError, None,
        ),
        ({"Error Message": "Invalid API call. Please retry."}, UnknownSymbolError, None),
        ({"Note": "Something new that nobody has heard of."}, ThrottledError, None),
    ],
)  # fmt: skip
async def test_each_note_has_its_name(
    alpha_vantage: ToyAlphaVantage,
    meter: CountingMeter,
    note: dict[str, str],
    error: type[Exception],
    span: Span | None,
) -> None:
    source = source_at(alpha_vantage)
    for ask in (QuoteAsk("ABC"), FundamentalsAsk("ABC"), days("ABC", 0, 86_400)):
        alpha_vantage.notes = [note]
        with pytest.raises(error) as raised:
            await source.fetch(ask, meter)
        assert getattr(raised.value, "span", None) == span
    assert (await source.fetch(QuoteAsk("ABC"), meter)).rows
    await source.close()


async def test_a_note_that_repeats_the_key_does_not_spread_it(
    alpha_vantage: ToyAlphaVantage, meter: CountingMeter
) -> None:
    alpha_vantage.moods[""] = Mood.THROTTLED
    source = source_at(alpha_vantage)
    with pytest.raises(ThrottledError, match="detected your API key as") as raised:
        await source.fetch(QuoteAsk("ABC"), meter)
    told = (str(raised.value), raised.value.user_text, raised.value.why)
    assert all("[hidden]" in text and alpha_vantage.key not in text for text in told)
    checks = str(await source.checks())  # type: ignore[attr-defined]
    assert alpha_vantage.key not in checks
    await source.close()


def test_a_note_in_an_error_is_what_it_says() -> None:
    assert isinstance(refusal("av", "Invalid API call", failed=True), UnknownSymbolError)
    assert isinstance(refusal("av", "5 calls per minute", failed=False), ThrottledError)


# plans


def test_plans() -> None:
    free = build(AlphaVantageSettings(), clock=WallClock()).profile
    assert (free.budget.per_minute, free.budget.per_day, free.budget.per_second) == (5, 25, 1)
    assert free.bars[0].intervals_s == (86_400,)
    assert free.delay_s[Kind.QUOTE] == 86_400
    paid = AlphaVantageSettings(plan="premium", entitlement="delayed", requests_per_minute=300)
    profile = build(paid, clock=WallClock()).profile
    assert (profile.budget.per_minute, profile.budget.per_day) == (300, 0)
    assert profile.delay_s[Kind.BARS] == 900
    assert 60 in profile.bars[1].intervals_s


async def test_a_free_key_can_not_claim_to_be_real_time(
    alpha_vantage: ToyAlphaVantage, meter: CountingMeter
) -> None:
    source = source_at(alpha_vantage, entitlement="realtime")
    assert (await source.fetch(QuoteAsk("ABC"), meter)).delay_s == 86_400
    assert "entitlement" not in alpha_vantage.requests[-1][1]
    await source.close()


async def test_a_delayed_quote_says_so(
    alpha_vantage: ToyAlphaVantage, meter: CountingMeter
) -> None:
    source = source_at(alpha_vantage, plan="premium", entitlement="delayed")
    answer = await source.fetch(QuoteAsk("ABC"), meter)
    assert answer.delay_s == 900
    assert alpha_vantage.requests[-1][1]["entitlement"] == "delayed"
    await source.close()


async def test_a_free_key_gets_a_hundred_days_and_says_when_that_is_not_all(
    alpha_vantage: ToyAlphaVantage, meter: CountingMeter
) -> None:
    source = source_at(alpha_vantage)
    ask = days("ABC", 1_735_700_000, 1_795_300_000)  # 2025-01 to 2026-11-21
    answer = await source.fetch(ask, meter)
    assert len(answer.rows) == 100
    assert not answer.complete
    near = days("ABC", 1_792_000_000, 1_795_300_000)
    assert (await source.fetch(near, meter)).complete
    with pytest.raises(NotEntitledError):
        await source.fetch(intraday("ABC"), meter)
    await source.close()


async def test_intraday_bars_are_asked_by_month(
    alpha_vantage: ToyAlphaVantage, meter: CountingMeter
) -> None:
    source = source_at(alpha_vantage, plan="premium")
    ask = BarsAsk(
        symbol="BRK.B", interval_s=300, start_ns=(BELL - 20 * 86_400) * SECOND,
        end_ns=(BELL + 1500) * SECOND,
    )  # fmt: skip
    answer = await source.fetch(ask, meter)
    assert [q["month"] for _, q in alpha_vantage.requests] == ["2025-12", "2026-01"]
    assert {q["symbol"] for _, q in alpha_vantage.requests} == {"BRK-B"}
    assert {row.symbol for row in answer.rows} == {"BRK.B"}  # type: ignore[union-attr]
    last = answer.rows[-1]
    assert last.ts_event == (BELL + 1200) * SECOND  # type: ignore[union-attr]
    await source.close()


def test_months_are_those_of_new_york() -> None:
    new_year = round(datetime(2026, 1, 1, 5, tzinfo=UTC).timestamp()) * SECOND
    assert months_of(new_year, new_year + SECOND) == ["2026-01"]
    assert months_of(new_year - 1, new_year) == ["2025-12"]
    assert months_of(new_year - 1, new_year + 1) == ["2025-12", "2026-01"]


async def test_words_that_mean_nothing_are_nothing(
    alpha_vantage: ToyAlphaVantage, meter: CountingMeter
) -> None:
    source = source_at(alpha_vantage)
    (row,) = (await source.fetch(FundamentalsAsk("ABC"), meter)).of(Fundamentals)
    assert (row.sector, row.industry, row.day) == ("TOYS", "", "2026-09-30")
    assert Figure.PE_FORWARD not in row.figures
    assert Figure.DIVIDEND_PER_SHARE not in row.figures
    assert str(row.figures[Figure.DIVIDEND_YIELD]) == "0.0035"
    await source.close()


async def test_today_is_no_bar_before_it_is_over(
    alpha_vantage: ToyAlphaVantage, meter: CountingMeter
) -> None:
    evening = datetime(2026, 11, 20, 22, tzinfo=UTC)
    clock = VirtualClock(round(evening.timestamp()) * SECOND)
    alpha_vantage.today = date(2026, 11, 20)
    source = source_at(alpha_vantage, clock, plan="premium", entitlement="realtime")
    answer = await source.fetch(days("ABC", 1_795_000_000, 1_796_000_000), meter)
    assert [reading.day_of(row.ts_event) for row in answer.rows] == ["2026-11-19"]  # type: ignore[union-attr]
    await source.close()

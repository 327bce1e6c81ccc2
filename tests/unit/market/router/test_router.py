"""Which source answers, what is remembered, and what is said when nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from itertools import pairwise
from pathlib import Path

import pytest

from cockpit.kernel.clock import SECOND
from cockpit.market.router.budget import Purpose
from cockpit.market.router.errors import NoAnswerError
from cockpit.market.router.router import Found
from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    ActionsAsk,
    Adjusted,
    Ask,
    BarsAsk,
    Budget,
    DownError,
    Fundamentals,
    FundamentalsAsk,
    KeyRefusedError,
    Kind,
    LatestQuote,
    NewsAsk,
    NewsItem,
    QuoteAsk,
    ThrottledError,
    UnknownSymbolError,
)
from tests.support.research import NOON, Bench, ToySource, bars_for, bench, quote

DAY = 86_400 * SECOND
ABC = QuoteAsk("ABC")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Bench]:
    async with bench(tmp_path) as found:
        yield found


def price(found: Found) -> float | None:
    (only,) = found.answer.of(LatestQuote)
    return only.last


def up(desk: Bench, name: str, mid: float = 10.0, **about: object) -> ToySource:
    """A source whose price is of now."""
    return ToySource(
        name,
        desk.clock,
        lambda ask: [quote(ask.symbol, mid, desk.clock.now_ns())],
        **about,  # type: ignore[arg-type]
    )


async def test_the_first_source_that_can_answers(desk: Bench) -> None:
    first, second = up(desk, "first", 10.0), up(desk, "second", 11.0)
    found = await desk.router(first, second).get(ABC)
    assert (found.answer.source, price(found), found.kept, found.stale) == (
        "first", 10.0, False, False,
    )  # fmt: skip
    assert second.asked == []


async def test_what_is_fresh_is_not_asked_again_and_says_its_age(desk: Bench) -> None:
    source = up(desk, "only")
    router = desk.router(source)
    await router.get(ABC)
    desk.clock.advance(1.5)
    found = await router.get(ABC)
    assert (len(source.asked), found.kept, found.age_s) == (1, True, 1.5)
    desk.clock.advance(1.0)
    assert not (await router.get(ABC)).kept
    assert len(source.asked) == 2


async def test_it_is_remembered_over_a_restart(desk: Bench) -> None:
    source = ToySource(
        "only", desk.clock, lambda ask: [Fundamentals(symbol=ask.symbol, name="Abc Inc")]
    )
    ask = FundamentalsAsk("ABC")
    await desk.router(source).get(ask)
    desk.clock.advance(3_600)
    found = await desk.router(source).get(ask)
    assert found.answer.of(Fundamentals)[0].name == "Abc Inc"
    assert (found.kept, found.age_s, len(source.asked)) == (True, 3_600.0, 1)


async def test_asks_of_one_key_at_the_same_time_make_one_request(desk: Bench) -> None:
    source = up(desk, "only")
    router = desk.router(source)
    found = await asyncio.gather(*(router.get(ABC) for _ in range(50)))
    assert len(source.asked) == 1
    assert {each.answer.fetched_ns for each in found} == {NOON}


async def test_so_do_those_that_want_it_new(desk: Bench) -> None:
    source = up(desk, "only")
    router = desk.router(source)
    await router.get(ABC)
    desk.clock.advance(0.001)
    await asyncio.gather(*(router.get(ABC, max_age_s=0) for _ in range(10)))
    assert len(source.asked) == 2


async def test_who_stops_waiting_does_not_take_the_others_along(desk: Bench) -> None:
    source = up(desk, "only")
    router = desk.router(source)
    tasks = [asyncio.ensure_future(router.get(ABC)) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert all(isinstance(result, Found) for result in results[1:])


async def test_a_symbol_that_nobody_knows_is_asked_once(desk: Bench) -> None:
    def reply(ask: Ask) -> Exception:
        return UnknownSymbolError("only", f"there is no {ask.symbol}")

    source = ToySource("only", desk.clock, reply)
    for _ in range(3):  # and over restarts
        with pytest.raises(NoAnswerError) as error:
            await desk.router(source).get(QuoteAsk("NOPE"))
        assert error.value.code == "DATA_UNKNOWN_SYMBOL"
        assert "NOPE" in error.value.user_text
        desk.clock.advance(3_600)
    assert len(source.asked) == 1
    desk.clock.advance(4 * 3_600)
    with pytest.raises(NoAnswerError):
        await desk.router(source).get(QuoteAsk("NOPE"))
    assert len(source.asked) == 2


async def test_that_one_source_does_not_know_it_leaves_it_to_the_next(desk: Bench) -> None:
    first = ToySource("first", desk.clock, lambda _: UnknownSymbolError("first", "never heard"))
    router = desk.router(first, up(desk, "second"))
    assert (await router.get(ABC)).answer.source == "second"
    first.reply = lambda ask: [quote(ask.symbol, 9.0, desk.clock.now_ns())]
    assert (await router.get(QuoteAsk("XYZ"))).answer.source == "first"


async def test_a_failure_is_said_with_the_answer_and_the_source_is_left_alone(desk: Bench) -> None:
    first = ToySource("first", desk.clock, lambda _: DownError("first", "HTTP 503"))
    router = desk.router(first, up(desk, "second"))
    found = await router.get(ABC)
    assert found.answer.source == "second"
    assert [(e.source, e.why) for e in found.passed_over] == [("first", "HTTP 503")]
    await router.get(ABC, max_age_s=0)
    assert len(first.asked) == 1
    assert router.roll.serving[Kind.QUOTE].source == "second"
    assert "HTTP 503" in router.roll.serving[Kind.QUOTE].why


async def test_it_comes_back_after_answers_in_a_row_and_not_before(desk: Bench) -> None:
    first = ToySource("first", desk.clock, lambda _: DownError("first", "HTTP 503"))
    router = desk.router(first, up(desk, "second", 11.0))
    await router.get(ABC)
    first.reply = lambda ask: [quote(ask.symbol, 10.0, desk.clock.now_ns())]
    served = list[str]()
    for _ in range(30):
        desk.clock.advance(3)
        served.append((await router.get(ABC, max_age_s=0)).answer.source)
        await desk.settle()
    back = served.index("first")
    assert set(served[:back]) == {"second"}
    assert set(served[back:]) == {"first"}
    assert back * 3 >= 15  # three trials, five seconds apart


async def test_a_source_that_flaps_each_second_does_not_make_the_screen_flap(desk: Bench) -> None:
    def reply(ask: Ask) -> list[LatestQuote] | Exception:
        now = desk.clock.now_ns()
        up_now = now // SECOND % 2
        return [quote(ask.symbol, 10.0, now)] if up_now else DownError("first", "HTTP 502")

    first = ToySource("first", desk.clock, reply)
    router = desk.router(first, up(desk, "second", 11.0))
    served, made = list[str](), list[int]()
    for _ in range(400):
        desk.clock.advance(1)
        found = await router.get(ABC, max_age_s=0, purpose=Purpose.SCREEN)
        await desk.settle()
        served.append(found.answer.source)
        made.append(found.answer.of(LatestQuote)[0].ts_event)
    changes = sum(a != b for a, b in pairwise(served))
    assert changes <= 4
    assert made == sorted(made)


async def test_a_slow_source_is_cut_off_and_a_half_open_one_is_no_different(desk: Bench) -> None:
    mute = ToySource("mute", desk.clock, lambda _: 30.0)
    router = desk.router(mute, up(desk, "second"), timeout_s=0.02)
    found = await router.get(ABC)
    assert found.answer.source == "second"
    assert found.passed_over[0].why == "no answer within 0.02 s"


async def test_a_throttled_source_waits_as_it_was_told_also_after_a_restart(desk: Bench) -> None:
    first = ToySource(
        "first", desk.clock, lambda _: ThrottledError("first", "slow down", retry_after_s=90)
    )
    router = desk.router(first, up(desk, "second"))
    assert (await router.get(ABC)).answer.source == "second"
    first.reply = lambda ask: [quote(ask.symbol, 9.0, desk.clock.now_ns())]
    again = desk.router(first, up(desk, "second"))
    desk.clock.advance(80)
    assert (await again.get(ABC)).answer.source == "second"
    desk.clock.advance(10)
    assert (await again.get(ABC)).answer.source == "first"


async def test_a_used_up_budget_hands_over_to_the_next_source(desk: Bench) -> None:
    first = up(desk, "first", budget=Budget(per_minute=2))
    router = desk.router(first, up(desk, "second"))
    served = list[str]()
    for _ in range(4):
        desk.clock.advance(1)
        served.append((await router.get(ABC, max_age_s=0)).answer.source)
    assert served == ["first", "first", "second", "second"]
    assert len(first.asked) == 2


async def test_nothing_goes_out_over_the_budget_and_it_says_when(desk: Bench) -> None:
    only = up(desk, "only", budget=Budget(per_day=1))
    router = desk.router(only)
    await router.get(ABC)
    with pytest.raises(NoAnswerError) as error:
        await router.get(QuoteAsk("XYZ"))
    assert error.value.code == "DATA_NO_BUDGET"
    assert error.value.retry_after_s == 11 * 3_600


async def test_two_windows_share_one_budget(desk: Bench, tmp_path: Path) -> None:
    async with bench(tmp_path) as other:
        other.clock.up_ns = desk.clock.up_ns
        sources = [up(each, "only", budget=Budget(per_minute=6)) for each in (desk, other)]
        routers = [desk.router(sources[0]), other.router(sources[1])]
        asks = (router.get(QuoteAsk(f"S{n}"), max_age_s=0) for n in range(10) for router in routers)
        await asyncio.gather(*asks, return_exceptions=True)
        assert sum(len(source.asked) for source in sources) == 6


async def test_a_key_that_is_revoked_in_mid_day_is_not_tried_at_every_turn(desk: Bench) -> None:
    first = up(desk, "first")
    router = desk.router(first, up(desk, "second", 11.0))
    assert (await router.get(ABC)).answer.source == "first"
    first.reply = lambda _: KeyRefusedError("first", "HTTP 401: unknown key")
    for _ in range(100):
        desk.clock.advance(5)
        assert (await router.get(ABC, max_age_s=0)).answer.source == "second"
        await desk.settle()
    assert len(first.asked) == 2
    assert "unknown key" in router.roll.serving[Kind.QUOTE].why


async def test_with_nobody_left_the_old_answer_is_given_as_old(desk: Bench) -> None:
    source = up(desk, "only")
    router = desk.router(source)
    await router.get(ABC)
    source.reply = lambda _: DownError("only", "HTTP 500")
    desk.clock.advance(120)
    found = await router.get(ABC)
    assert (found.stale, found.kept, found.age_s) == (True, True, 120.0)
    assert [e.why for e in found.passed_over] == ["HTTP 500"]
    with pytest.raises(NoAnswerError) as error:
        await router.get(QuoteAsk("XYZ"))
    assert error.value.code == "DATA_NO_ANSWER"


async def test_a_price_never_goes_back_in_time_whoever_answers(desk: Bench) -> None:
    first, second = up(desk, "first", 10.0), up(desk, "second", 11.0)
    router = desk.router(first, second)
    await router.get(ABC)
    first.reply = lambda _: DownError("first", "HTTP 500")
    second.reply = lambda ask: [quote(ask.symbol, 8.0, NOON - 30 * SECOND)]
    desk.clock.advance(5)
    found = await router.get(ABC)
    assert (price(found), found.answer.source, found.age_s) == (10.0, "first", 5.0)


async def test_a_source_whose_price_is_old_is_passed_over_for_a_newer_one(desk: Bench) -> None:
    first = ToySource("first", desk.clock, lambda ask: [quote(ask.symbol, 8.0, NOON - DAY)])
    router = desk.router(first, up(desk, "second", 11.0))
    found = await router.get(ABC)
    assert (price(found), found.stale) == (11.0, False)
    await router.get(ABC, max_age_s=0)
    assert len(first.asked) == 1  # it lags behind, so it has failed


async def test_where_all_are_old_the_newest_is_given_as_stale(desk: Bench) -> None:
    first = ToySource("first", desk.clock, lambda ask: [quote(ask.symbol, 8.0, NOON - DAY)])
    second = ToySource("second", desk.clock, lambda a: [quote(a.symbol, 9.0, NOON - 300 * SECOND)])
    found = await desk.router(first, second).get(ABC)
    assert (price(found), found.stale) == (9.0, True)


async def test_in_a_closed_market_an_old_price_is_the_price(desk: Bench) -> None:
    first = ToySource("first", desk.clock, lambda ask: [quote(ask.symbol, 8.0, NOON - DAY)])
    second = up(desk, "second")
    found = await desk.router(first, second, market_open=False).get(ABC)
    assert (price(found), found.stale, second.asked) == (8.0, False, [])


@pytest.mark.parametrize(
    "lie",
    [
        lambda now: [quote("XYZ", 10.0, now)],
        lambda now: [quote("ABC", 10.0, now + 5 * SECOND)],
        lambda now: [LatestQuote(symbol="ABC", ts_event=now, last=float("nan"))],
        lambda now: [LatestQuote(symbol="ABC", ts_event=now, bid=10.0, ask=9.0)],
        lambda now: [LatestQuote(symbol="ABC", ts_event=now, last=-1.0)],
    ],
)
async def test_a_source_that_lies_is_not_believed(desk: Bench, lie: object) -> None:
    first = ToySource("first", desk.clock, lambda _: lie(desk.clock.now_ns()))  # type: ignore[operator]
    found = await desk.router(first, up(desk, "second", 11.0)).get(ABC)
    assert price(found) == 11.0


async def test_an_adapter_that_breaks_does_not_break_the_others(desk: Bench) -> None:
    first = ToySource("first", desk.clock, lambda _: ZeroDivisionError("oops"))
    found = await desk.router(first, up(desk, "second", 11.0)).get(ABC)
    assert price(found) == 11.0
    assert "ZeroDivisionError" in found.passed_over[0].why


async def test_a_source_is_not_asked_for_what_it_does_not_have(desk: Bench) -> None:
    first = up(desk, "first", kinds=[Kind.QUOTE])
    second = ToySource("second", desk.clock, lambda _: [])
    found = await desk.router(first, second).get(
        ActionsAsk(symbol="ABC", first_day="2024-01-01", last_day="2024-03-01")
    )
    assert (found.answer.source, found.answer.rows, first.asked) == ("second", (), [])


async def test_news_of_another_symbol_is_refused(desk: Bench) -> None:
    item = NewsItem(news_id="1", headline="h", url="u", ts_event=NOON, symbols=("XYZ",))
    first = ToySource("first", desk.clock, lambda _: [item])
    with pytest.raises(NoAnswerError):
        await desk.router(first).get(NewsAsk(symbol="ABC"))


async def test_without_sources_it_says_how_to_set_one_up(desk: Bench) -> None:
    with pytest.raises(NoAnswerError) as error:
        await desk.router().get(ABC)
    assert error.value.code == "DATA_NO_SOURCE"
    assert "[data.sources]" in error.value.user_text


# bars


def days_of_bars(first_day: int, days: int, **about: object) -> BarsAsk:
    midnight = NOON - 13 * 3_600 * SECOND
    start = midnight + first_day * DAY
    return BarsAsk(
        symbol="ABC", interval_s=300, start_ns=start, end_ns=start + days * DAY, **about  # type: ignore[arg-type]
    )  # fmt: skip


async def test_days_that_are_over_are_fetched_once_for_all_asks(desk: Bench) -> None:
    source = ToySource("only", desk.clock, bars_for)
    router = desk.router(source)
    long, short = days_of_bars(-10, 7), days_of_bars(-8, 2)
    assert (await router.get(long)).answer.of(RawBar) == bars_for(long)
    desk.clock.advance(90 * 86_400)
    found = await router.get(short)
    assert found.answer.of(RawBar) == bars_for(short)
    assert (found.kept, len(source.asked)) == (True, 1)


async def test_only_the_missing_days_are_asked_for(desk: Bench) -> None:
    source = ToySource("only", desk.clock, bars_for)
    router = desk.router(source)
    await router.get(days_of_bars(-8, 2))
    whole = days_of_bars(-10, 7)
    assert (await router.get(whole)).answer.of(RawBar) == bars_for(whole)
    assert source.asked[1:] == [days_of_bars(-10, 2), days_of_bars(-6, 3)]


async def test_a_bar_under_way_is_no_bar(desk: Bench) -> None:
    desk.clock.advance(90)
    source = ToySource("only", desk.clock, bars_for)
    ask = BarsAsk(symbol="ABC", interval_s=60, start_ns=NOON, end_ns=NOON + 3_600 * SECOND)
    found = await desk.router(source).get(ask)
    assert [bar.ts_event for bar in found.answer.of(RawBar)] == [NOON]


async def test_a_delayed_source_has_no_bar_of_its_delay(desk: Bench) -> None:
    desk.clock.advance(1_800)
    source = ToySource("only", desk.clock, bars_for, delay_s=900)
    ask = BarsAsk(symbol="ABC", interval_s=300, start_ns=NOON, end_ns=NOON + 3_600 * SECOND)
    found = await desk.router(source).get(ask)
    assert len(found.answer.rows) == 3


async def test_two_sources_are_never_mixed_in_one_answer(desk: Bench) -> None:
    first = ToySource("first", desk.clock, lambda ask: bars_for(ask, 10.0))
    second = ToySource("second", desk.clock, lambda ask: bars_for(ask, 99.0))
    router = desk.router(first, second)
    await router.get(days_of_bars(-8, 2))
    first.reply = lambda _: DownError("first", "HTTP 500")
    found = await router.get(days_of_bars(-8, 4))
    assert {bar.close for bar in found.answer.of(RawBar)} == {99.0}


async def test_bars_that_go_back_further_than_the_source_are_asked_of_another(desk: Bench) -> None:
    first = ToySource("first", desk.clock, bars_for, depth_days=30)
    second = ToySource("second", desk.clock, bars_for)
    router = desk.router(first, second)
    assert (await router.get(days_of_bars(-60, 2))).answer.source == "second"
    recent = BarsAsk(symbol="ABC", interval_s=86_400, start_ns=NOON - 20 * DAY, end_ns=NOON)
    assert (await router.get(recent)).answer.source == "first"
    (asked,) = first.asked
    assert isinstance(asked, BarsAsk)
    assert asked.start_ns == NOON - 30 * DAY  # not from New Year's Day


async def test_adjusted_bars_are_kept_apart_from_raw_ones(desk: Bench) -> None:
    source = ToySource("only", desk.clock, bars_for)
    router = desk.router(source)
    raw = await router.get(days_of_bars(-8, 2))
    adjusted = await router.get(days_of_bars(-8, 2, adjusted=Adjusted.SPLITS))
    assert (raw.answer.adjusted, adjusted.answer.adjusted) == (Adjusted.RAW, Adjusted.SPLITS)
    assert len(source.asked) == 2
    desk.clock.advance(2 * 3_600)
    await router.get(days_of_bars(-8, 2, adjusted=Adjusted.SPLITS))
    assert len(source.asked) == 3  # a split may have come meanwhile


async def test_bars_of_another_time_are_no_answer(desk: Bench) -> None:
    other = days_of_bars(-3, 1)
    first = ToySource("first", desk.clock, lambda _: bars_for(other))
    second = ToySource("second", desk.clock, bars_for)
    found = await desk.router(first, second).get(days_of_bars(-8, 2))
    assert found.answer.source == "second"


async def test_a_clock_that_was_ahead_does_not_make_an_answer_last(desk: Bench) -> None:
    source = up(desk, "only")
    router = desk.router(source)
    desk.clock.step(86_400)
    await router.get(ABC)
    desk.clock.step(-86_400)
    assert not (await router.get(QuoteAsk("ABC"))).kept
    desk.clock.advance(5)
    found = await router.get(ABC)
    assert found.answer.of(LatestQuote)[0].ts_event == NOON + 5 * SECOND

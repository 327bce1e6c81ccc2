"""The simulated market: lawful for every seed, and believable."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from statistics import fmean

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.adapters.feeds.chunks import Item
from cockpit.adapters.feeds.synthetic.companies import COMPANIES
from cockpit.adapters.feeds.synthetic.plan import Plan, make_plan
from cockpit.adapters.feeds.synthetic.shape import HALT_S, SESSION_S
from cockpit.adapters.feeds.synthetic.tape import tape
from cockpit.kernel.clock import SECOND
from cockpit.ports.feed import RawQuote, RawStatus, RawTrade

OPEN = 1_772_461_800 * SECOND  # 2026-03-02 09:30 New York
MINUTE = 60 * SECOND
SEEDS = (1, 2, 3)

few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
some_seed = st.integers(0, 2**31)


def rng(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, stream))))


def day_of(seed: int, count: int | None = None) -> tuple[Plan, list[Item]]:
    plan = make_plan(COMPANIES, rng(seed, 0))
    return plan, list(islice(tape(plan, rng(seed, 1), OPEN), count))


@pytest.fixture(scope="module", params=SEEDS)
def day(request: pytest.FixtureRequest) -> tuple[Plan, list[Item]]:
    return day_of(request.param)


def quotes_between(rows: list[Item], first_minute: float, last_minute: float) -> list[RawQuote]:
    low, high = OPEN + first_minute * MINUTE, OPEN + last_minute * MINUTE
    return [r for r in rows if isinstance(r, RawQuote) and low <= r.ts_event < high]


@few
@given(some_seed)
def test_every_row_is_lawful(seed: int) -> None:
    _, rows = day_of(seed, 40_000)
    times = [row.ts_event for row in rows]
    assert times == sorted(times)
    for row in rows:
        if isinstance(row, RawQuote):
            assert 0 < row.bid < row.ask
            assert row.bid_size % 100 == row.ask_size % 100 == 0
            assert min(row.bid_size, row.ask_size) >= 100
            prices = (row.bid, row.ask)
        elif isinstance(row, RawTrade):
            assert row.size >= 1
            assert row.size == int(row.size)
            prices = (row.price,)
        else:
            continue
        assert all(price == round(price, 2) for price in prices), "off the grid of cents"


@few
@given(some_seed)
def test_the_same_seed_gives_the_same_rows_and_another_others(seed: int) -> None:
    assert day_of(seed, 5000)[1] == day_of(seed, 5000)[1]
    assert day_of(seed, 5000)[1] != day_of(seed + 1, 5000)[1]


def test_trades_print_at_the_quote_that_stands(day: tuple[Plan, list[Item]]) -> None:
    _, rows = day
    book: dict[str, RawQuote] = {}
    for row in rows:
        if isinstance(row, RawQuote):
            book[row.symbol] = row
        elif isinstance(row, RawTrade) and not row.conditions:
            assert row.price in (book[row.symbol].bid, book[row.symbol].ask)


def test_the_session_ends_with_the_closing_cross(day: tuple[Plan, list[Item]]) -> None:
    _, rows = day
    close = OPEN + SESSION_S * SECOND
    assert [row.ts_event for row in rows[-len(COMPANIES) :]] == [close] * len(COMPANIES)
    assert rows[0].ts_event >= OPEN
    crosses = Counter(r.conditions for r in rows if isinstance(r, RawTrade))
    assert crosses["O"] == crosses["6"] == len(COMPANIES)


def test_activity_is_u_shaped(day: tuple[Plan, list[Item]]) -> None:
    _, rows = day
    a_second = {
        name: len(quotes_between(rows, first, first + 10)) / 600
        for name, first in (("open", 0), ("lunch", 180), ("close", 380))
    }
    assert 30 <= a_second["open"] <= 60
    assert 10 <= a_second["lunch"] <= 20
    assert 20 <= a_second["close"] <= 45


def test_spreads_are_wide_at_the_open(day: tuple[Plan, list[Item]]) -> None:
    _, rows = day

    def mean_bps(first: float, last: float) -> float:
        seen = quotes_between(rows, first, last)
        return 1e4 * fmean((q.ask - q.bid) / q.bid for q in seen)

    assert mean_bps(0, 3) > 1.5 * mean_bps(100, 200)
    assert 1 < mean_bps(100, 200) < 12


def test_the_open_moves_more_than_lunch(day: tuple[Plan, list[Item]]) -> None:
    plan, _ = day
    moves = np.abs(np.diff(plan.log_price[:, ::60], axis=1))
    # the median, as news may strike at lunch too
    assert np.median(moves[:, :4]) > 1.5 * np.median(moves[:, 150:240])


def test_companies_follow_the_market() -> None:
    # over many days, as one company may have its own news on one of them
    moves = np.concatenate(
        [np.diff(make_plan(COMPANIES, rng(s, 0)).log_price[:, ::300], axis=1) for s in range(20)],
        axis=1,
    )
    between = np.corrcoef(moves)[np.triu_indices(len(COMPANIES), 1)]
    assert 0.05 < between.mean() < 0.5


def test_a_halt_lasts_five_minutes_and_is_silent(day: tuple[Plan, list[Item]]) -> None:
    plan, rows = day
    assert 1 <= len(plan.halts) <= 2
    statuses = [row for row in rows if isinstance(row, RawStatus)]
    assert len(statuses) == 2 * len(plan.halts)
    for company, first, last in plan.halts:
        symbol = COMPANIES[company].symbol
        halted, resumed = (s for s in statuses if s.symbol == symbol)
        assert (halted.halted, resumed.halted) == (True, False)
        assert resumed.ts_event - halted.ts_event == HALT_S * SECOND == (last - first) * SECOND
        between = [
            row
            for row in rows
            if row.symbol == symbol and halted.ts_event < row.ts_event < resumed.ts_event
        ]
        assert between == []


def test_a_panic_widens_the_spread_before_the_halt(day: tuple[Plan, list[Item]]) -> None:
    plan, rows = day
    company, first, last = plan.halts[0]
    symbol = COMPANIES[company].symbol

    def mean_spread(start_s: float, end_s: float) -> float:
        seen = quotes_between(rows, start_s / 60, end_s / 60)
        return fmean(q.ask - q.bid for q in seen if q.symbol == symbol)

    calm = mean_spread(first - 620, first - 25)
    assert mean_spread(last, last + 60) > 1.4 * calm


def test_some_opening_ranges_break_soon_and_not_all() -> None:
    broken = []
    for seed in range(12):
        plan = make_plan(COMPANIES, rng(seed, 0))
        path = plan.log_price[:, ::5]
        high, low = path[:, :60].max(axis=1), path[:, :60].min(axis=1)
        soon = path[:, 60:240]  # 09:35 to 09:50
        out = (soon.max(axis=1) > high) | (soon.min(axis=1) < low)
        broken.append(int(out.sum()))
    assert min(broken) >= 2
    assert fmean(broken) < len(COMPANIES) - 2


def test_open_is_near_the_previous_close(day: tuple[Plan, list[Item]]) -> None:
    plan, _ = day
    gaps = np.abs(np.exp(plan.log_price[:, 0]) / plan.previous_close - 1)
    assert gaps.max() < 0.06
    assert gaps.max() > 0.001


def test_no_symbol_is_used_twice() -> None:
    assert len({company.symbol for company in COMPANIES}) == len(COMPANIES) == 12
    prices = [company.price for company in COMPANIES]
    assert min(prices) > 12
    assert max(prices) < 480

"""Daily returns and what is reckoned from them, beside empyrical's word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import empyrical
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cockpit.domain.trade import Trade
from cockpit.journal.daily import DailyReturns
from cockpit.journal.days import weekdays
from cockpit.journal.ledger import match_fifo
from cockpit.journal.statistics import statistics_of
from tests.support.fills import NINE_THIRTY, fill

D = Decimal
DAY = 86_400_000_000_000
EQUITY = D(10_000)


def trades_on(*nets: tuple[int, int | Decimal]) -> list[Trade]:
    """One round trip of a share from 1,000 for each (day after Tuesday 2 January 2018, net)."""
    story = []
    for number, (day, net) in enumerate(nets):
        at = NINE_THIRTY + day * DAY + number * 2_000_000
        story.append(fill(2 * number, "+1 @ 1000", ts_ns=at))
        story.append(fill(2 * number + 1, f"-1 @ {1000 + net}", ts_ns=at + 1_000_000))
    return list(match_fifo(story).trades)


def daily(trades: list[Trade], equity: Decimal | None = EQUITY) -> DailyReturns:
    return DailyReturns(trades, [trade.net for trade in trades], equity, weekdays)


def test_a_session_without_a_trade_is_a_return_of_zero_and_a_weekend_is_none() -> None:
    told = daily(trades_on((0, 100), (1, -101), (6, 50)))  # Tuesday, Wednesday, Monday
    assert told.days == ["2018-01-02", "2018-01-03", "2018-01-04", "2018-01-05", "2018-01-08"]
    assert told.returns == [D("0.01"), D("-0.01"), 0, 0, D(50) / D(9999)]


def test_a_holiday_of_the_calendar_is_no_session_but_a_day_that_traded_is_one() -> None:
    trades = trades_on((0, 1), (4, 1), (6, 1))  # a Saturday in between
    told = DailyReturns(trades, [t.net for t in trades], EQUITY, lambda _a, _b: [date(2018, 1, 8)])
    assert told.days == ["2018-01-02", "2018-01-06", "2018-01-08"]


@pytest.mark.parametrize(
    ("nets", "equity", "why"),
    [
        ([(0, 10), (1, -10)], None, "the starting equity is not known"),
        ([(0, 10)], EQUITY, "fewer than two sessions"),
        ([(0, -200), (1, 10)], D(100), "the equity was used up"),
    ],
)
def test_what_has_no_returns_says_why(
    nets: list[tuple[int, int]], equity: Decimal | None, why: str
) -> None:
    stats = {s.id: s for s in statistics_of(trades_on(*nets), period="all", starting_equity=equity)}
    for name in ("volatility", "sharpe", "sortino"):
        assert (stats[name].value, stats[name].undefined) == (None, why)


def test_steady_and_never_down() -> None:
    same = {s.id: s for s in statistics_of(trades_on((0, 0), (1, 0)), period="all",
                                           starting_equity=EQUITY)}  # fmt: skip
    assert same["sharpe"].undefined == "the daily returns are all the same"
    assert same["sortino"].undefined == "no session lost"
    assert same["volatility"].value == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.decimals("-300", "300", places=2)), min_size=2, max_size=40
    )
)
def test_empyrical_agrees(nets: list[tuple[int, Decimal]]) -> None:
    trades = trades_on(*nets)
    told = daily(trades)
    assume(len(told.returns) >= 2)
    returns = np.array([float(r) for r in told.returns])
    assume(returns.std() > 1e-9)
    assert told.volatility is not None
    assert told.sharpe is not None
    assert float(told.volatility) == pytest.approx(empyrical.annual_volatility(returns))
    assert float(told.sharpe) == pytest.approx(empyrical.sharpe_ratio(returns))
    if told.sortino is None:
        assert not (returns < 0).any()
    else:
        assert float(told.sortino) == pytest.approx(empyrical.sortino_ratio(returns))


@given(st.lists(st.decimals("-300", "300", places=2), min_size=2, max_size=40))
def test_empyrical_agrees_on_the_drawdown(nets: list[Decimal]) -> None:
    """One trade a day, so that the curve of trades is the curve of days."""
    trades = trades_on(*enumerate(nets))
    stats = {s.id: s for s in statistics_of(trades, period="all", starting_equity=EQUITY)}
    equity, returns = EQUITY, []
    for net in nets:
        returns.append(float(net / equity))
        equity += net
    told = stats["max_drawdown_fraction"].value
    assert told is not None
    assert float(told) == pytest.approx(empyrical.max_drawdown(np.array(returns)), abs=1e-12)


def test_hours_and_days_are_new_york_s_in_summer_and_winter() -> None:
    from cockpit.journal.days import day_of, hour_of

    winter, summer = NINE_THIRTY, 1_530_538_200 * 1_000_000_000  # 2 July 2018, 13:30 UTC
    assert (hour_of(winter), hour_of(summer)) == ((1, 9), (0, 9))
    assert day_of(summer + 10 * 3_600_000_000_000) == "2018-07-02"
    assert day_of(summer + 15 * 3_600_000_000_000) == "2018-07-03"

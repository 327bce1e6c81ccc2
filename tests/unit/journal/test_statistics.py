from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.trade import Trade
from cockpit.journal.definitions import BY_ID, DEFINITIONS
from cockpit.journal.ledger import match_fifo
from cockpit.journal.statistics import R_EDGES, Statistic, r_distribution, statistics_of
from tests.support.fills import fill

D = Decimal


def trades_of(*nets: int | str, stop: str | None = None, fee: str = "0") -> list[Trade]:
    """One round trip of one share from 100 for each net (before fees)."""
    story = []
    for number, net in enumerate(nets):
        story.append(fill(2 * number, "+1 @ 100", stop=stop, fee=fee))
        story.append(fill(2 * number + 1, f"-1 @ {100 + D(net)}"))
    return list(match_fifo(story).trades)


def figures(trades: list[Trade], equity: Decimal | None = None) -> dict[str, Statistic]:
    return {s.id: s for s in statistics_of(trades, period="2018-01-02", starting_equity=equity)}


def test_the_usual_day() -> None:
    stats = figures(trades_of(10, -4, 6, -2, 0))
    expected = {
        "trades": 5, "wins": 2, "losses": 2, "scratches": 1, "gross": 10, "fees": 0, "net": 10,
        "win_rate": D("0.5"), "average_win": 8, "average_loss": -3, "payoff": D(8) / 3,
        "profit_factor": D(16) / 6, "expectancy": 2, "largest_win": 10, "largest_loss": -4,
        "average_hold": 60, "max_drawdown": -4, "win_streak": 1, "loss_streak": 1,
    }  # fmt: skip
    assert {name: stats[name].value for name in expected} == expected


def test_a_scratch_is_no_win_and_no_part_of_the_rate() -> None:
    stats = figures(trades_of(0, 0, 5))
    assert stats["wins"].value == 1
    assert stats["scratches"].value == 2
    assert stats["win_rate"].value == 1
    assert stats["win_rate"].sample == 1


def test_fees_turn_a_gross_scratch_into_a_loss() -> None:
    stats = figures(trades_of(0, fee="1"))
    assert (stats["losses"].value, stats["scratches"].value) == (1, 0)


def test_profit_factor_is_undefined_when_nothing_was_lost() -> None:
    factor = figures(trades_of(5, 6))["profit_factor"]
    assert factor.value is None
    assert factor.undefined == "no trade lost"
    assert figures(trades_of(-5))["profit_factor"].value == 0  # nothing won of what was lost


def test_without_trades_the_undefined_says_why() -> None:
    stats = figures([])
    undefined = {name: s.undefined for name, s in stats.items() if s.value is None}
    assert set(undefined) == {d.id for d in DEFINITIONS if d.undefined}
    assert all(reason in BY_ID[name].undefined for name, reason in undefined.items())
    assert stats["net"].value == 0


def test_a_day_of_losses_has_no_largest_win() -> None:
    stats = figures(trades_of(-1, -2))
    assert stats["largest_win"].value is None
    assert stats["largest_loss"].value == -2
    assert stats["payoff"].undefined == "no trade won"


def test_r_counts_only_trades_with_a_stop() -> None:
    story = [fill(1, "+1 @ 100", stop="98"), fill(2, "-1 @ 104"),
             fill(3, "+1 @ 100"), fill(4, "-1 @ 150")]  # fmt: skip
    mean_r = figures(list(match_fifo(story).trades))["mean_r"]
    assert (mean_r.value, mean_r.sample) == (2, 1)
    without = figures(trades_of(5))["mean_r"]
    assert (without.value, without.undefined) == (None, "no trade began with a stop")


def test_drawdown_begins_at_the_start_and_needs_equity_for_a_fraction() -> None:
    nets = trades_of(-5, 10, -20, 3)
    stats = figures(nets, D(100))
    assert stats["max_drawdown"].value == -20
    assert stats["max_drawdown_fraction"].value == D(85) / D(105) - 1
    assert figures(trades_of(-5), D(100))["max_drawdown_fraction"].value == D("-0.05")


def test_streaks_pass_over_scratches() -> None:
    stats = figures(trades_of(1, 0, 2, -1, -1, 0, -1, 4))
    assert (stats["win_streak"].value, stats["loss_streak"].value) == (2, 3)


def test_each_carries_its_definition_and_its_sample() -> None:
    for stat in figures(trades_of(1, -1)).values():
        assert stat.definition
        assert stat.period == "2018-01-02"
        assert stat.time_zone == "America/New_York"
        assert stat.basis in ("gross", "net", "")
    assert figures(trades_of(1, -1))["average_win"].sample == 1


def test_the_streak_that_goes_on() -> None:
    assert figures(trades_of(1, -1, -2, 0))["streak"].value == -2
    assert figures(trades_of(-1, 1, 0, 3))["streak"].value == 2
    assert figures([])["streak"].value == 0


def test_the_longest_drawdown_in_time_and_trades() -> None:
    stats = figures(trades_of(5, -1, -1, 2, -3, 1))  # a round trip every two minutes
    assert stats["drawdown_trades"].value == 2
    assert stats["drawdown_time"].value == 3 * 120  # the peak at trade 1 is there again at trade 4
    assert figures(trades_of(-1, -1))["drawdown_time"].value == 180  # from the first entry on
    assert figures(trades_of(1, 2))["drawdown_time"].value == 0


def test_the_distribution_of_r_leaves_no_trade_with_a_stop_out() -> None:
    trades = trades_of(-10, -2, 0, 2, 4, 100, stop="98")
    buckets = r_distribution([*trades, *trades_of(7)])
    assert sum(bucket.count for bucket in buckets) == 6
    told = {(bucket.low, bucket.high): bucket.count for bucket in buckets if bucket.count}
    assert told == {(None, -3): 1, (-1, 0): 1, (0, 1): 1, (1, 2): 1, (2, 3): 1, (5, None): 1}
    assert len(buckets) == len(R_EDGES) + 1
    stats = figures(trades)
    assert (stats["median_r"].value, stats["best_r"].value) == (D("0.5"), 50)
    assert stats["worst_r"].value == -5


def test_one_stop_has_no_spread() -> None:
    assert (
        figures(trades_of(1, stop="98"))["std_r"].undefined
        == "fewer than two trades began with a stop"
    )


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=30),
    st.sampled_from([None, D(5), D(10_000)]),
)
def test_no_figure_is_infinite_and_every_reason_is_a_listed_one(
    nets: list[int], equity: Decimal | None
) -> None:
    for stat in figures(trades_of(*nets, stop="98"), equity).values():
        if stat.value is None:
            assert stat.undefined in BY_ID[stat.id].undefined
        else:
            assert stat.value.is_finite()
            assert not stat.undefined


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30))
def test_expectancy_agrees_with_its_other_formula(nets: list[int]) -> None:
    stats = figures(trades_of(*nets))
    count = D(len(nets))
    won = (stats["wins"].value or 0) / count * (stats["average_win"].value or 0)
    lost = (stats["losses"].value or 0) / count * (stats["average_loss"].value or 0)
    assert stats["expectancy"].value == pytest.approx(won + lost)

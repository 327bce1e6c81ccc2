from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.trade import Trade
from cockpit.journal.ledger import match_fifo
from cockpit.journal.statistics import Statistic, statistics_of
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
    assert set(undefined) == {
        "average_win", "average_loss", "win_rate", "profit_factor", "payoff", "expectancy",
        "mean_r", "largest_win", "largest_loss", "average_hold", "max_drawdown_fraction",
    }  # fmt: skip
    assert all(undefined.values())
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


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30))
def test_expectancy_agrees_with_its_other_formula(nets: list[int]) -> None:
    stats = figures(trades_of(*nets))
    count = D(len(nets))
    won = (stats["wins"].value or 0) / count * (stats["average_win"].value or 0)
    lost = (stats["losses"].value or 0) / count * (stats["average_loss"].value or 0)
    assert stats["expectancy"].value == pytest.approx(won + lost)

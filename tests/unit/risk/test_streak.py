"""Losses in a row and the pause after them."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.domain.trade import Direction, Trade
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.risk.limit_book import LimitBook
from cockpit.risk.streak import LossStreak
from tests.support.fills import NINE_THIRTY

LIMITS = LimitBook(
    LimitRules.of(Limits(max_consecutive_losses=2, loss_cooldown_s=Decimal(60))), "DEMO-1"
)


def trade(gross: int, *, fees: int = 0, closed_ns: int = NINE_THIRTY) -> Trade:
    return Trade(
        trade_id="t",
        account_id="DEMO-1",
        symbol="XXX",
        direction=Direction.LONG,
        quantity=Decimal(1),
        entry_price=Decimal(10),
        exit_price=Decimal(10),
        gross=Decimal(gross),
        fees=Decimal(fees),
        opened_ns=NINE_THIRTY,
        closed_ns=closed_ns,
        matches=(),
        execution_ids=(),
    )


def counted(*trades: Trade) -> tuple[LossStreak, VirtualClock]:
    clock = VirtualClock(NINE_THIRTY)
    streak = LossStreak(LIMITS, clock)
    for one in trades:
        streak.take(one)
    return streak, clock


def test_one_loss_pauses_nothing() -> None:
    streak, _ = counted(trade(-5))
    assert (streak.losses, streak.why_not()) == (1, "")


def test_a_gain_ends_the_streak_and_fees_decide() -> None:
    streak, _ = counted(trade(-5), trade(5, fees=4), trade(5, fees=6))
    assert streak.losses == 1
    assert streak.why_not() == ""


def test_even_is_neither() -> None:
    streak, _ = counted(trade(-5), trade(5, fees=5), trade(-5))
    assert streak.losses == 2


def test_the_pause_begins_and_ends() -> None:
    streak, clock = counted(trade(-5), trade(-5))
    assert streak.why_not() == "2 losses in a row: openings wait until 09:31:00 New York."
    clock.advance_to(NINE_THIRTY + 60 * SECOND)
    assert streak.why_not() == ""


def test_a_further_loss_pauses_again() -> None:
    later = NINE_THIRTY + 600 * SECOND
    streak, clock = counted(trade(-5), trade(-5), trade(-5, closed_ns=later))
    clock.advance_to(later)
    assert "3 losses" in streak.why_not()
    assert streak.blocked_until_ns == later + 60 * SECOND

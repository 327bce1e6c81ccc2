"""Overnight there are other shares for the same money: books, profit and stops follow."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.domain.adjustment import Adjustment, AdjustmentKind, split_ratio
from cockpit.domain.order import OrderState, Side
from cockpit.domain.recovery import RecoveryPhase
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import OrderRejectedError
from cockpit.trading.day_opening import DayOpening
from cockpit.trading.portfolio import Portfolio
from tests.support.desk import Desk, restarted, trading_desk
from tests.support.fills import NINE_THIRTY, fill
from tests.support.protection import entered, exits, plan, seen

D = Decimal


@pytest.mark.parametrize(
    ("before", "after", "ratio"),
    [
        ((100, "80"), (200, "40"), 2),
        ((-90, "80"), (-30, "240"), D(1) / 3),
        ((101, "9"), (151, "6"), D(151) / 101),  # half a share was paid out
        ((100, "80"), (200, "80"), None),
        ((100, "80"), (100, "40"), None),
        ((100, "80"), (101, "79.3"), None),
        ((100, "80"), (-200, "40"), None),
        ((100, "80"), (0, "0"), None),
        ((0, "0"), (100, "80"), None),
    ],
)
def test_other_shares_for_the_same_money_are_a_split(before, after, ratio) -> None:
    given = (D(before[0]), D(before[1]), D(after[0]), D(after[1]))
    assert split_ratio(*given) == ratio


async def split(desk: Desk, ratio: int = 2) -> None:
    """The broker has split; the person, who sees the difference, accepts it."""
    desk.broker._venue._money.split("ABC", ratio)
    desk.recovery.request("a test")
    await desk.pass_time(10)
    assert desk.recovery.phase is RecoveryPhase.BLOCKED
    await desk.do(desk.settlement.accept_positions("ABC"))
    desk.recovery.request("accepted")
    await desk.pass_time(5)
    assert desk.recovery.phase is RecoveryPhase.READY


async def test_what_is_accepted_for_the_same_money_is_entered_as_a_split(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        await split(desk)
        entry = desk.portfolio.adjusted_last("ABC")
        assert entry.kind is AdjustmentKind.SPLIT
        assert entry.reason == "Accepted by you: a split, 2 for 1"
        assert desk.portfolio.position("ABC").quantity == 80


@pytest.mark.parametrize("seen_before", [True, False], ids=["quoted before", "quoted after"])
async def test_a_split_is_no_result_of_the_day(tmp_path: Path, seen_before: bool) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        desk.quote(99.99, 100.01)
        before = desk.portfolio.day_pnl
        if seen_before:
            desk.quote(49.99, 50.01)
            assert desk.portfolio.day_pnl < before - 1900
        await split(desk)
        assert desk.portfolio.day_pnl == pytest.approx(before, abs=1)
        assert desk.portfolio.gross_exposure == pytest.approx(4000, abs=1)
        desk.quote(49.99, 50.01)
        assert desk.portfolio.day_pnl == pytest.approx(before, abs=1)


@pytest.mark.parametrize("peak_before", [0.0, 150.0])
async def test_a_gain_that_a_split_only_seemed_to_bring_is_no_peak(
    tmp_path: Path, peak_before: float
) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.oms.submit(desk.intent(Side.SELL, 40))
        await desk.pass_time(0.5)
        lower = 100 - peak_before / 40
        desk.quote(lower - 0.01, lower + 0.01)
        desk.quote(99.99, 100.01)
        peak, fall = desk.portfolio.peak, desk.portfolio.drawdown
        assert peak == pytest.approx(peak_before, abs=2)
        desk.quote(49.99, 50.01)
        assert desk.portfolio.peak > 1900  # as if half of what it sold had been a gain
        await split(desk)
        assert desk.portfolio.peak == pytest.approx(peak, abs=0.01)
        assert desk.portfolio.drawdown == pytest.approx(fall, abs=0.5)
        kept = desk.portfolio.opening("2018-01-02")
        assert kept.peak == pytest.approx(peak, abs=0.01)
        desk.quote(48.99, 49.01)
        assert desk.portfolio.peak == pytest.approx(max(80, peak), abs=2)


def test_a_split_of_what_was_carried_is_known_again_after_a_restart() -> None:
    day_ns = 86_400 * SECOND
    halved = Adjustment(
        adjustment_id="s",
        account_id="DEMO-1",
        symbol="XXX",
        quantity=D(80),
        average_cost=D(50),
        kind=AdjustmentKind.SPLIT,
        reason="",
        ts_event=NINE_THIRTY + day_ns,
        ts_init=NINE_THIRTY + day_ns,
    )
    bought = fill(1, "+40 @ 100", ts_ns=NINE_THIRTY)
    portfolio = Portfolio(Bus(), "DEMO-1")
    portfolio.restore([bought, halved], NINE_THIRTY + day_ns)
    portfolio.go_on_from(DayOpening("2018-01-03", D(10_000), {bought.symbol: 2000.0}))
    assert portfolio.day_pnl == 0
    assert portfolio.gross_exposure == 80 * 75


async def test_a_stop_follows_a_split_and_does_not_trade(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("95"), 40)
        await split(desk)
        [stop] = exits(desk)
        assert (stop.state, stop.remaining, stop.intent.stop_price) == (
            OrderState.WORKING, 80, D("47.5"),
        )  # fmt: skip
        await seen(desk, 49.99)
        assert desk.portfolio.position("ABC").quantity == 80
        async with restarted(desk) as again:
            await again.pass_time(5)
            [cover] = again.protector.covers("ABC")
            assert (cover.stop, cover.quantity) == (D("47.5"), 80)
            assert [o.intent.stop_price for o in exits(again)] == [D("47.5")]
            await seen(again, 47.0)
            assert again.portfolio.position("ABC").flat


async def test_a_short_position_and_a_person_s_own_stop_follow(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("111"), 15, side=Side.SELL)
        await desk.do(desk.protector.protect("ABC", plan("103.33", "70.01")))
        await desk.pass_time(1)
        await split(desk, 3)
        [stop] = exits(desk)
        assert (stop.remaining, stop.intent.stop_price) == (45, D("34.45"))
        [cover] = desk.protector.covers("ABC")
        assert (cover.plan.stop, cover.plan.target) == (D("34.45"), D("23.33"))


async def test_a_trailing_stop_ends_with_a_split_and_that_is_told(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan(None, trail="2"), 40)
        assert len(exits(desk)) == 1
        await split(desk)
        assert not exits(desk)
        assert "unprotected" in desk.incidents
        assert desk.portfolio.position("ABC").quantity == 80
        async with restarted(desk) as again:
            await again.pass_time(5)
            assert not exits(again)


def _refused(*_args: object) -> object:
    raise OrderRejectedError("not now", user_text="The venue does not change it now.")


async def test_an_exit_of_before_the_split_moves_no_stop(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await entered(desk, plan("95"), 40)
        [old] = exits(desk)
        venue = desk.broker._venue
        replace, venue.replace = venue.replace, _refused
        await split(desk)
        assert [o.intent.stop_price for o in exits(desk)] == [95]  # it works on as it is
        [cover] = desk.protector.covers("ABC")
        assert cover.stop == D("47.5")
        venue.replace = replace
        await desk.pass_time(60)
        assert [o.intent.stop_price for o in exits(desk)] == [D("47.5")]
        assert desk.now(old).state is OrderState.REPLACED

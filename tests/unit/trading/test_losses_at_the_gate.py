"""Loss, fall and pause as the gate reckons them, and that the monitor reckons the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cockpit.domain.order import OrderState, Side
from cockpit.risk.controls import day_loss, drawdown
from cockpit.risk.view import ApprovalView
from tests.unit.risk.test_monitor import watched

NOT_ASKED = ApprovalView(needed=False, releasing=False, given_for=None, expires_ns=None)


async def test_the_fall_from_the_peak_denies_by_itself(tmp_path) -> None:
    async with watched(tmp_path, max_drawdown_fraction=Decimal("0.001")) as w:
        w.monitor.close()
        await w.desk.bought(40)
        w.mark(110)  # 400 won
        await w.desk.pass_time(5)
        w.mark(107)  # 120 of them lost
        denied = await w.desk.oms.submit(w.desk.intent())
        assert denied.reason_code == "LOSS_DRAWDOWN"
        closing = await w.desk.oms.submit(w.desk.intent(Side.SELL, 40))
        await w.desk.pass_time(0.5)
        assert w.desk.now(closing).state is OrderState.FILLED


async def test_a_pause_after_losses_denies_openings_only(tmp_path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(10)
        w.desk.situation.cooldown = lambda: "2 losses in a row: openings wait."
        denied = await w.desk.oms.submit(w.desk.intent(quantity=3))
        assert (denied.reason_code, denied.reason_text) == (
            "LOSS_COOLDOWN",
            "2 losses in a row: openings wait.",
        )
        closing = await w.desk.oms.submit(w.desk.intent(Side.SELL, 10))
        assert closing.reason_code == ""


@pytest.mark.parametrize("limit", ["0.0029", "0.00291", "0.003", "0.007", "0.0007"])
@pytest.mark.parametrize("lost", ["0", "69.99", "70.00", "70.01", "289.99", "290", "290.01", "700"])
async def test_gate_and_monitor_agree_to_the_cent(tmp_path, limit, lost) -> None:
    fraction = Decimal(limit)
    limits = {"day_loss_reducing_fraction": fraction, "max_drawdown_fraction": fraction}
    async with watched(tmp_path, **limits) as w:
        await w.desk.bought(1)
        w.mark(100)
        w.desk.portfolio.realised -= Decimal(lost) + Decimal(
            str(round(w.desk.portfolio.day_pnl, 4))
        )
        w.desk.portfolio._peak.begin(0.0)
        w.mark(100)
        view = w.desk.situation.view(w.desk.orders.all()[0], NOT_ASKED)
        for gauge, control in (("day_loss_reducing", day_loss), ("drawdown", drawdown)):
            measured = w.gauge(gauge)
            assert (measured.value <= measured.limit) == control(view).passed
        assert day_loss(view).passed == (Decimal(lost) <= fraction * 100_000)
        assert drawdown(view).passed == (Decimal(lost) <= fraction * 100_000)

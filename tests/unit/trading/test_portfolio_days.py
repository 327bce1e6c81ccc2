"""The day's figures roll at New York midnight; what is held is carried over at its mark."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from cockpit.domain.events import FillBooked
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderType
from cockpit.domain.trade import Trade
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.risk.streak import LossStreak
from cockpit.trading.portfolio import Portfolio
from tests.support.desk import trading_desk
from tests.support.fills import NINE_THIRTY, fill
from tests.unit.risk.test_streak import LIMITS, trade

DAY = 86_400 * SECOND
MIDNIGHT = NINE_THIRTY + (14 * 3600 + 1800) * SECOND
TOMORROW = NINE_THIRTY + DAY


class Held:
    """A portfolio that hears of fills and quotes."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.portfolio = Portfolio(self.bus, "DEMO-1")
        self.portfolio.open_at(Decimal(100_000))
        self._numbers = iter(range(1000))

    def trade(self, text: str, ts_ns: int, *, fee: str = "0") -> None:
        one = fill(next(self._numbers), text, ts_ns=ts_ns, fee=fee)
        intent = OrderIntent(
            intent_id="i",
            account_id="DEMO-1",
            symbol="XXX",
            side=one.side,
            type=OrderType.MARKET,
            quantity=one.quantity,
        )
        order = Order(client_order_id=one.client_order_id, intent=intent)
        self.bus.publish(
            FillBooked(fill=one, order=order, late=False, ts_event=ts_ns, ts_init=ts_ns)
        )

    def mark(self, price: float, ts_ns: int) -> None:
        self.bus.publish(
            Quote(
                symbol="XXX",
                bid=price - 0.01,
                ask=price + 0.01,
                bid_size=1,
                ask_size=1,
                ts_event=ts_ns,
                ts_init=ts_ns,
            )
        )


def test_a_new_day_begins_at_nothing_with_the_equity_of_the_last() -> None:
    held = Held()
    held.trade("+100 @ 10", NINE_THIRTY, fee="1")
    held.trade("-50 @ 8", NINE_THIRTY, fee="1")  # 100 lost
    held.mark(9, NINE_THIRTY + SECOND)  # and 50 more while open
    p = held.portfolio
    assert p.day_pnl == pytest.approx(-152)
    held.mark(9, MIDNIGHT - 1)
    assert p.day_pnl == pytest.approx(-152)
    held.mark(9, MIDNIGHT)
    assert (p.day_pnl, p.day_realised, p.day_fees) == (0, 0, 0)
    assert p.start_equity == Decimal("99848.0")
    assert p.equity == pytest.approx(99_848)
    assert (p.realised, p.fees) == (-100, 2)  # of the whole run


def test_what_is_held_counts_from_its_mark_at_midnight() -> None:
    held = Held()
    held.trade("+100 @ 10", NINE_THIRTY)
    held.mark(12, NINE_THIRTY + SECOND)
    held.mark(11, TOMORROW)  # a fall of 100 since yesterday's mark, a gain of 100 since the entry
    p = held.portfolio
    assert p.day_pnl == p.day_pnl_of("XXX") == pytest.approx(-100)
    assert (p.unrealised, p.carried) == (pytest.approx(100), pytest.approx(200))
    held.trade("-100 @ 11", TOMORROW + SECOND)
    assert p.day_pnl == p.day_pnl_of("XXX") == pytest.approx(-100)
    assert p.position("XXX").realised == p.day_realised == 100
    assert p.equity == pytest.approx(100_100)


def test_peak_and_curve_are_of_the_day() -> None:
    held = Held()
    held.trade("+100 @ 10", NINE_THIRTY)
    held.mark(15, NINE_THIRTY + SECOND)
    held.mark(14, NINE_THIRTY + 2 * SECOND)
    assert held.portfolio.drawdown == pytest.approx(-100)
    held.mark(14, TOMORROW)
    assert (held.portfolio.peak, held.portfolio.drawdown) == (0, 0)
    assert list(held.portfolio.curve.pnl) == [0]


def test_days_without_a_price_roll_once() -> None:
    held = Held()
    held.trade("+100 @ 10", NINE_THIRTY)
    held.mark(12, NINE_THIRTY + SECOND)
    held.portfolio.roll_to(NINE_THIRTY + 3 * DAY)
    held.mark(12, NINE_THIRTY + 5 * DAY)
    assert held.portfolio.start_equity == 100_200
    assert held.portfolio.day_pnl == 0


def test_opened_again_in_the_day_its_result_is_not_forgotten() -> None:
    portfolio = Portfolio(Bus(), "DEMO-1")
    for one in (fill(1, "+100 @ 10"), fill(2, "-100 @ 8")):
        portfolio.book(one, one.ts_event)
    portfolio.open_at(Decimal(99_800))
    assert portfolio.start_equity == 100_000
    assert portfolio.equity == 99_800


def test_a_drawdown_that_is_no_number_is_not_nothing() -> None:
    portfolio = Portfolio(Bus(), "DEMO-1")
    portfolio.open_at(Decimal(100_000))
    assert portfolio.drawdown_fraction == 0
    portfolio._peak.begin(math.nan)
    assert math.isnan(portfolio.drawdown)
    assert math.isnan(portfolio.drawdown_fraction)


def test_a_fall_from_no_equity_is_no_number() -> None:
    portfolio = Portfolio(Bus(), "DEMO-1")
    portfolio.book(fill(1, "+1 @ 10", fee="1"), 0)
    assert portfolio.drawdown == -1
    assert math.isnan(portfolio.drawdown_fraction)


def test_losses_in_a_row_end_with_the_day() -> None:
    clock = VirtualClock(NINE_THIRTY)
    streak = LossStreak(LIMITS, clock)
    streak.take(trade(-5))
    assert streak.losses == 1
    clock.advance_to(MIDNIGHT - 1)
    assert streak.losses == 1
    clock.advance_to(MIDNIGHT)
    assert streak.losses == 0
    clock.advance_to(TOMORROW)
    streak.take(_lost_at(TOMORROW))
    assert (streak.losses, streak.why_not()) == (1, "")


def _lost_at(closed_ns: int) -> Trade:
    return trade(-5, closed_ns=closed_ns)


async def test_yesterday_s_loss_does_not_deny_today(tmp_path) -> None:
    async with trading_desk(tmp_path) as desk:
        desk.portfolio.open_at(Decimal(2_100))
        await desk.bought(1)
        await desk.pass_time(5)
        desk.quote(49.99, 50.01)  # half of it is gone: 2.4 % of equity
        denied = await desk.oms.submit(desk.intent(quantity=1))
        assert denied.reason_code == "LOSS_DAY"
        await desk.pass_time(86_400)
        desk.quote(49.99, 50.01)
        order = await desk.oms.submit(desk.intent(quantity=1))
        assert order.reason_code == ""

"""The monitor on a desk of real parts: what crosses, what follows, and what never does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Alert, AlertState
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.market import Quote
from cockpit.domain.order import OrderState, OrderType, Side
from cockpit.kernel.clock import VirtualClock
from cockpit.risk.board import Consequences, Gauge
from cockpit.risk.monitor import RiskMonitor
from cockpit.risk.streak import LossStreak
from tests.support.desk import OPEN_NS, Desk, restarted, trading_desk
from tests.support.set_clock import SetClock
from tests.unit.risk.test_streak import trade

D = Decimal
TIGHT = Limits(
    day_loss_reducing_fraction=D("0.001"),
    day_loss_halted_fraction=D("0.002"),
    max_drawdown_fraction=D("0.01"),
)


@dataclass
class Watched:
    """A desk whose risk is watched."""

    desk: Desk
    alerts: Alerts
    monitor: RiskMonitor
    tightened: list[TradingState]
    locked: list[str]

    @property
    def state(self) -> TradingState:
        return self.desk.switch.state

    def gauge(self, name: str, subject: str = "") -> Gauge:
        [found] = [g for g in self.monitor.gauges() if (g.name, g.subject) == (name, subject)]
        return found

    def raised(self) -> dict[str, Alert]:
        return {alert.key: alert for alert in self.alerts.all()}

    def mark(self, price: float) -> None:
        self.desk.quote(price - 0.01, price + 0.01)


@asynccontextmanager
async def watched(
    folder: Path, clock: VirtualClock | None = None, **limits: Any
) -> AsyncIterator[Watched]:
    rules = Limits(**limits) if limits else TIGHT
    async with trading_desk(folder, limits=rules, clock=clock) as desk:
        w = watch(desk)
        yield w
        w.monitor.close()


def watch(desk: Desk) -> Watched:
    alerts, tightened = Alerts(desk.bus, desk.clock), list[TradingState]()
    locked: list[str] = []

    def tighten(state: TradingState, reason: str) -> bool:
        tightened.append(state)
        return desk.switch.tighten(state, reason)

    monitor = RiskMonitor(
        bus=desk.bus,
        clock=desk.clock,
        limits=desk.limits,
        holdings=desk.portfolio,
        rates=desk.situation.traffic,
        streak=LossStreak(desk.limits, desk.clock),
        consequences=Consequences(
            tighten=tighten,
            lock_out=locked.append,
            raise_alert=alerts.raise_,
            clear_alert=alerts.clear,
            incident=desk.means.incident,
        ),
    )
    return Watched(desk, alerts, monitor, tightened, locked)


async def test_a_loss_reduces_and_then_halts(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(40)
        w.mark(98)
        assert w.state is TradingState.ACTIVE
        w.mark(97)
        assert w.state is TradingState.REDUCING
        assert "The day's loss" in w.desk.switch.reason
        w.mark(94.9)
        assert w.state is TradingState.HALTED
        keys = {"risk.day_loss_reducing", "risk.day_loss_halted"}
        assert keys <= {key for key, alert in w.raised().items() if alert.count == 1}
        assert w.gauge("day_loss_halted").used > 1


async def test_the_loss_that_halts_locks_out_also_where_it_was_halted_before(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(40)
        w.mark(97)
        assert w.state is TradingState.REDUCING
        assert w.locked == []
        w.desk.switch.tighten(TradingState.HALTED, "by you")
        w.mark(94.9)
        [why] = w.locked
        assert why.startswith("The day's loss: ")
        assert why.endswith(" USD, the limit is 200.")
        text = w.raised()["risk.day_loss_halted"].text
        assert (
            text == f"{why} Trading is halted until the day is over; closing and cancelling go on."
        )
        w.mark(94.8)
        assert w.locked == [why], "a loss that goes on is no second crossing"


async def test_an_alert_is_armed_again_when_seen_and_the_value_is_back(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        key = "risk.day_loss_reducing"
        await w.desk.bought(40)
        w.mark(97)
        w.mark(99)
        assert w.raised()[key].state is AlertState.ACTIVE
        assert not w.gauge("day_loss_reducing").armed
        w.mark(97)
        assert w.tightened == [TradingState.REDUCING] * 2  # a latched alert never blunts it
        assert w.raised()[key].count == 1
        w.alerts.acknowledge(key)
        assert not w.gauge("day_loss_reducing").armed
        w.mark(99)
        assert w.raised()[key].state is AlertState.CLEARED
        assert w.gauge("day_loss_reducing").armed
        w.mark(97)
        assert (w.raised()[key].state, w.raised()[key].count) == (AlertState.ACTIVE, 2)


async def test_who_resumed_is_not_overruled_by_the_next_quote(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(40)
        w.mark(97)
        w.mark(96.9)
        assert w.tightened == [TradingState.REDUCING]  # once for each crossing


async def test_a_fall_from_the_peak_reduces(tmp_path: Path) -> None:
    async with watched(tmp_path, max_drawdown_fraction=D("0.001")) as w:
        await w.desk.bought(40)
        w.mark(105)
        w.mark(102)
        assert w.desk.portfolio.day_pnl > 0
        assert w.state is TradingState.REDUCING
        assert w.gauge("drawdown").value > w.gauge("drawdown").limit


async def test_exposure_is_watched_while_it_is_held(tmp_path: Path) -> None:
    async with watched(tmp_path, max_position_fraction=D("0.045")) as w:
        await w.desk.bought(40)
        gross, net = w.gauge("gross_exposure"), w.gauge("net_exposure")
        assert gross.value == net.value == w.gauge("position", "ABC").value > 0
        w.mark(120)
        assert w.state is TradingState.REDUCING
        assert w.gauge("gross_exposure").value == 4800
        await w.desk.oms.submit(w.desk.intent(Side.SELL, 40))
        await w.desk.pass_time(0.5)
        assert w.gauge("gross_exposure").value == 0
        w.alerts.acknowledge("risk.position.ABC")
        assert w.raised()["risk.position.ABC"].state is AlertState.CLEARED


async def test_a_short_counts_in_gross_and_against_net(tmp_path: Path) -> None:
    async with watched(tmp_path, max_net_fraction=D("0.03")) as w:
        await w.desk.oms.submit(w.desk.intent(Side.SELL, 40))
        await w.desk.pass_time(0.5)
        assert w.gauge("net_exposure").value > w.gauge("net_exposure").limit
        assert w.state is TradingState.REDUCING


async def test_only_what_is_held_is_judged(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(10)
        before = w.gauge("day_loss_halted").ts_ns
        await w.desk.pass_time(1)
        w.desk.quote(10, 10.02, symbol="XYZ")
        assert w.gauge("day_loss_halted").ts_ns == before
        w.mark(100)
        assert w.gauge("day_loss_halted").ts_ns > before


async def test_what_is_quoted_together_is_judged_each_by_itself(tmp_path: Path) -> None:
    async with watched(tmp_path, max_position_fraction=D("0.045")) as w:
        await w.desk.bought(40)
        now = w.desk.clock.now_ns()
        w.desk.bus.publish_all(
            [
                Quote(
                    symbol=symbol, bid=bid, ask=bid + 0.02, bid_size=1, ask_size=1, ts_event=now,
                    ts_init=now,
                )
                for symbol, bid in (("XYZ", 10.0), ("ABC", 119.99))
            ]
        )  # fmt: skip
        assert w.gauge("position", "ABC").value == 4800
        assert w.state is TradingState.REDUCING
        assert "position" in {name for name, subject in _gauges(w) if subject == "ABC"}
        assert not [subject for _, subject in _gauges(w) if subject == "XYZ"]


def _gauges(w: Watched) -> list[tuple[str, str]]:
    return [(gauge.name, gauge.subject) for gauge in w.monitor.gauges()]


async def test_what_cannot_be_reckoned_halts_and_is_told_once(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(10)
        w.desk.portfolio.start_equity = None
        w.mark(100)
        w.mark(100.1)
        assert w.state is TradingState.HALTED
        assert w.tightened == [TradingState.HALTED] * 2
        assert w.desk.incidents == ["risk"]


async def test_a_limit_that_is_no_number_halts(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(10)
        w.desk.portfolio.start_equity = D("NaN")
        w.mark(100)
        assert w.state is TradingState.HALTED
        assert w.desk.incidents == ["risk"]


async def test_many_messages_reduce(tmp_path: Path) -> None:
    async with watched(tmp_path, max_messages_per_minute=3) as w:
        for price in ("97", "98"):
            w.mark(100)
            order = await w.desk.oms.submit(w.desk.intent(type=OrderType.LIMIT, limit=price))
            await w.desk.pass_time(1)
            await w.desk.do(w.desk.oms.cancel(order.client_order_id))
            await w.desk.pass_time(1)
        assert w.gauge("messages_per_minute").value == 4
        assert w.gauge("orders_per_day").value == 2
        assert w.state is TradingState.REDUCING


async def test_a_burst_is_told_and_stops_nobody(tmp_path: Path) -> None:
    async with watched(tmp_path, max_messages_per_second=1) as w:
        order = await w.desk.oms.submit(w.desk.intent(type=OrderType.LIMIT, limit="97"))
        await w.desk.pass_time(0.5)
        await w.desk.do(w.desk.oms.cancel(order.client_order_id))
        await w.desk.pass_time(0.2)
        assert "risk.messages_per_second" in w.raised()
        assert w.state is TradingState.ACTIVE


async def test_an_order_that_may_open_ages(tmp_path: Path) -> None:
    async with watched(tmp_path, max_order_age_s=D(60)) as w:
        order = await w.desk.oms.submit(w.desk.intent(type=OrderType.LIMIT, limit="97"))
        key = f"risk.order_age.{order.client_order_id}"
        await w.desk.pass_time(59)
        assert key not in w.raised()
        await w.desk.pass_time(2)
        assert w.gauge("order_age", order.client_order_id).value == 60
        assert w.state is TradingState.ACTIVE
        await w.desk.do(w.desk.oms.cancel(order.client_order_id))
        await w.desk.pass_time(1)
        w.alerts.acknowledge(key)
        assert w.raised()[key].state is AlertState.CLEARED


async def test_a_canceled_order_does_not_age(tmp_path: Path) -> None:
    async with watched(tmp_path, max_order_age_s=D(60)) as w:
        order = await w.desk.oms.submit(w.desk.intent(type=OrderType.LIMIT, limit="97"))
        await w.desk.pass_time(1)
        await w.desk.do(w.desk.oms.cancel(order.client_order_id))
        await w.desk.pass_time(120)
        assert not w.raised()


async def test_a_position_without_a_stop_is_told_after_the_grace(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(10)
        await w.desk.pass_time(9)
        assert "risk.no_stop.ABC" not in w.raised()
        await w.desk.pass_time(2)
        assert "risk.no_stop.ABC" in w.raised()
        assert w.state is TradingState.ACTIVE


async def test_a_position_that_is_gone_leaves_no_alert_about_its_stop(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(10)
        await w.desk.pass_time(11)
        assert "risk.no_stop.ABC" in w.raised()
        w.desk.quote(99.99, 100.01)
        await w.desk.do(w.desk.kill_switch.flatten("ABC"))
        await w.desk.pass_time(2)
        assert w.desk.portfolio.position("ABC").flat
        active = {alert.key for alert in w.alerts.active()}
        assert "risk.no_stop.ABC" not in active
        assert "no_stop" not in {gauge.name for gauge in w.monitor.gauges()}


async def test_what_waits_is_told_in_its_time_though_the_clock_is_set_back(tmp_path: Path) -> None:
    clock = SetClock(OPEN_NS)
    async with watched(tmp_path, clock, max_order_age_s=D(60)) as w:
        await w.desk.bought(10)
        order = await w.desk.oms.submit(w.desk.intent(type=OrderType.LIMIT, limit="97"))
        await w.desk.pass_time(1)
        clock.set_by_s = -3600
        await w.desk.pass_time(11)
        assert set(w.raised()) == {"risk.no_stop.ABC"}
        await w.desk.pass_time(50)
        assert f"risk.order_age.{order.client_order_id}" in w.raised()


async def test_a_stop_protects_as_far_as_it_reaches(tmp_path: Path) -> None:
    async with watched(tmp_path, max_order_age_s=D(60)) as w:
        await w.desk.bought(10)
        part = await w.desk.oms.submit(_stop(w.desk, 6))
        rest = await w.desk.oms.submit(_stop(w.desk, 4))
        await w.desk.pass_time(120)
        assert w.desk.now(part).state is w.desk.now(rest).state is OrderState.WORKING
        assert not w.raised()  # nor does a stop age
        await w.desk.do(w.desk.oms.cancel(rest.client_order_id))
        await w.desk.pass_time(11)
        assert set(w.raised()) == {"risk.no_stop.ABC"}


async def test_closed_it_watches_no_more(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(40)
        w.monitor.close()
        w.mark(90)
        await w.desk.pass_time(20)
        assert (w.state, w.raised()) == (TradingState.ACTIVE, {})


# what was there before


async def test_what_an_earlier_run_holds_is_watched(tmp_path: Path) -> None:
    async with trading_desk(tmp_path, limits=TIGHT) as desk:
        await desk.bought(40)
        async with restarted(desk) as again:
            w = watch(again)
            w.monitor.take_up(again.portfolio.open_positions(), again.orders.open())
            w.mark(94.9)
            assert w.state is TradingState.HALTED
            await again.pass_time(11)
            assert "risk.no_stop.ABC" in w.raised()
            w.monitor.close()


async def test_a_stop_of_an_earlier_run_protects(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        await desk.oms.submit(_stop(desk, 10))
        await desk.pass_time(1)
        async with restarted(desk) as again:
            w = watch(again)
            w.monitor.take_up(again.portfolio.open_positions(), again.orders.open())
            await again.pass_time(60)
            assert not w.raised()
            w.monitor.close()


async def test_a_position_taken_over_from_the_broker_is_watched(tmp_path: Path) -> None:
    async with watched(tmp_path) as w:
        await w.desk.bought(40)
        theirs = w.desk.broker._venue._money._positions
        theirs["ABC"] = msgspec.structs.replace(theirs["ABC"], quantity=D(80))
        await w.desk.do(w.desk.settlement.accept_positions("ABC"))
        assert w.gauge("position", "ABC").value == pytest.approx(8000, rel=0.01)


async def test_losses_of_an_earlier_run_count_on(tmp_path: Path) -> None:
    async with watched(tmp_path, max_consecutive_losses=2) as w:
        now = w.desk.clock.now_ns()
        losses = trade(-1, closed_ns=now - 2), trade(-1, closed_ns=now - 1)
        w.monitor.count_earlier(losses)
        assert w.monitor._streak.why_not()


def _stop(desk: Desk, quantity: int) -> Any:
    return desk.intent(Side.SELL, quantity, type=OrderType.STOP, stop="90")

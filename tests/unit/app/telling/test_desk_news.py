"""Alerts of what came from elsewhere, and of positions that nothing protects."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from cockpit.app.telling.alerts import Alerts
from cockpit.app.telling.desk_news import BARE, DeskNews
from cockpit.domain.alert import Severity
from cockpit.domain.order import Order, OrderState, OrderType, Side
from cockpit.domain.protection import Protection
from cockpit.ports.broker import OrderReport
from tests.support.desk import Desk, trading_desk
from tests.support.protection import entered, exits, plan


def news(desk: Desk) -> Alerts:
    """The alerts of a desk, with its incidents among them."""
    alerts = Alerts(desk.bus, desk.clock)
    DeskNews(desk.bus, alerts, desk.protector.bare)
    object.__setattr__(desk.protector._room, "incident", alerts.incident)
    object.__setattr__(desk.protector._work._tools, "incident", alerts.incident)
    return alerts


async def bare(desk: Desk) -> Alerts:
    """Ten ABC whose stop was taken back with all other orders."""
    alerts = news(desk)
    await entered(desk, plan())
    await desk.do(desk.kill_switch.cancel_all())
    await desk.pass_time(0.5)
    assert alerts.stands(BARE)
    desk.quote(99.99, 100.01)
    return alerts


async def test_a_position_that_is_flat_needs_no_stop_any_more(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        alerts = await bare(desk)
        await desk.oms.submit(desk.intent(Side.SELL, 4))
        await desk.pass_time(0.5)
        assert alerts.stands(BARE)  # six are still bare
        desk.quote(99.99, 100.01)
        await desk.do(desk.kill_switch.flatten("ABC"))
        await desk.pass_time(0.5)
        assert desk.portfolio.position("ABC").flat
        assert not alerts.stands(BARE)
        assert not alerts.active()


async def test_a_position_that_is_protected_again_is_not_bare(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        alerts = await bare(desk)
        await desk.do(desk.protector.protect("ABC", Protection(stop=Decimal("98.00"))))
        await desk.pass_time(0.5)
        assert not alerts.stands(BARE)


async def test_a_stop_that_was_cancelled_elsewhere_is_forgotten_once_flat(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        alerts = news(desk)
        await entered(desk, plan())
        [stop] = exits(desk)
        for message in desk.broker._venue.cancel(stop.client_order_id, desk.clock.now_ns()):
            if isinstance(message, OrderReport):
                desk.events.on_order(message)
        await desk.pass_time(0.5)
        assert alerts.stands(f"{BARE}.ABC")
        desk.quote(99.99, 100.01)
        await desk.do(desk.kill_switch.flatten("ABC"))
        await desk.pass_time(0.5)
        assert desk.portfolio.position("ABC").flat
        assert not alerts.stands(f"{BARE}.ABC")


async def test_an_order_from_elsewhere_is_a_warning_and_says_what_it_is(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        alerts = news(desk)
        wish = desk.intent(quantity=5, type=OrderType.LIMIT, limit="90.00")
        desk.broker._venue.submit(Order(client_order_id="theirs", intent=wish), 1)
        await desk.do(desk.recovery.run("test"))
        taken = desk.orders.get("theirs")
        assert taken.state is OrderState.WORKING
        [alert] = [a for a in alerts.active() if a.key == "external.theirs"]
        assert alert.severity is Severity.WARNING
        assert "Buy 5 ABC was placed at the broker and not here" in alert.text

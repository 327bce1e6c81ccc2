"""A PAPER session: an account, a trading state and a time that go on from start to start."""

from __future__ import annotations

import asyncio
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cockpit.app.core import Core
from cockpit.app.paper_time import time_after
from cockpit.app.starting import launch_of_settings
from cockpit.domain.account import Mode
from cockpit.domain.limits import TradingState
from cockpit.domain.order import Order, OrderState, OrderType, Side, TimeInForce
from cockpit.domain.values import NEW_YORK, session_date, to_ns, utc
from cockpit.kernel.settings import SettingsError
from cockpit.market.session import SessionCalendar
from cockpit.ports.broker import BrokerError
from tests.support import eventually
from tests.unit.app.conftest import Configure, OpenSession

PAPER: dict[str, Any] = {
    "mode": Mode.PAPER,
    "feed": "synthetic",
    "options": {},
    "strategies": (),
    "speed": 20,
}


def at(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK))


async def placed(core: Core, symbol: str, quantity: int, limit: str | None = None) -> Order:
    """An order that the venue has answered."""
    await eventually(lambda: core.book.quote(symbol) is not None)
    intent = core.commands.intent(
        symbol=symbol,
        side=Side.BUY,
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        quantity=Decimal(quantity),
        limit_price=None if limit is None else Decimal(limit),
        tif=TimeInForce.GTC,
    )
    order = await core.commands.place(intent)
    assert order.state is OrderState.SENDING, order
    wanted = OrderState.FILLED if limit is None else OrderState.WORKING

    def answered() -> bool:
        now = core.orders.get(order.client_order_id)
        return now is not None and now.state is wanted

    await eventually(answered)
    return order


async def test_account_positions_and_orders_go_on(session: OpenSession) -> None:
    async with session(**PAPER) as core:
        symbol = core.feed.instruments[0].symbol
        bought = await placed(core, symbol, 10)
        mark = core.portfolio.mark_of(symbol) or 0.0
        resting = await placed(core, symbol, 5, str(round(mark * 0.97, 2)))
        first = (core.account_id, core.clock.now_ns())
    async with session(**PAPER) as core:
        assert core.account_id == first[0] == "PAPER-1"
        assert core.clock.now_ns() > first[1]
        assert core.clock.now_ns() < first[1] + 60 * 10**9
        assert core.portfolio.position(symbol).quantity == 10
        found = {o.client_order_id: o.state for o in core.orders.all()}
        assert found[bought.client_order_id] is OrderState.FILLED
        assert found[resting.client_order_id] is OrderState.WORKING
        assert core.readiness.why_not("other") == "" or core.readiness.disconnected() == ""
        # watched from its first price on, though nothing was traded in this run
        await eventually(lambda: symbol in {gauge.subject for gauge in core.monitor.gauges()})
        await eventually(lambda: "position" in {gauge.name for gauge in core.monitor.gauges()})
        third = await placed(core, symbol, 1)
        assert third.client_order_id not in found
    async with session(**PAPER, new_account=True) as core:
        assert core.account_id == "PAPER-2"
        assert core.portfolio.open_positions() == []
        assert core.orders.all() == []


async def test_a_halt_stays_over_the_end_of_the_session(session: OpenSession) -> None:
    async with session(**PAPER) as core:
        core.switch.tighten(TradingState.HALTED, "Enough for today.")
    async with session(**PAPER) as core:
        assert core.switch.state is TradingState.HALTED


async def test_an_account_whose_books_are_gone_is_not_made_up(
    session: OpenSession, tmp_path: Path
) -> None:
    async with session(**PAPER) as core:
        await placed(core, core.feed.instruments[0].symbol, 10)
    books = tmp_path / "data" / "paper" / "PAPER-1.sqlite3"
    await asyncio.to_thread(books.unlink)
    with pytest.raises(BrokerError, match="PAPER-1"):
        async with session(**PAPER):
            pass
    async with session(**PAPER, new_account=True) as core:
        assert core.account_id == "PAPER-2"


@pytest.mark.parametrize(
    ("seen", "next_"),
    [
        ("2026-11-20 10:00", "2026-11-20 10:00"),
        ("2026-11-20 08:00", "2026-11-20 09:30"),
        ("2026-11-20 16:00", "2026-11-23 09:30"),  # a weekend
        ("2026-11-25 17:00", "2026-11-27 09:30"),  # Thanksgiving
        ("2026-11-27 13:00", "2026-11-30 09:30"),  # half a day
    ],
)
def test_time_goes_on_or_begins_with_the_next_bell(seen: str, next_: str) -> None:
    begun = time_after(at(seen), SessionCalendar())
    assert begun - at(next_) in (0, 1)
    assert begun > at(seen)
    assert session_date(begun).isoformat() == next_[:10]
    assert utc(begun).tzinfo is not None


def test_modes_that_a_feed_cannot_have(tmp_path: Path, config: Path, configure: Configure) -> None:
    launch = launch_of_settings(tmp_path, config, mode=Mode.PAPER)
    assert (launch.mode, launch.options) == (Mode.PAPER, {})
    assert launch_of_settings(tmp_path, config).mode is Mode.DEMO
    with pytest.raises(SettingsError, match="new account"):
        launch_of_settings(tmp_path, config, new_account=True)
    configure('mode = "paper"\n')
    assert launch_of_settings(tmp_path, config, new_account=True).mode is Mode.PAPER
    configure('feed = "replay"\n')
    with pytest.raises(SettingsError, match="replay"):
        launch_of_settings(tmp_path, config, mode=Mode.PAPER)

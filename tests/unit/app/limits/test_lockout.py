"""A day that was called done stays done, and so does one that lost too much."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.app.control import cold
from cockpit.app.control.messages import Refused, StatusReport, StatusRequest
from cockpit.app.core import Core
from cockpit.app.limits.lockout import (
    FILE,
    Lock,
    LockedOutError,
    Lockout,
    LockoutNotKeptError,
    kept_lock,
)
from cockpit.app.telling.alerts import Alerts
from cockpit.cli.standing import as_lines
from cockpit.domain.alert import Severity
from cockpit.domain.limits import TradingState
from cockpit.domain.order import Order, OrderState, OrderType, Side
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.trading.state import TradingSwitch
from tests.support import eventually
from tests.unit.app.conftest import Configure, OpenSession
from tests.unit.app.control.test_room import ask
from tests.unit.app.test_paper_account import PAPER

NOON = 1_514_912_400 * SECOND  # 2018-01-02 12:00 New York
HOUR = 3600 * SECOND
LOST = "The day's loss: 410 USD, the limit is 400."
TIGHT = """
[limits]
day_loss_reducing_fraction = 0.000000001
day_loss_halted_fraction = 0.000000002
"""


class Room:
    """A switch and a lock on a clock of their own."""

    def __init__(self, folder, now_ns: int = NOON, account: str = "A") -> None:
        self.clock = VirtualClock(now_ns)
        bus = Bus()
        self.switch, self.alerts = TradingSwitch(bus, self.clock), Alerts(bus, self.clock)
        self.supervisor = Supervisor(self.clock)
        self.lockout = Lockout(
            folder, account, self.clock, self.switch, self.supervisor, self.alerts
        )


async def test_it_halts_at_once_and_holds_until_midnight_in_new_york(tmp_path):
    room = Room(tmp_path)
    room.lockout.refuse()
    await room.lockout.begin()
    assert room.switch.state is TradingState.HALTED
    assert room.switch.reason == "Done for today, until 00:00 New York time on Wed 3 Jan"
    assert room.lockout.left_s == 12 * 3600
    with pytest.raises(LockedOutError) as refused:
        room.lockout.refuse()
    assert "can be closed" in refused.value.user_text
    await room.clock.run_until(NOON + 12 * HOUR - 1)
    assert room.lockout.holds
    await room.clock.run_until(NOON + 12 * HOUR)
    room.lockout.refuse()


async def test_a_restart_does_not_end_it(tmp_path):
    await Room(tmp_path).lockout.begin()
    again = Room(tmp_path, NOON + HOUR)
    assert again.lockout.holds
    with pytest.raises(LockedOutError):
        again.lockout.refuse()
    tomorrow = Room(tmp_path, NOON + 13 * HOUR)
    assert not tomorrow.lockout.holds


async def test_it_is_one_account_s(tmp_path):
    await Room(tmp_path).lockout.begin()
    await Room(tmp_path, account="B").lockout.begin()
    assert Room(tmp_path).lockout.holds
    assert not Room(tmp_path, account="C").lockout.holds


async def test_a_simulated_session_leaves_no_lock_behind():
    room = Room(None)
    await room.lockout.begin()
    assert room.lockout.holds
    assert not Room(None).lockout.holds


async def test_one_that_could_not_be_written_holds_all_the_same(tmp_path):
    room = Room(tmp_path)
    (tmp_path / FILE).mkdir()
    with pytest.raises(LockoutNotKeptError) as told:
        await room.lockout.begin()
    assert "halted until the day is over" in told.value.user_text
    assert room.lockout.holds
    assert room.switch.state is TradingState.HALTED


async def test_a_damaged_file_locks_nobody_out_and_is_written_anew(tmp_path):
    (tmp_path / FILE).write_text("{oops", encoding="utf-8")
    assert kept_lock(tmp_path, "A") == Lock()
    await Room(tmp_path).lockout.begin()
    assert kept_lock(tmp_path, "A").until_ns == NOON + 12 * HOUR


async def test_a_file_of_before_there_were_reasons_is_a_person_s_word(tmp_path):
    (tmp_path / FILE).write_text(f'{{"until":{{"A":{NOON + HOUR}}}}}', encoding="utf-8")
    assert Room(tmp_path).lockout.holds
    assert kept_lock(tmp_path, "A").title == "Done for today"


async def test_a_crossed_limit_locks_at_once_says_why_and_is_kept(tmp_path):
    room = Room(tmp_path)
    room.lockout.limit_crossed(LOST)
    assert room.switch.state is TradingState.HALTED
    assert room.switch.reason == (
        f"{LOST} Trading is locked until 00:00 New York time on Wed 3 Jan"
    )
    with pytest.raises(LockedOutError) as refused:
        room.lockout.refuse()
    assert refused.value.user_text == (
        f"{LOST} Trading can be resumed from 00:00 New York time on Wed 3 Jan on. "
        "Positions can be closed and orders cancelled."
    )
    await eventually(lambda: kept_lock(tmp_path, "A") == room.lockout.lock)
    again = Room(tmp_path, NOON + HOUR)
    assert again.lockout.lock == room.lockout.lock
    assert again.switch.state is TradingState.ACTIVE
    assert again.lockout.take_over()
    assert again.switch.state is TradingState.HALTED, "whatever the ledger was left as"
    tomorrow = Room(tmp_path, NOON + 12 * HOUR)
    assert not tomorrow.lockout.take_over()
    assert tomorrow.switch.state is TradingState.ACTIVE


async def test_who_calls_it_a_day_after_the_loss_still_reads_of_the_loss(tmp_path):
    room = Room(tmp_path)
    room.lockout.limit_crossed(LOST)
    await room.lockout.begin()
    assert kept_lock(tmp_path, "A").why == room.lockout.lock.why == LOST
    await room.clock.run_until(NOON + 12 * HOUR)
    await room.lockout.begin()
    assert room.lockout.lock.why == "", "tomorrow is another day"


async def test_a_lock_that_the_stop_cuts_short_is_written_all_the_same(tmp_path):
    room = Room(tmp_path)
    room.lockout.limit_crossed(LOST)
    await room.supervisor.stop()
    await room.lockout.close()
    assert kept_lock(tmp_path, "A").why == LOST
    late = Room(tmp_path, account="B")
    await late.supervisor.stop()
    late.lockout.limit_crossed(LOST)
    await late.lockout.close()
    assert kept_lock(tmp_path, "B").why == LOST


async def test_a_crossed_limit_that_can_not_be_kept_is_an_alert(tmp_path):
    room = Room(tmp_path)
    (tmp_path / FILE).mkdir()
    room.lockout.limit_crossed(LOST)
    await eventually(room.alerts.active)
    [alert] = room.alerts.active()
    assert (alert.key, alert.severity) == ("lockout", Severity.CRITICAL)
    assert "could not be written" in alert.text
    assert room.lockout.holds
    await room.lockout.close()


async def sent(core: Core, symbol: str, quantity: int, limit: Decimal | None = None) -> Order:
    """An order that went out: the gate denies while this machine is late."""
    for more in range(50):
        await eventually(lambda: core.book.quote(symbol) and not core.watchdog.lagging, 30)
        intent = core.commands.intent(
            symbol=symbol,
            side=Side.BUY,
            type=OrderType.MARKET if limit is None else OrderType.LIMIT,
            quantity=Decimal(quantity + more),
            limit_price=limit,
        )
        order = await core.commands.place(intent)
        if order.state is not OrderState.DENIED:
            return order
    raise AssertionError(order)


async def test_a_day_that_lost_too_much_is_over_until_tomorrow(
    session: OpenSession, configure: Configure, tmp_path: Path
) -> None:
    configure(TIGHT)
    async with session(**PAPER) as core:
        symbol = core.feed.instruments[0].symbol
        resting = await sent(core, symbol, 5, Decimal("1.00"))
        await sent(core, symbol, 10)
        lockout = core.lockout
        assert lockout is not None
        await eventually(lambda: lockout.holds, 60, "the spread to count")
        assert core.switch.state is TradingState.HALTED
        with pytest.raises(LockedOutError):
            await core.commands.resume()
        report = await ask(tmp_path, StatusRequest())
        assert isinstance(report, StatusReport)
        assert report.locked == lockout.lock.words
        assert "The day's loss: " in report.locked
        more = core.commands.intent(
            symbol=symbol, side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(7)
        )
        denied = await core.commands.place(more)
        assert denied.state is OrderState.DENIED
        await core.commands.cancel(resting.client_order_id)
        await core.commands.flatten(symbol)
        await eventually(lambda: not core.portfolio.open_positions(), 60, "the exit")
        await eventually(lambda: not core.orders.open(), 60, "the cancel")
        account, locked = core.account_id, lockout.lock
    [report] = await cold.status(tmp_path / "data")
    assert report.locked == locked.words
    assert any(line.startswith("  Locked") and locked.words in line for line in as_lines(report))
    refused = await cold.resume(tmp_path / "data", f"RESUME {account}", "me")
    assert refused == Refused(code="LOCKED_OUT", text=locked.words)
    async with session(**PAPER) as core:
        assert core.lockout is not None
        assert core.lockout.lock == locked
        assert core.switch.state is TradingState.HALTED
        alert = next(a for a in core.alerts.active() if a.key == "trading-state")
        assert alert.text == locked.words
        with pytest.raises(LockedOutError):
            await core.commands.resume()

"""A day that was called done stays done."""

from __future__ import annotations

import pytest

from cockpit.app.lockout import FILE, LockedOutError, Lockout, LockoutNotKeptError, locked_until
from cockpit.domain.limits import TradingState
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.trading.state import TradingSwitch

NOON = 1_514_912_400 * SECOND  # 2018-01-02 12:00 New York
HOUR = 3600 * SECOND


class Room:
    """A switch and a lock on a clock of their own."""

    def __init__(self, folder, now_ns: int = NOON, account: str = "A") -> None:
        self.clock = VirtualClock(now_ns)
        self.switch = TradingSwitch(Bus(), self.clock)
        self.lockout = Lockout(folder, account, self.clock, self.switch)


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


def test_a_damaged_file_locks_nobody_out(tmp_path):
    (tmp_path / FILE).write_text("{oops", encoding="utf-8")
    assert locked_until(tmp_path, "A") == 0

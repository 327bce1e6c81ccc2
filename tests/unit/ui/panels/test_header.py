from __future__ import annotations

import pytest

from cockpit.domain.limits import TradingState
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.trading.state import TradingSwitch
from cockpit.ui.panels.header import state_words


@pytest.fixture
def switch() -> TradingSwitch:
    return TradingSwitch(Bus(), VirtualClock(0))


@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
def test_a_stricter_state_says_why(switch, state):
    switch.tighten(state, "Daily loss limit")
    assert state_words(switch, 2) == "Daily loss limit"


async def test_after_a_resume_the_header_says_what_waits_again(switch):
    switch.tighten(TradingState.HALTED, "Kill switch held")
    await switch.resume("Resumed by you")
    assert state_words(switch, 2) == "2 proposals wait for you"
    assert state_words(switch, 1) == "1 proposal waits for you"
    assert state_words(switch, 0) == "Nothing waits for you"


def test_a_stricter_state_without_a_reason_still_says_what_waits(switch):
    switch.tighten(TradingState.REDUCING, "")
    assert state_words(switch, 1) == "1 proposal waits for you"


def test_on_a_small_screen_it_says_the_same_in_fewer_words(switch):
    assert state_words(switch, 1, brief=True) == "1 to decide"
    assert state_words(switch, 0, brief=True) == "Nothing waits"
    switch.tighten(TradingState.HALTED, "Kill switch held")
    assert state_words(switch, 1, brief=True) == "Kill switch held"

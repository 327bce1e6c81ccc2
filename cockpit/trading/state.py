"""Whether trading is active, reducing or halted, and why."""

from __future__ import annotations

from cockpit.domain.events import TradingStateChanged
from cockpit.domain.limits import TradingState
from cockpit.kernel.bus import Bus
from cockpit.ports.clock import Clock


class TradingSwitch:
    """The latch that the gate reads. Only a person loosens it."""

    _ORDER = (TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED)

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self.state = TradingState.ACTIVE
        self.reason = ""

    def tighten(self, state: TradingState, reason: str) -> bool:
        """Go to `state` if it is stricter than now; software may only do this."""
        if self._ORDER.index(state) <= self._ORDER.index(self.state):
            return False
        self._move(state, reason)
        return True

    def resume(self, reason: str) -> bool:
        """Go back to ACTIVE on a person's word."""
        if self.state is TradingState.ACTIVE:
            return False
        self._move(TradingState.ACTIVE, reason)
        return True

    def _move(self, state: TradingState, reason: str) -> None:
        previous, self.state, self.reason = self.state, state, reason
        now = self._clock.now_ns()
        self._bus.publish(
            TradingStateChanged(
                state=state, previous=previous, reason=reason, ts_event=now, ts_init=now
            )
        )

"""Whether trading is active, reducing or halted, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from cockpit.domain.events import TradingStateChanged
from cockpit.domain.limits import TradingState
from cockpit.kernel.bus import Bus
from cockpit.ports.clock import Clock
from cockpit.trading.state_log import StateLog


class TradingSwitch:
    """The latch that the gate reads. Only a person loosens it.

    `log` keeps each change in the ledger; without one nothing outlives the switch.
    """

    _ORDER = (TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED)

    def __init__(self, bus: Bus, clock: Clock, log: StateLog | None = None) -> None:
        self._bus = bus
        self._clock = clock
        self._log = log
        self._on_latch: list[Callable[[TradingState], None]] = []
        self._resuming: TradingStateChanged | None = None
        self.state = TradingState.ACTIVE
        self.reason = ""

    @property
    def in_ledger(self) -> bool:
        """True when the ledger has the state as it stands."""
        return self._log is not None and self._log.all_kept

    def on_latch(self, act: Callable[[TradingState], None]) -> None:
        """Call `act` in the instant of each stricter state, before the ledger or the bus."""
        self._on_latch.append(act)

    def tighten(self, state: TradingState, reason: str) -> bool:
        """Go to `state` if it is stricter than now; software may only do this.

        It holds when this returns, whatever becomes of the store: ledger and bus follow.
        Who tightens wins over a resume that is being stored: the stricter state stays.
        """
        stricter = self._ORDER.index(state) > self._ORDER.index(self.state)
        if not stricter and self._resuming is None:
            return False
        self._resuming = None
        change = self._change(state if stricter else self.state, reason)
        self._latch(change)
        if self._log is None:
            self._bus.publish(change)
        else:
            self._log.keep(change, self._bus.publish)
        return True

    async def resume(self, reason: str) -> bool:
        """Go back to ACTIVE on a person's word, once the ledger has it.

        False when trading is active, is being resumed already, or was tightened meanwhile.
        Raises StoreError: it stays as it was.
        """
        if self.state is TradingState.ACTIVE or self._resuming is not None:
            return False
        mine = self._resuming = self._change(TradingState.ACTIVE, reason)
        try:
            if self._log is not None:
                await self._log.kept(mine)
            if self._resuming is not mine:
                return False
        except asyncio.CancelledError:
            self._take_back(mine)
            raise
        finally:
            if self._resuming is mine:
                self._resuming = None
        self.state, self.reason = mine.state, mine.reason
        self._bus.publish(mine)
        return True

    def _take_back(self, resumed: TradingStateChanged) -> None:
        """Who resumed has gone, and the ledger may have it all the same: what holds goes behind."""
        if self._resuming is resumed and self._log is not None:
            self._log.keep(self._change(self.state, self.reason), self._bus.publish)

    async def take_over(self) -> bool:
        """Stand as the last session left it; True when that is not ACTIVE. Raises StoreError."""
        left = None if self._log is None else await self._log.last()
        if left is None or left.state is TradingState.ACTIVE:
            return False
        change = self._change(left.state, left.reason)
        self._latch(change)
        self._bus.publish(change)  # the ledger has it
        return True

    async def close(self) -> None:
        """Store what the ledger does not have yet, if it can be stored."""
        if self._log is not None:
            await self._log.close()

    def _change(self, state: TradingState, reason: str) -> TradingStateChanged:
        now = self._clock.now_ns()
        return TradingStateChanged(
            state=state, previous=self.state, reason=reason, ts_event=now, ts_init=now
        )

    def _latch(self, change: TradingStateChanged) -> None:
        self.state, self.reason = change.state, change.reason
        for act in self._on_latch:
            act(change.state)

"""Writes that must not be lost: what the broker told us is tried again until it is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cockpit.domain.limits import TradingState
from cockpit.ports.clock import Clock
from cockpit.ports.store import StoreError
from cockpit.trading.state import TradingSwitch

Incident = Callable[[str, str, str], None]
"""key, title, text: something a person must look at."""


class Durable:
    """Repeats a step while the store refuses; the first refusal halts trading."""

    RETRY_S = 1.0

    def __init__(self, switch: TradingSwitch, clock: Clock, incident: Incident) -> None:
        self._switch = switch
        self._clock = clock
        self._incident = incident

    def halt(self, key: str, title: str, text: str) -> None:
        """Stop trading, because the ledger may not hold what is true; `title` says why."""
        self._switch.tighten(TradingState.HALTED, f"{title}.")
        self._incident(key, title, text)

    async def write(self, step: Callable[[], Awaitable[object]]) -> None:
        """Run `step` until it raises no StoreError; other errors go to the caller.

        `step` must look at the state anew each time: other steps may come between.
        """
        while True:
            try:
                await step()
            except StoreError as error:
                self.halt("store", "The ledger can't be written", error.user_text)
                await self._clock.sleep(self.RETRY_S)
            else:
                return

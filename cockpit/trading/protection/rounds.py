"""One round at a time for each symbol, now or when its time has come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from cockpit.domain.errors import CockpitError
from cockpit.kernel.clock import Timer
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.clock import Clock

_log = structlog.get_logger(__name__)
RETRY_NS = 1_000_000_000


class Rounds:
    """Runs `body(symbol)` as supervised work, again when it was asked for meanwhile."""

    def __init__(
        self, supervisor: Supervisor, clock: Clock, body: Callable[[str], Awaitable[None]]
    ) -> None:
        self._supervisor = supervisor
        self._clock = clock
        self._body = body
        self._due: set[str] = set()
        self._busy: set[str] = set()
        self._timers: dict[str, tuple[int, Timer]] = {}

    def now(self, symbol: str) -> None:
        """Make a round of `symbol` as soon as the one under way has ended."""
        self._due.add(symbol)
        if symbol in self._busy:
            return
        with suppress(SupervisorStoppedError):  # what stays at the venue, the next start sees to
            self._supervisor.work(self._run(symbol), name=f"protect-{symbol}", owner="trading")
            self._busy.add(symbol)

    def at(self, symbol: str, when_ns: int) -> None:
        """Make one when `when_ns` have passed by `elapsed_ns`, unless an earlier one is planned.

        A clock that is set must not keep a position without its stop.
        """
        known = self._timers.get(symbol)
        if known is not None:
            if known[0] <= when_ns:
                return
            known[1].cancel()
        due_ns = self._clock.now_ns() + when_ns - self._clock.elapsed_ns()
        self._timers[symbol] = when_ns, self._clock.call_at(due_ns, lambda: self._rang(symbol))

    def close(self) -> None:
        """Plan no more."""
        for _, timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._due.clear()

    def _rang(self, symbol: str) -> None:
        self._timers.pop(symbol, None)
        self.now(symbol)

    async def _run(self, symbol: str) -> None:
        try:
            while symbol in self._due:
                self._due.discard(symbol)
                await self._once(symbol)
        finally:
            self._busy.discard(symbol)

    async def _once(self, symbol: str) -> None:
        try:
            await self._body(symbol)
        except CockpitError as error:  # the ledger or the broker refused: look again in a moment
            _log.warning("protection_round_failed", symbol=symbol, error=str(error))
            self.at(symbol, self._clock.elapsed_ns() + RETRY_NS)
        except Exception:  # a fault of ours: it is told as a crash, and the stop is tried again
            self.at(symbol, self._clock.elapsed_ns() + RETRY_NS)
            raise

"""Counts a source's requests before they go out, for all processes of one owner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from cockpit.market.router import budget as counting
from cockpit.market.router.budget import LATE_NS, Moment, Purpose, Verdict
from cockpit.ports.clock import Clock
from cockpit.ports.research import ResearchStore, Spent
from cockpit.ports.source import Budget, HeldBackError, Span, ThrottledError

PATIENCE_S = 2.0
"""So long a request waits for its turn; what takes longer is asked of another source."""


class Till:
    """One source's requests: how many at once, how many in all. Raises StoreError."""

    def __init__(
        self, name: str, budget: Budget, store: ResearchStore, clock: Clock, reserve: float
    ) -> None:
        self.name = name
        self.budget = budget
        self._store = store
        self._clock = clock
        self._reserve = reserve
        self._at_once = asyncio.Semaphore(max(1, budget.at_once))

    def meter(self, purpose: Purpose) -> CountedMeter:
        """What one ask is given."""
        return CountedMeter(self, purpose)

    @asynccontextmanager
    async def request(self, purpose: Purpose) -> AsyncGenerator[None]:
        """Count one, wait a little for it if need be. Raises HeldBackError."""
        async with self._at_once:
            stamp = await self._counted(purpose)
            try:
                yield
            finally:
                await self._ended(stamp)

    async def throttled(self, error: ThrottledError) -> None:
        """The vendor has had enough."""
        await self.changed(
            lambda spent, moment: counting.held(
                spent,
                self.budget,
                moment,
                span=error.span,
                retry_after_s=error.retry_after_s,
                why=error.why,
            )
        )

    async def changed(self, change: Callable[[Spent, Moment], Spent]) -> None:
        """Change what counts as spent."""
        await self._store.change(self.name, lambda spent: (change(spent, self.moment()), None))

    def moment(self) -> Moment:
        """Now."""
        return Moment(self._clock.now_ns(), self._clock.elapsed_ns())

    async def _counted(self, purpose: Purpose) -> int:
        waited = 0.0
        while True:
            verdict = await self._store.change(self.name, lambda spent: self._take(spent, purpose))
            if verdict.allowed:
                return verdict.stamp
            if not 0 < verdict.wait_s <= PATIENCE_S - waited:
                raise HeldBackError(self.name, verdict.why, retry_after_s=verdict.wait_s)
            waited += verdict.wait_s
            await self._clock.sleep(verdict.wait_s)

    def _take(self, spent: Spent, purpose: Purpose) -> tuple[Spent, Verdict]:
        """In the store's thread: a wait for the file must not make the time of it an old one."""
        return counting.take(
            spent, self.budget, self.moment(), reserve=self._reserve, purpose=purpose
        )

    async def _ended(self, stamp: int) -> None:
        if self._clock.elapsed_ns() - stamp > LATE_NS:
            await self.changed(lambda spent, moment: counting.moved(spent, stamp, moment))


class CountedMeter:
    """Implements `ports.source.Meter` for one ask."""

    def __init__(self, till: Till, purpose: Purpose) -> None:
        self._till = till
        self._purpose = purpose

    def request(self) -> AbstractAsyncContextManager[None]:
        """Around each request."""
        return self._till.request(self._purpose)

    async def heard(self, span: Span, left: int, *, resets_in_s: float | None = None) -> None:
        """The vendor's own count."""
        budget = self._till.budget
        await self._till.changed(
            lambda spent, moment: counting.heard(
                spent, budget, moment, span=span, left=left, resets_in_s=resets_in_s
            )
        )

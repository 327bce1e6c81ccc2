"""A meter for a feed that asks its own vendor now and then, beside what the router asks."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock
from cockpit.ports.source import Budget, HeldBackError, Meter, Span

_MINUTE_NS = 60 * SECOND


class MinuteMeter:
    """Implements `Meter`: at most `per_minute` requests in any minute, counted in memory."""

    def __init__(self, source: str, per_minute: int, clock: Clock) -> None:
        self._source = source
        self._per_minute = per_minute
        self._clock = clock
        self._times: deque[int] = deque()
        self._held_until_ns = 0

    def request(self) -> AbstractAsyncContextManager[None]:
        """Count one. Raises HeldBackError when there is none left."""
        return self._request()

    async def heard(self, span: Span, left: int, *, resets_in_s: float | None = None) -> None:
        """Ask nothing more of a minute that the vendor says is used up."""
        if span is Span.MINUTE and left <= 0:
            self._held_until_ns = self._clock.elapsed_ns() + round((resets_in_s or 60.0) * SECOND)

    @asynccontextmanager
    async def _request(self) -> AsyncGenerator[None]:
        now = self._clock.elapsed_ns()
        while self._times and self._times[0] <= now - _MINUTE_NS:
            self._times.popleft()
        if now < self._held_until_ns or not len(self._times) < self._per_minute:
            raise HeldBackError(self._source, "its own requests of this minute are used up")
        self._times.append(now)
        yield


class BothMeters:
    """Implements `Meter`: what one of two refuses is not asked."""

    def __init__(self, own: Meter, shared: Meter) -> None:
        self._own, self._shared = own, shared

    def request(self) -> AbstractAsyncContextManager[None]:
        """Count one with both. Raises HeldBackError."""
        return self._request()

    async def heard(self, span: Span, left: int, *, resets_in_s: float | None = None) -> None:
        """Tell both."""
        for meter in (self._own, self._shared):
            await meter.heard(span, left, resets_in_s=resets_in_s)

    @asynccontextmanager
    async def _request(self) -> AsyncGenerator[None]:
        async with self._own.request(), self._shared.request():
            yield


Meters = Callable[[str, Budget], Meter]
"""The meter of a source, by its name and what its plan allows."""


def feed_meter(
    name: str, per_minute: int, budget: Budget, clock: Clock, meters: Meters | None
) -> Meter:
    """A feed's own part of a minute, within what is left of the vendor's plan."""
    own = MinuteMeter(name, per_minute, clock)
    return own if meters is None else BothMeters(own, meters(name, budget))

"""A source's meter that allows a number of requests and keeps what it is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from cockpit.ports.source import HeldBackError, Span


class CountingMeter:
    """Implements `Meter`. `requests` went out, `at_once` at most together; `told` was heard."""

    def __init__(self, most: int = 1_000) -> None:
        self.most = most
        self.requests = 0
        self.at_once = 0
        self.told: list[tuple[Span, int, float | None]] = []
        self._under_way = 0

    def request(self) -> AbstractAsyncContextManager[None]:
        """Count one; raises HeldBackError once `most` have gone out."""
        return self._request()

    async def heard(self, span: Span, left: int, *, resets_in_s: float | None = None) -> None:
        """Keep it."""
        self.told.append((span, left, resets_in_s))

    @asynccontextmanager
    async def _request(self) -> AsyncGenerator[None]:
        if not self.requests < self.most:
            raise HeldBackError("meter", f"{self.most} requests were allowed")
        self.requests += 1
        self._under_way += 1
        self.at_once = max(self.at_once, self._under_way)
        try:
            yield
        finally:
            self._under_way -= 1

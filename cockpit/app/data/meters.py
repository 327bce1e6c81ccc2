"""What live feeds ask by REST, counted with what their vendor's source is asked: it is one plan."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from cockpit.adapters.research.store import SqliteResearch, open_research
from cockpit.app.data.research import SECTION, DataSettings
from cockpit.domain.errors import CockpitError
from cockpit.kernel import settings
from cockpit.kernel.clock import WallClock
from cockpit.market.router.budget import Purpose
from cockpit.market.router.meter import Till
from cockpit.ports.clock import Clock
from cockpit.ports.source import Budget, HeldBackError, Meter, Span
from cockpit.ports.store import StoreError

_MB = 1_000_000


class SharedMeters:
    """Meters on the counts of a data folder, whose file is opened at the first request."""

    def __init__(self, data_dir: Path, toml: Mapping[str, Any], clock: Clock) -> None:
        self._data_dir = data_dir
        self._toml = toml
        self._clock = clock
        self._store: SqliteResearch | None = None

    def of(self, source: str, budget: Budget) -> Meter:
        """The meter of the feed that has the plan of `source`."""
        return _Shared(self, source, budget)

    async def till(self, source: str, budget: Budget) -> Till:
        """The source's till. Raises StoreError, and SettingsError for those of `[data]`."""
        if self._store is None:
            chosen = settings.load(DataSettings, section=SECTION, toml=self._toml)
            self._store = await open_research(self._data_dir, most_bytes=chosen.cache_mb * _MB)
        return Till(source, budget, self._store, self._clock, 0.0)

    async def close(self) -> None:
        """Let go of the file."""
        store, self._store = self._store, None
        if store is not None:
            await store.close()


def meters_of(data_dir: Path, toml: Mapping[str, Any]) -> SharedMeters:
    """Those of a session."""
    return SharedMeters(data_dir, toml, WallClock())


class _Shared:
    """Implements `Meter`. A request that can't be counted is not made."""

    def __init__(self, meters: SharedMeters, source: str, budget: Budget) -> None:
        self._meters, self._source, self._budget = meters, source, budget

    def request(self) -> AbstractAsyncContextManager[None]:
        """Around each request. Raises HeldBackError."""
        return self._request()

    async def heard(self, span: Span, left: int, *, resets_in_s: float | None = None) -> None:
        """The vendor's own count."""
        with self._held_back():
            meter = (await self._meters.till(self._source, self._budget)).meter(Purpose.SCREEN)
            await meter.heard(span, left, resets_in_s=resets_in_s)

    @asynccontextmanager
    async def _request(self) -> AsyncGenerator[None]:
        with self._held_back():
            till = await self._meters.till(self._source, self._budget)
            async with till.request(Purpose.SCREEN):
                yield

    @contextmanager
    def _held_back(self) -> Generator[None]:
        """A full disk must not end a feed that only wanted to know what it missed."""
        try:
            yield
        except StoreError as error:
            raise HeldBackError(self._source, _words(error)) from error


def _words(error: CockpitError) -> str:
    return f"its requests can't be counted: {error.user_text}"

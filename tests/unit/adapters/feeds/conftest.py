from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from cockpit.domain.connection import Connection, Health
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.feed import RawBar, RawRow


class Recorder:
    """A sink that writes down what came, and when by which clock."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.rows: list[RawRow] = []
        self.bars: list[RawBar] = []
        self.batches: list[tuple[int, int]] = []  # session time and number of rows
        self.quarantined: list[tuple[str, str]] = []
        self.lamps: list[Connection] = []
        self.react: Callable[[RawRow], None] = lambda _: None

    @property
    def healths(self) -> list[Health]:
        return [lamp.health for lamp in self.lamps]

    def on_rows(self, rows: Sequence[RawRow]) -> None:
        self.batches.append((self.clock.now_ns(), len(rows)))
        for row in rows:
            self.rows.append(row)
            self.react(row)

    def on_bars(self, bars: Sequence[RawBar]) -> None:
        self.bars += bars

    def on_quarantined(self, reason: str, detail: str) -> None:
        self.quarantined.append((reason, detail))

    def on_connection(self, connection: Connection) -> None:
        self.lamps.append(connection)


class RealTime:
    """The machine's time, moved by naps alone."""

    def __init__(self) -> None:
        self.now = 100.0
        self.naps = 0

    def monotonic(self) -> float:
        return self.now

    async def nap(self, seconds: float) -> None:
        self.now += seconds
        self.naps += 1
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(0)


@pytest.fixture
def recorder(clock: VirtualClock) -> Recorder:
    return Recorder(clock)


@pytest.fixture
def real_time() -> RealTime:
    return RealTime()

"""The program's own session on real time, without a screen: for measurements.

The clock runs as the wall does, but stands on a trading day, so that the market is open
whenever this is run. Quotes are put in by hand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cockpit.adapters.storage import open_store
from cockpit.app import lifecycle, registry
from cockpit.app.compose import Assembly
from cockpit.app.launch import Launch
from cockpit.domain.account import Mode
from cockpit.domain.connection import Connection, Health
from cockpit.domain.instrument import Instrument
from cockpit.kernel.clock import SECOND, WallClock
from cockpit.kernel.settings import SettingsModel
from cockpit.ports.feed import FeedSink, RawQuote
from cockpit.ports.plugin import Plugin
from cockpit.ports.store import Store
from tests.support.waiting import eventually

TEN_O_CLOCK = 1_514_905_200 * SECOND  # 2018-01-02 10:00 New York
OPEN_DOORS: Mapping[str, Any] = {
    "max_active_orders": 10_000,
    "max_orders_per_day": 1_000_000,
    "max_messages_per_second": 1_000_000,
    "max_messages_per_minute": 1_000_000,
    "max_position_fraction": 10,
    "max_gross_fraction": 10,
    "duplicate_window_s": 0.000001,
    "max_quote_age_s": 3600,
}
"""Limits that deny nothing a measurement sends; every control is evaluated all the same."""


class ShiftedClock(WallClock):
    """The wall's pace from another beginning."""

    def __init__(self, start_ns: int) -> None:
        self._shift = start_ns - super().now_ns()

    def now_ns(self) -> int:
        return super().now_ns() + self._shift


class HandSettings(SettingsModel):
    """Nothing can be chosen."""


class HandFed:
    """A feed that delivers what it is given."""

    name, label = "hand", "SIMULATED"
    playback = None
    skipped: Mapping[str, int] = {}

    def __init__(self, symbols: tuple[str, ...]) -> None:
        self.instruments = tuple(Instrument(symbol=symbol) for symbol in symbols)
        self.reference_prices: Mapping[str, float] = {}

    async def prepare(self) -> None:
        return

    async def run(self, sink: FeedSink) -> None:
        sink.on_connection(Connection(name=self.name, kind="feed", health=Health.UP))


@asynccontextmanager
async def wall_core(
    folder: Path,
    *,
    symbols: tuple[str, ...] = ("ABC",),
    latency_ms: float = 30.0,
    limits: Mapping[str, Any] = OPEN_DOORS,
    ledger: Callable[[Store], Any] = lambda store: store,
) -> AsyncIterator[Assembly]:
    """A session of the program itself, up to the first quote: 99.99 at 100.01.

    `ledger` may put something else in the place of the store.
    """
    config = folder / "cockpit.toml"
    config.write_text(_toml("limits", limits), encoding="utf-8")
    launch = Launch(
        mode=Mode.PAPER,
        data_dir=folder / "data",
        feed="hand",
        broker_options={
            "latency_ms": latency_ms,
            "jitter_fraction": 0,
            "starting_cash": 10_000_000,
            "max_quote_age_s": 3600,
        },
        strategies=(),
        interactive=False,
        config=config,
    )
    find = registry.find
    plugin = Plugin(name="hand", settings=HandSettings, build=lambda *_, **__: HandFed(symbols))

    def stand_in(kind: str, name: str) -> Plugin:
        return plugin if name == plugin.name else find(kind, name)

    async def opened(path: Path) -> Any:
        return ledger(await open_store(path))

    with (
        patch.object(lifecycle, "open_store", opened),
        patch.object(registry, "find", stand_in),
        patch.object(lifecycle, "WallClock", lambda: ShiftedClock(TEN_O_CLOCK)),
    ):
        session = lifecycle.Session(launch)
        await session.start()
    try:
        assembly = session._assembly
        assert assembly is not None
        await eventually(lambda: len(assembly.core.readiness.lamps) == 2)
        quote(assembly)
        yield assembly
    finally:
        await session.stop()


def _toml(section: str, values: Mapping[str, Any]) -> str:
    return f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


def quote(assembly: Assembly, bid: float = 99.99, ask: float = 100.01, size: float = 1e6) -> None:
    """A fresh quote of every symbol, by the feed's own door."""
    core = assembly.core
    now = core.clock.now_ns()
    core.ingest.on_rows(
        [
            RawQuote(i.symbol, bid=bid, ask=ask, bid_size=size, ask_size=size, ts_event=now)
            for i in core.feed.instruments
        ]
    )

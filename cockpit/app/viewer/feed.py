"""Where a viewer's prices come from: another cockpit, under its label."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from cockpit.app.viewer.wire import Snapshot
from cockpit.domain.instrument import Instrument
from cockpit.ports.feed import FeedSink


class MirrorFeed:
    """What the watched cockpit's feed says of itself."""

    name = "viewer"
    playback = None

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def label(self) -> str:
        """What must stand beside the prices."""
        return self._snapshot.label

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What it delivers."""
        return self._snapshot.instruments

    @property
    def reference_prices(self) -> Mapping[str, float]:
        """Previous close by symbol, as far as told."""
        lines = self._snapshot.lines
        return {line.symbol: line.reference for line in lines if line.reference is not None}

    @property
    def skipped(self) -> Mapping[str, int]:
        """Nothing is left out here."""
        return {}

    async def prepare(self) -> None:
        """Nothing to learn."""

    async def run(self, sink: FeedSink) -> None:
        """Deliver nothing: the mirror does."""
        del sink
        await asyncio.Event().wait()

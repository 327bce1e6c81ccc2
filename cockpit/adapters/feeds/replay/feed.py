"""Plays recorded quotes and trades through the same path as a live feed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from cockpit.adapters.feeds.player import Player
from cockpit.adapters.feeds.replay.rows import merged
from cockpit.adapters.feeds.replay.scan import Scan, scan
from cockpit.adapters.feeds.replay.settings import ReplaySettings
from cockpit.domain.instrument import Instrument
from cockpit.domain.values import session_date
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.feed import FeedError, FeedSink


class ReplayFeed:
    """Implements `ports.feed.Feed` over the files of its settings.

    Whatever needs the first pass makes it when first asked, so call `prepare` (it reads in
    a thread) before anything else. FeedError comes from there.
    """

    name = "replay"

    def __init__(self, settings: ReplaySettings, clock: VirtualClock) -> None:
        self._settings = settings
        self._clock = clock
        self._skipped: Counter[str] = Counter()

    @property
    def label(self) -> str:
        """REPLAY and the New York day, or the first and the last."""
        first = session_date(self.playback.start_ns)
        last = session_date(self.playback.end_ns)
        days = f"{first}" if first == last else f"{first} to {last}"
        return f"REPLAY {days}"

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """A plain US stock for each symbol seen."""
        return tuple(Instrument(symbol=symbol) for symbol in self._scan.symbols if symbol)

    @property
    def reference_prices(self) -> Mapping[str, float]:
        """Empty: a recording doesn't hold the day before."""
        return {}

    @property
    def skipped(self) -> Mapping[str, int]:
        """Quotes of exchanges that don't make the book, as `other_exchange`."""
        return dict(self._skipped)

    @cached_property
    def books(self) -> Mapping[str, str]:
        """The exchange whose quotes make the book, by symbol.

        Raises FeedError when the chosen exchange has no quote at all.
        """
        chosen = self._settings.exchange
        if chosen:
            return self._chosen(chosen)
        best: dict[str, tuple[int, str]] = {}
        for (symbol, exchange), span in sorted(self._scan.quotes.items()):
            if span.rows > best.get(symbol, (0, ""))[0]:
                best[symbol] = (span.rows, exchange)
        return {symbol: exchange for symbol, (_, exchange) in best.items()}

    @cached_property
    def playback(self) -> Player:
        """The transport."""
        first, last = self._bounds()
        return Player(
            self._clock,
            name=self.name,
            start_ns=first,
            end_ns=last,
            speed=self._settings.pace,
        )

    async def prepare(self) -> None:
        """Read the files once, in a thread, and bring the clock to the first row."""
        await asyncio.to_thread(self._learn)
        self.playback.bring_clock_to_start()

    async def run(self, sink: FeedSink) -> None:
        """Play to the end. Raises FeedError when a file fails on the way."""
        await self.prepare()
        rows = merged(self._scan.layouts, self.books, self._settings.quote_lot, self._skipped)
        await self.playback.run(rows, sink, label=self.label)

    @cached_property
    def _scan(self) -> Scan:
        return scan(self._settings.files)

    def _learn(self) -> None:
        """Make everything that reads files known, off the loop."""
        _ = self.instruments, self.playback

    def _bounds(self) -> tuple[int, int]:
        spans = [
            span
            for (symbol, exchange), span in self._scan.quotes.items()
            if self.books.get(symbol) == exchange
        ]
        spans += self._scan.trades.values()
        return min(span.first_ns for span in spans), max(span.last_ns for span in spans)

    def _chosen(self, exchange: str) -> Mapping[str, str]:
        there = {symbol for symbol, its in self._scan.quotes if its == exchange}
        if there:
            return dict.fromkeys(sorted(there), exchange)
        seen = ", ".join(f"{name or 'none'} ({n:,})" for name, n in self._scan.exchanges.items())
        raise FeedError(
            f"no quote of exchange {exchange!r}",
            user_text=f"No quote of exchange {exchange} is in these files; "
            f"they hold {seen or 'no quotes'}. Choose another, or none to take the busiest.",
            code="FEED_EXCHANGE",
        )

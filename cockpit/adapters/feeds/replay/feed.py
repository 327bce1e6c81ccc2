"""Plays a recorded session through the same path as a live feed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property

from cockpit.adapters.feeds.player import Player
from cockpit.adapters.feeds.replay.recordings import CsvRecording, TapeRecording, recording_of
from cockpit.adapters.feeds.replay.settings import ReplaySettings
from cockpit.domain.instrument import Instrument
from cockpit.domain.values import session_date
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.feed import FeedSink
from cockpit.ports.tape import Origin


class ReplayFeed:
    """Implements `ports.feed.Feed` over the files of its settings: CSV, or tapes.

    Whatever needs the first pass makes it when first asked, so call `prepare` (it reads in
    a thread) before anything else. FeedError comes from there.
    """

    name = "replay"

    def __init__(self, settings: ReplaySettings, clock: VirtualClock) -> None:
        self._settings = settings
        self._clock = clock

    @property
    def label(self) -> str:
        """REPLAY and the New York day, or the first and the last."""
        first = session_date(self.playback.start_ns)
        last = session_date(self.playback.end_ns)
        days = f"{first}" if first == last else f"{first} to {last}"
        return f"REPLAY {days}"

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What the recording holds."""
        return self.recording.instruments

    @property
    def reference_prices(self) -> Mapping[str, float]:
        """What the recording knows of the day before: a tape as much as its feed did."""
        return self.recording.references

    @property
    def skipped(self) -> Mapping[str, int]:
        """Quotes of exchanges that don't make the book, as `other_exchange`."""
        return self.recording.skipped

    @property
    def origin(self) -> Origin | None:
        """What a tape was recorded from, so that recording it again gives the same tape."""
        return self.recording.origin

    @property
    def books(self) -> Mapping[str, str]:
        """The exchange whose quotes make the book, by symbol; empty for a tape.

        Raises FeedError when the chosen exchange has no quote at all.
        """
        return self.recording.books if isinstance(self.recording, CsvRecording) else {}

    @cached_property
    def recording(self) -> CsvRecording | TapeRecording:
        """What is played."""
        return recording_of(self._settings)

    @property
    def playback(self) -> Player:
        """The transport."""
        return self._player

    @cached_property
    def _player(self) -> Player:
        first, last = self.recording.bounds()
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
        await self.playback.run(self.recording.rows(), sink, label=self.label)

    def _learn(self) -> None:
        """Make everything that reads files known, off the loop."""
        _ = self.instruments, self.playback

"""Recorded files through the market's own path, as fast as possible and without trading."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from cockpit.adapters.feeds.replay import ReplayFeed, ReplaySettings
from cockpit.adapters.tape.writer import Room, TapeWriter
from cockpit.app.errors import ReportError
from cockpit.app.recording import origin_of
from cockpit.domain.connection import Connection
from cockpit.domain.market import Bar, BarRevised, Quote, TradePrint
from cockpit.domain.values import session_date
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.grid import BarRule
from cockpit.market.indicators import VolumeProfile
from cockpit.market.ingest import Ingest
from cockpit.market.prints import Replaced
from cockpit.market.quality import Quality
from cockpit.market.recorder import Recorder
from cockpit.market.session import Phase, SessionCalendar
from cockpit.ports.feed import FeedSink, RawBar, RawRow

Step = Callable[[int], None]
_NO_LIMIT = 1 << 62


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a session. Times in ns UTC; `seconds` are the machine's, first row to last."""

    label: str
    start_ns: int
    end_ns: int
    rows: int
    quotes: int
    trades: int
    bars: int
    refused: dict[str, int]
    flagged: dict[str, int]
    skipped: dict[str, int]
    seconds: float


class _Room:
    """A market room of its own, with a replay in front."""

    def __init__(self, files: Sequence[Path], exchange: str, rule: BarRule | None = None) -> None:
        self.bus, self.clock = Bus(), VirtualClock(0)
        self.quality, self.calendar = Quality(), SessionCalendar()
        self.bars = BarBook(self.bus, rule=rule, calendar=self.calendar)
        self.ingest = Ingest(self.bus, self.clock, Book(self.clock), self.quality, self.bars)
        self.feed = _feed(files, exchange, self.clock)

    async def play(self, step: Step | None = None) -> None:
        try:
            await self.feed.run(self.ingest if step is None else _Counted(self.ingest, step))
        finally:
            self.ingest.close()


async def play(files: Sequence[Path], exchange: str = "", step: Step | None = None) -> Played:
    """Feed, quality, book, bars, bus; `step` hears of the rows done.

    Raises FeedError for a file that can't be used.
    """
    room = _Room(files, exchange)
    counts = dict.fromkeys((Quote, TradePrint, Bar), 0)

    def count(event: Quote | TradePrint | Bar) -> None:
        counts[type(event)] += 1

    for topic in counts:
        room.bus.subscribe(topic, count)
    await room.feed.prepare()
    await asyncio.to_thread(room.calendar.load, session_date(room.feed.playback.start_ns))
    began = time.perf_counter()
    await room.play(step)
    return Played(
        label=room.feed.label,
        start_ns=room.feed.playback.start_ns,
        end_ns=room.feed.playback.end_ns,
        rows=room.ingest.rows,
        quotes=counts[Quote],
        trades=counts[TradePrint],
        bars=counts[Bar],
        refused=dict(room.quality.counts),
        flagged=dict(room.quality.flagged),
        skipped=dict(room.feed.skipped),
        seconds=time.perf_counter() - began,
    )


async def bars_of(files: Sequence[Path], rule: BarRule, *, whole_day: bool = False) -> list[Bar]:
    """All bars, corrected, by START and symbol; those of the session, or of the whole day.

    Raises FeedError, and MarketError for a year whose sessions nobody knows.
    """
    room, found = _Room(files, "", rule), dict[tuple[int, str], Bar]()

    def revise(event: BarRevised) -> None:
        key = (event.ts_event, event.symbol)
        found.pop(key, None)
        if event.bar is not None:
            found[key] = event.bar

    room.bus.subscribe(Bar, lambda bar: found.update({(bar.ts_event, bar.symbol): bar}))
    room.bus.subscribe(BarRevised, revise)
    await room.play()
    bars = [found[key] for key in sorted(found)]
    if whole_day:
        return bars
    return [bar for bar in bars if room.calendar.phase(bar.ts_event) is Phase.OPEN]


async def profiles_of(files: Sequence[Path], step: float) -> dict[str, VolumeProfile]:
    """Volume by price of each symbol over all prints, corrected.

    Raises FeedError for a file that can't be used, MarketError for a step that is none.
    """
    VolumeProfile(step)
    room, profiles = _Room(files, ""), dict[str, VolumeProfile]()

    def of(symbol: str) -> VolumeProfile:
        return profiles.setdefault(symbol, VolumeProfile(step))

    def put_right(replaced: Replaced) -> None:
        of(replaced.old.symbol).take_out(replaced.old)
        if replaced.new is not None:
            of(replaced.new.symbol).add(replaced.new)

    room.bus.subscribe(TradePrint, lambda trade: of(trade.symbol).add(trade))
    room.ingest.on_replaced = put_right
    await room.play()
    return profiles


async def record(
    files: Sequence[Path], to: Path, exchange: str = "", step: Step = lambda _rows: None
) -> None:
    """Put recorded files on a tape, which may not be there yet; `step` hears of the rows done.

    One that is called off, or whose files turn out to be bad, leaves no tape. Raises FeedError for
    a file that can't be used and ReportError when the tape can't be written.
    """
    feed = _feed(files, exchange, VirtualClock(0))
    await feed.prepare()
    tape = TapeWriter(
        to,
        origin_of(feed),
        Room(_NO_LIMIT, 0),
        patient=True,
        on_failure=lambda _: None,
        call_in_loop=asyncio.get_running_loop().call_soon_threadsafe,
    )
    try:
        await asyncio.to_thread(_open_new, tape)
    except OSError as error:
        raise _unwritten(to, error.strerror or str(error)) from error
    try:
        await feed.run(Recorder(lambda: feed.playback.due_ns, _Nobody(step), tape))
    except BaseException:
        await tape.close({})
        _discard(to)
        raise
    await tape.close(feed.skipped)
    if tape.failed:
        raise _unwritten(to, tape.failed)


def _discard(path: Path) -> None:
    """Half of a tape would look like all of it."""
    path.unlink(missing_ok=True)


def _open_new(tape: TapeWriter) -> None:
    if tape.path.exists():
        raise OSError("it is there already")
    tape.open()


class _Counted:
    """A sink before the real one, which tells how many rows came."""

    def __init__(self, sink: FeedSink, step: Step) -> None:
        self._step = step
        self._take = sink.on_rows
        self.on_bars, self.on_quarantined = sink.on_bars, sink.on_quarantined
        self.on_connection = sink.on_connection

    def on_rows(self, rows: Sequence[RawRow]) -> None:
        """Count a batch, and hand it on."""
        self._take(rows)
        self._step(len(rows))


class _Nobody:
    """A sink for rows that only go onto a tape."""

    def __init__(self, step: Step) -> None:
        self._step = step

    def on_rows(self, rows: Sequence[RawRow]) -> None:
        """They are on the tape."""
        self._step(len(rows))

    def on_bars(self, bars: Sequence[RawBar]) -> None:
        """They are made of the prints."""

    def on_quarantined(self, reason: str, detail: str) -> None:
        """It is on the tape."""

    def on_connection(self, connection: Connection) -> None:
        """No lamp is recorded."""


def _feed(files: Sequence[Path], exchange: str, clock: VirtualClock) -> ReplayFeed:
    return ReplayFeed(ReplaySettings(files=tuple(files), exchange=exchange, speed="max"), clock)


def _unwritten(path: Path, why: str) -> ReportError:
    return ReportError(
        f"tape {path}: {why}",
        user_text=f"The tape can't be written to {path}: {why}. No other file was changed.",
    )

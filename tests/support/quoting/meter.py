"""What a window under load is asked: how old a quote was when judged, and how late a frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from cockpit.app.core import Core
from cockpit.domain.connection import Health
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawRow
from cockpit.ui.bridge import FRAME_MS, Bridge, Frame
from cockpit.ui.panels.watchlist import WatchlistPanel
from tests.support.quoting.trace import Trace

_EACH = 16  # one quote of so many is looked at; which one changes
_BID = 4  # column of the watchlist
_LAG_S = 0.01


@dataclass(frozen=True)
class Taken:
    """One burst as the window saw it. Times in milliseconds, memory in MB.

    `frame_own` is `frame` without what the window's thread waited for a core that others had, as if
    there was one to spare (Linux; elsewhere the same). `risk` is from the moment a quote left its
    venue until the monitor had judged it or a later one of its symbol; `frame` from the moment a
    frame was due until it was painted; `lag` how late the loop woke a sleeper. `older` are prices
    on the screen that a later quote had overtaken.
    """

    quotes: int
    left_out: int
    cpu: float
    risk_p50: float
    risk_p99: float
    frames: int
    frame_p50: float
    frame_p99: float
    frame_own_p99: float
    lag_p99: float
    memory: float
    older: int

    def as_dict(self) -> dict[str, Any]:
        """For a report."""
        return asdict(self)


class Meter:
    """Looks on from three places: behind the sink, after each frame's panels, and in the loop."""

    def __init__(self, trace: Trace | None = None) -> None:
        self._trace = trace
        self._ages: list[int] = []
        self._frames: list[float] = []
        self._own: list[float] = []
        self._lags: list[float] = []
        self._seen: dict[str, int] = {}
        self._older = self._since = self._left_out = 0
        self._due = self._cpu = self._began = 0.0
        self._waited = self._late = self._started = 0.0
        self.quotes = self._before = 0
        self.listening = False
        self.stands = asyncio.Event()

    def look_at(self, core: Core, bridge: Bridge, watchlist: WatchlistPanel) -> None:
        """The window stands."""
        self.core, self._blotter = core, watchlist.blotter
        self.stands.set()
        self._painted = QTimer(bridge, interval=0, singleShot=True)
        self._painted.timeout.connect(self._on_painted)
        bridge.on_frame(self._on_frame)

    def listen(self) -> None:
        """Somebody else's stream has had the time that it needs to sign in."""
        self.listening = True

    def up(self, core: Core) -> bool:
        """Whether quotes could come."""
        return self.listening or any(c.health is Health.UP for c in core.ingest.connections)

    def note(self, rows: Sequence[RawRow]) -> None:
        """These have just been judged."""
        now = time.time_ns()
        self.quotes += len(rows)
        first = -self._since % _EACH
        self._since = (self._since + len(rows)) % _EACH
        if isinstance(rows, Columns):
            self._ages += (now - rows.ts[first::_EACH]).tolist()
        else:
            self._ages += [now - row.ts_event for row in rows[first::_EACH]]

    def begin(self) -> None:
        """A burst begins."""
        self._ages, self._frames, self._own, self._lags = [], [], [], []
        self._older, self._due = 0, 0.0
        self._before, self._left_out = self.quotes, self._all_left_out()
        self._cpu, self._began = time.process_time(), time.perf_counter()
        if self._trace is not None:
            self._trace.begin()

    def end(self) -> Taken:
        """It is over: what was seen of it."""
        took = time.perf_counter() - self._began
        return Taken(
            quotes=self.quotes - self._before,
            left_out=self._all_left_out() - self._left_out,
            cpu=(time.process_time() - self._cpu) / took,
            risk_p50=_part(self._ages, 0.5) / 1e6,
            risk_p99=_part(self._ages, 0.99) / 1e6,
            frames=len(self._frames),
            frame_p50=_part(self._frames, 0.5) * 1e3,
            frame_p99=_part(self._frames, 0.99) * 1e3,
            frame_own_p99=_part(self._own, 0.99) * 1e3,
            lag_p99=_part(self._lags, 0.99) * 1e3,
            memory=memory_mb(),
            older=self._older,
        )

    async def watch_loop(self) -> None:
        """Sleep again and again, and see how late the loop is."""
        clock = time.perf_counter
        while True:
            began = clock()
            await asyncio.sleep(_LAG_S)
            self._lags.append(clock() - began - _LAG_S)

    def wrong_at_the_end(self, last: Mapping[str, float]) -> int:
        """How many rows of the screen do not show the last bid of their symbol."""
        return sum(last.get(key, bid) != bid for key, bid in self._shown())

    def _all_left_out(self) -> int:
        return sum(self.core.feed.skipped.values())

    def _shown(self) -> Iterator[tuple[str, float | None]]:
        table = self._blotter.table
        for at in range(min(len(table), len(self._blotter.visible_rows()))):
            yield table.keys[at], table.live(at).values[_BID]

    def _on_frame(self, _frame: Frame) -> None:
        """After the panels: what they show must be the latest that the book has, never an older."""
        now, waited = time.perf_counter(), waited_s()
        self._begun = self._due or now
        self._late = max(0.0, now - self._begun - (waited - self._waited))
        self._started, self._waited = now, waited
        self._due = now + FRAME_MS / 1e3
        for key, bid in self._shown():
            quote = self.core.book.quote(key)
            if quote is not None:
                self._older += bid != quote.bid or quote.ts_event < self._seen.get(key, 0)
                self._seen[key] = quote.ts_event
        self._painted.start()

    def _on_painted(self) -> None:
        now = time.perf_counter()
        self._frames.append(now - self._begun)
        waited, before = waited_s(), self._waited
        self._own.append(self._late + now - self._started - (waited - before))
        self._waited = waited
        if self._trace is not None:
            self._trace.frame(self._begun, now)


class Noting:
    """A sink before the real one that lets the meter know what has been judged."""

    def __init__(self, sink: Any, meter: Meter) -> None:
        self._sink, self._meter = sink, meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sink, name)

    def on_rows(self, rows: Sequence[RawRow]) -> None:
        """Hand on, then look at the clock."""
        self._sink.on_rows(rows)
        self._meter.note(rows)


def waited_s() -> float:
    """How long this thread has waited for a core so far; 0 where nobody tells (Linux does)."""
    try:
        with Path("/proc/thread-self/schedstat").open(encoding="ascii") as told:
            return int(told.read().split()[1]) / 1e9
    except OSError:
        return 0.0


def memory_mb() -> float:
    """What the process has of the machine's memory; 0 where nobody tells (Linux does)."""
    told = Path("/proc/self/statm")
    return int(told.read_text(encoding="ascii").split()[1]) * 4096 / 1e6 if told.exists() else 0.0


def _part(values: Sequence[float], part: float) -> float:
    """A quantile; the worst of all when nothing was seen."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("inf")

"""The transport of a played session: it alone moves the virtual clock.

Cause and effect stay in order at every speed. For each instant with rows: the clock
goes there (timers on the way fire in turn), the rows are delivered, and everything they
set in motion settles before the clock moves again. So a replay is deterministic.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator

from cockpit.adapters.feeds.chunks import Batch, Chunks, Rows, Source, Unreadable
from cockpit.adapters.feeds.settings import MAX_SPEED, MIN_SPEED
from cockpit.domain.connection import Connection, Health
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.ports.feed import FeedError, FeedSink


class Player:
    """Implements `ports.feed.Playback` over rows in time order.

    `monotonic` (seconds) and `nap` are the machine's own time, replaced in tests. `due_ns` is
    when the batch being delivered should come, also where a sign-in has held it up.
    """

    MIN_SPEED = MIN_SPEED
    MAX_SPEED = MAX_SPEED
    STEP_S = 0.010  # paced: how often what is due is delivered
    BREATH_S = 0.004  # at any speed: how long the loop may be held
    MAX_DEBT_S = 0.25  # a stall longer than this is not caught up: the session just waits

    def __init__(
        self,
        clock: VirtualClock,
        *,
        name: str,
        start_ns: int,
        end_ns: int,
        speed: float | None,
        monotonic: Callable[[], float] = time.monotonic,
        nap: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.on_change: list[Callable[[], None]] = []
        self.due_ns = start_ns
        self._clock = clock
        self._name = name
        self._label = ""
        self._start = start_ns
        self._end = end_ns
        self._speed = _checked(speed)
        self._monotonic = monotonic
        self._nap = nap
        self._sink: FeedSink | None = None
        self._ready = False
        self._paused = False
        self._finished = False
        self._seek_to: int | None = None
        self._go = asyncio.Event()
        self._breath = 0.0
        self._anchor = (start_ns, 0.0)

    @property
    def speed(self) -> float | None:
        """Session seconds a real second; None is as fast as possible."""
        return self._speed

    @property
    def paused(self) -> bool:
        """True while time stands still on request."""
        return self._paused

    @property
    def finished(self) -> bool:
        """True once the last row was delivered and the clock has reached the end."""
        return self._finished

    @property
    def start_ns(self) -> int:
        """Time of the first row."""
        return self._start

    @property
    def end_ns(self) -> int:
        """Time of the last row."""
        return self._end

    @property
    def position_ns(self) -> int:
        """How far it has come: the virtual clock, held between start and end."""
        return min(max(self._clock.now_ns(), self._start), self._end)

    def set_speed(self, speed: float | None) -> None:
        """Change the pace. Raises FeedError outside MIN_SPEED..MAX_SPEED."""
        self._speed = _checked(speed)
        self._changed()

    def pause(self) -> None:
        """Let time stand still; a seek under way still arrives."""
        if not self._paused and not self._finished:
            self._paused = True
            self._say(Health.PAUSED)
            self._changed()

    def resume(self) -> None:
        """Let time go on."""
        if self._paused:
            self._paused = False
            self._say(Health.UP)
            self._changed()

    def seek(self, to_ns: int) -> None:
        """Play up to `to_ns` (at most the end) as fast as possible, then go on as before.

        Raises FeedError for a time behind the position.
        """
        if to_ns < self.position_ns:
            raise FeedError(
                f"seek to {to_ns} behind {self.position_ns}",
                user_text=f"The session stands at {_clock_time(self.position_ns)} and can't go "
                f"back to {_clock_time(to_ns)}: what happened has happened. "
                "Start it again to see it from the beginning.",
                code="FEED_SEEK",
            )
        if not self._finished:
            self._seek_to = min(to_ns, self._end)
            self._changed()

    def bring_clock_to_start(self) -> None:
        """Bring the clock to the session's start, before the first row; once.

        Raises FeedError when it already stands behind it.
        """
        if self._ready:
            return  # a broker may have signed in meanwhile, and that takes time
        if self._clock.now_ns() > self._start:
            raise FeedError(
                f"clock {self._clock.now_ns()} behind start {self._start}",
                user_text="The session can't begin: its time has already passed on this clock.",
                code="FEED_CLOCK",
            )
        self._clock.advance_to(self._start)
        self._ready = True

    async def run(self, rows: Rows | Source, sink: FeedSink, *, label: str) -> None:
        """Deliver all of `rows`, then let the timers up to the end run.

        `label` is what the lamp says must stand beside the data. Raises FeedError when
        the source fails on the way; the rows are closed in any case.
        """
        chunks: Source = Chunks(rows) if isinstance(rows, Generator) else rows
        self._sink = sink
        self._label = label
        try:
            await self._advance(self._start)
            self._reanchor()
            self._say(Health.PAUSED if self._paused else Health.UP)
            while batches := await chunks.next():
                await self._play(batches, sink)
            await self._come_to_end()
        except FeedError as error:
            self._say(Health.DOWN, error.user_text)
            raise
        finally:
            self._sink = None
            chunks.close()

    async def _play(self, batches: list[Batch], sink: FeedSink) -> None:
        clock = self._clock
        for batch in batches:
            ts = batch[0] if isinstance(batch, tuple) else batch.ts_event
            self.due_ns = ts
            if self._monotonic() >= self._breath:
                await self._breathe()
            racing = self._speed is None and not self._paused and self._seek_to is None
            if not (racing or self._racing(ts)):
                await self._wait_for(ts)
            if not clock.advance_to(ts):
                await self._advance(ts)
            if isinstance(batch, Unreadable):
                sink.on_quarantined(batch.reason, batch.detail)
                continue
            if isinstance(batch, tuple):
                sink.on_rows(batch[1])
            else:
                sink.on_bars(batch.bars)
            if clock.busy:
                await clock.settled()

    async def _come_to_end(self) -> None:
        if not self._racing(self._end):
            await self._wait_for(self._end)
        await self._advance(self._end)
        await self._clock.settled()
        self._seek_to = None
        self._finished = True
        self._paused = False
        self._say(Health.ENDED)
        self._changed()

    def _racing(self, ts: int) -> bool:
        """True when nothing but the machine holds back what is due at `ts`."""
        if self._seek_to is not None:
            return ts <= self._seek_to
        return self._speed is None and not self._paused

    async def _wait_for(self, ts: int) -> None:
        """Move the clock at its pace until what is due at `ts` may be delivered."""
        while not self._racing(ts):
            if self._seek_to is not None:
                await self._arrive(self._seek_to)
            elif self._paused:
                self._go.clear()
                await self._go.wait()
            elif (due := self._due_ns()) >= ts:
                return
            else:
                await self._advance(due)
                await self._nap(self.STEP_S)

    async def _arrive(self, target: int) -> None:
        await self._advance(target)
        if self._seek_to == target:  # nobody asked for a later one meanwhile
            self._seek_to = None
            self._changed()

    def _due_ns(self) -> int:
        """The session time that real time has reached; never more than MAX_DEBT_S ahead."""
        speed = self._speed or self.MAX_SPEED
        session, real = self._anchor
        due = session + round((self._monotonic() - real) * speed * SECOND)
        if due - self._clock.now_ns() > self.MAX_DEBT_S * speed * SECOND:
            self._reanchor()
            return self._clock.now_ns()
        return due

    async def _advance(self, ts: int) -> None:
        clock = self._clock
        await clock.settled()
        while not clock.advance_to(ts):
            await clock.settled()

    async def _breathe(self) -> None:
        await asyncio.sleep(0)
        self._breath = self._monotonic() + self.BREATH_S

    def _reanchor(self) -> None:
        self._anchor = (self._clock.now_ns(), self._monotonic())

    def _changed(self) -> None:
        self._reanchor()
        self._go.set()
        for listener in tuple(self.on_change):
            listener()

    def _say(self, health: Health, detail: str = "") -> None:
        if self._sink is not None:
            self._sink.on_connection(
                Connection(
                    name=self._name,
                    kind="feed",
                    health=health,
                    label=self._label,
                    detail=detail,
                    ts_ns=self._clock.now_ns(),
                )
            )


def _checked(speed: float | None) -> float | None:
    if speed is not None and not (MIN_SPEED <= speed <= MAX_SPEED):
        raise FeedError(
            f"speed {speed}",
            user_text=f"A session plays at {MIN_SPEED:g} to {MAX_SPEED:g} times its own speed, "
            f"or as fast as possible; {speed:g} is outside.",
            code="FEED_SPEED",
        )
    return speed


def _clock_time(ts_ns: int) -> str:
    return f"{utc(ts_ns).astimezone(NEW_YORK):%H:%M:%S} New York time"

"""A simulated market, the same for the same seed, labelled SIMULATED wherever it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np

from cockpit.adapters.feeds.player import Player
from cockpit.adapters.feeds.synthetic.companies import COMPANIES, Company
from cockpit.adapters.feeds.synthetic.plan import Plan, make_plan
from cockpit.adapters.feeds.synthetic.settings import SyntheticSettings
from cockpit.adapters.feeds.synthetic.shape import SESSION_S
from cockpit.adapters.feeds.synthetic.tape import tape
from cockpit.domain.instrument import Instrument
from cockpit.domain.values import NEW_YORK, session_date, to_ns
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.ports.feed import FeedError, FeedSink

OPENS = time(9, 30)
_SHARES_A_DAY = 1_300_000  # of a company with activity 1


class SyntheticFeed:
    """Implements `ports.feed.Feed` over an invented session, 09:30 to 16:00 New York.

    On a clock that stands in the middle of the session it goes on from there: what was quoted
    before is over and is not told again.
    """

    name = "synthetic"
    label = "SIMULATED"

    def __init__(self, settings: SyntheticSettings, clock: VirtualClock) -> None:
        self._settings = settings
        self._clock = clock
        self.day = settings.day or _next_day(clock.now_ns())
        self._open_ns = _open_ns(self.day)
        self._close_ns = self._open_ns + SESSION_S * SECOND
        self._begin_ns = max(self._open_ns, min(clock.now_ns(), self._close_ns))

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """The invented companies."""
        return tuple(_instrument(company) for company in COMPANIES)

    @property
    def reference_prices(self) -> Mapping[str, float]:
        """The invented close of the day before, by symbol."""
        closes = self._plan.previous_close.tolist()
        return {c.symbol: close for c, close in zip(COMPANIES, closes, strict=True)}

    @property
    def skipped(self) -> Mapping[str, int]:
        """Empty: nothing is left out."""
        return {}

    @cached_property
    def playback(self) -> Player:
        """The transport."""
        return Player(
            self._clock,
            name=self.name,
            start_ns=self._begin_ns,
            end_ns=self._close_ns,
            speed=self._settings.pace,
        )

    async def prepare(self) -> None:
        """Draw the day in a thread and bring the clock to its beginning."""
        self._start_ns()  # a start outside the session is refused before it begins
        await asyncio.to_thread(lambda: self._plan)
        self.playback.bring_clock_to_start()

    async def run(self, sink: FeedSink) -> None:
        """Play to the close; up to the chosen start as fast as possible."""
        await self.prepare()
        start = self._start_ns()
        if start > self.playback.position_ns:
            self.playback.seek(start)
        rows = tape(self._plan, self._rng(stream=1), self._open_ns, self._begin_ns)
        await self.playback.run(rows, sink, label=self.label)

    @cached_property
    def _plan(self) -> Plan:
        return make_plan(COMPANIES, self._rng(stream=0))

    def _rng(self, *, stream: int) -> np.random.Generator:
        seeds = (self._settings.seed, self.day.toordinal(), stream)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seeds)))

    def _start_ns(self) -> int:
        start = self._settings.start
        if start is None:
            return self._begin_ns
        at = to_ns(datetime.combine(self.day, start, NEW_YORK))
        if not self._open_ns <= at <= self._close_ns:
            raise FeedError(
                f"start {start} outside the session",
                user_text=f"The simulated session runs from 09:30 to 16:00 New York time; "
                f"{start:%H:%M} is outside. Choose another start.",
                code="FEED_START",
            )
        return at


def _open_ns(day: date) -> int:
    return to_ns(datetime.combine(day, OPENS, NEW_YORK))


def _next_day(now_ns: int) -> date:
    """The first New York day whose session has not begun."""
    day = session_date(now_ns)
    return day if now_ns <= _open_ns(day) else day + timedelta(days=1)


def _instrument(company: Company) -> Instrument:
    return Instrument(
        symbol=company.symbol,
        name=company.name,
        average_daily_volume=Decimal(round(company.activity * _SHARES_A_DAY)),
    )

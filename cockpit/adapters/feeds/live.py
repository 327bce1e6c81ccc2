"""A live feed: a stream for what happens, REST for what was before, and somebody who doubts it.

What is the same for all vendors. A vendor's own feed says how its stream is made, whom else to
ask, and what its refusals mean.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from cockpit.adapters.feeds.inbox import Inbox
from cockpit.adapters.feeds.lamp import Lamp
from cockpit.adapters.feeds.market_stream import Listeners
from cockpit.adapters.feeds.mute import MuteWatch
from cockpit.adapters.streams import StreamState
from cockpit.domain.connection import Health
from cockpit.domain.instrument import Instrument
from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock
from cockpit.ports.columns import newest_ns
from cockpit.ports.feed import FeedError, FeedSink, RawRow
from cockpit.ports.health import Check, CheckState

States = asyncio.Queue[tuple[StreamState, str]]
_CLOSE_WITHIN_S = 1.5
_LATE_S = 60.0


class Stream(Protocol):
    """What a feed needs of its stream; all may be called from any thread."""

    def start(self) -> None: ...  # noqa: D102 -- as of MarketStream
    def stop(self) -> None: ...  # noqa: D102 -- as of MarketStream
    def doubt(self, why: str) -> None: ...  # noqa: D102 -- as of MarketStream
    def watch(self, symbols: Sequence[str]) -> None: ...  # noqa: D102 -- as of MarketStream


class LiveFeed(ABC):
    """The half of `Feed`, `Watching`, `Gathering` and `Checked` that is the same for all vendors.

    `delay_s` is how far behind the market the plan's prices are: they are told with a label, and
    never shown as live. `quotes` says whether it has bids and asks at all.
    """

    name = ""
    quotes = True
    playback = None

    def __init__(
        self, symbols: Sequence[str], *, clock: Clock, plan: str, delay_s: int, mute_s: float
    ) -> None:
        self._clock = clock
        self._delay_s = delay_s
        self._mute_s = mute_s
        self._symbols = dict.fromkeys(symbols)
        self._lamp = Lamp(self.name, self.label or plan, clock)
        self._closes: dict[str, float] = {}
        self._inbox: Inbox | None = None
        self._stream: Stream | None = None
        self._watch: MuteWatch | None = None
        self._came_late_s: float | None = None

    @property
    def label(self) -> str:
        """Empty, for the data is live; a delayed plan says so."""
        return f"DELAYED {self._delay_s // 60} MIN" if self._delay_s else ""

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """A plain US stock for each symbol that is asked for."""
        return tuple(Instrument(symbol=symbol) for symbol in self._symbols)

    @property
    def reference_prices(self) -> Mapping[str, float]:
        """Yesterday's closes; without those that could not be learnt."""
        return self._closes

    @property
    def skipped(self) -> Mapping[str, int]:
        """Quotes that were left out because a later one of their symbol waited, as `conflated`."""
        conflated = 0 if self._inbox is None else self._inbox.conflated
        return {"conflated": conflated} if conflated else {}

    async def run(self, sink: FeedSink) -> None:
        """Deliver until cancelled. Raises FeedError for what only a person can mend."""
        await self.prepare()
        states: States = asyncio.Queue()
        loop = asyncio.get_running_loop()
        inbox = self._inbox = Inbox(loop, lambda rows: self._deliver(sink, rows))
        stream = self._stream = await self._new_stream(self._listeners(sink, inbox, states))
        self._lamp.sink = sink
        self._lamp.show(Health.CONNECTING)
        stream.start()
        watch = self._watch = MuteWatch(
            self._clock,
            self._mute_s,
            ask=self._latest_of_served,
            take=lambda rows: self._deliver(sink, self._believed(rows)),
            doubt=stream.doubt,
        )
        both = {
            asyncio.ensure_future(self._tend(watch, states)),
            asyncio.ensure_future(watch.run()),  # without it a mute stream would look healthy
        }
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
        finally:
            self._stream = self._watch = None
            for task in both:
                task.cancel()
            stream.stop()
            await self._hang_up()
            await _closed(states)
            self._lamp.end()

    def watch(self, symbols: Sequence[str]) -> None:
        """Ask for these, too."""
        self._symbols.update(dict.fromkeys(symbols))
        if self._stream is not None:
            self._stream.watch(symbols)

    def catch_up(self) -> None:
        """As of `Gathering`."""
        if self._inbox is not None and self._watch is not None:
            self._inbox.catch_up()

    async def checks(self) -> Sequence[Check]:
        """How the stream is, what it covers, and how old its prices are when they come."""
        late_s = self._came_late_s
        return (*self._lamp.checks(), *(() if late_s is None else (self._lateness(late_s),)))

    # what a vendor has of its own

    @abstractmethod
    async def prepare(self) -> None:
        """As of `Feed`: find the key, learn yesterday's closes; a second call does nothing."""

    @abstractmethod
    async def _new_stream(self, listeners: Listeners) -> Stream:
        """The stream, not started. Raises FeedError."""

    @abstractmethod
    async def _latest(self, symbols: Sequence[str]) -> Sequence[RawRow]:
        """What REST knows to be the latest of each; none where it can't be asked."""

    @abstractmethod
    def _refused(self, state: StreamState, why: str) -> FeedError:
        """What a person must do about an end of the stream that is final."""

    @abstractmethod
    async def _hang_up(self) -> None:
        """Close what was opened beside the stream."""

    def _read(self, rows: Sequence[RawRow]) -> Sequence[RawRow]:
        """What is delivered of what came."""
        return rows

    def _came_up(self) -> None:
        """The stream listens (again)."""
        return

    def _believed(self, rows: list[RawRow]) -> list[RawRow]:
        """Which of what REST knew later is delivered; all of it, where it is of the same kind."""
        return rows

    # the stream

    def _listeners(self, sink: FeedSink, inbox: Inbox, states: States) -> Listeners:
        return Listeners(
            rows=inbox.put,
            state=lambda state, why: inbox.call(lambda: states.put_nowait((state, why))),
            unreadable=lambda what: inbox.call(lambda: sink.on_quarantined("unreadable", what)),
            refused=lambda symbols: inbox.call(lambda: self._lamp.refuse(symbols)),
            remark=lambda text: inbox.call(lambda: self._lamp.remark(text)),
        )

    def _deliver(self, sink: FeedSink, rows: Sequence[RawRow]) -> None:
        if self._watch is not None and rows:  # else it has ended: nothing is told any more
            self._watch.note(rows)
            self._came_late_s = (self._clock.now_ns() - newest_ns(rows)) / SECOND
            sink.on_rows(self._read(rows))

    async def _tend(self, watch: MuteWatch, states: States) -> None:
        """Show how the stream is, until something ends it for good."""
        while True:
            state, why = await states.get()
            self._lamp.show_state(state, why)
            if state.final:
                raise self._refused(state, why)
            if state is StreamState.UP:
                watch.came_up()
                self._came_up()
            else:
                watch.went_down()

    async def _latest_of_served(self) -> Sequence[RawRow]:
        served = tuple(symbol for symbol in self._symbols if symbol not in self._lamp.refused)
        return await self._latest(served) if served else ()

    def _lateness(self, late_s: float) -> Check:
        found = f"The last price was {late_s:,.1f} s old when it came."
        in_time = late_s <= self._delay_s + _LATE_S
        state = CheckState.OK if in_time else CheckState.WARNING
        if self._delay_s:
            found = f"The plan delays prices by {self._delay_s // 60} minutes. {found}"
        return Check(
            name="market data delay",
            state=state,
            found=found,
            next_step=""
            if in_time
            else "Old prices are not traded on; look at the data plan of the key.",
        )


async def _closed(states: States) -> None:
    """Wait for the stream's thread to end, but not long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_WITHIN_S):
            while (await states.get())[0] is not StreamState.CLOSED:
                pass

"""Alpaca's market data under the feed port: a stream for what happens, REST for what was missed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

import structlog

from cockpit.adapters.brokers.alpaca.faults import (
    FAILURES,
    HeldBackError,
    VenueRefusalError,
)
from cockpit.adapters.brokers.alpaca.keys import Keys
from cockpit.adapters.brokers.alpaca.lines import Lines
from cockpit.adapters.brokers.alpaca.settings import AlpacaSettings
from cockpit.adapters.feeds.alpaca.halts import Halts
from cockpit.adapters.feeds.alpaca.history import History, previous_closes
from cockpit.adapters.feeds.alpaca.settings import AlpacaFeedSettings
from cockpit.adapters.feeds.alpaca.stream import HEADERS, AlpacaDialect
from cockpit.adapters.feeds.alpaca.wire import Control, Message
from cockpit.adapters.feeds.inbox import Inbox
from cockpit.adapters.feeds.lamp import Lamp
from cockpit.adapters.feeds.market_stream import Listeners, MarketStream, StreamSettings
from cockpit.adapters.feeds.mute import MuteWatch
from cockpit.adapters.streams import StreamState
from cockpit.domain.account import Mode
from cockpit.domain.connection import Health
from cockpit.domain.instrument import Instrument
from cockpit.domain.values import session_date
from cockpit.ports.clock import Clock
from cockpit.ports.feed import FeedError, FeedSink, RawBar, RawQuote, RawRow
from cockpit.ports.health import Check

_log = structlog.get_logger(__name__)
T = TypeVar("T")
KeySource = Callable[[], Awaitable[Keys]]
States = asyncio.Queue[tuple[StreamState, str]]
Stream = MarketStream[Message, Control]
_CLOSE_WITHIN_S = 1.5
_LABELS = {"delayed_sip": "DELAYED 15 MIN"}


class AlpacaFeed:
    """Implements `Feed`, `Watching`, `Historical` and `Checked`.

    `shared` are the settings of the broker of the same vendor: addresses, data plan, patience.
    """

    name = "alpaca"
    playback = None

    def __init__(
        self,
        settings: AlpacaFeedSettings,
        shared: AlpacaSettings,
        *,
        clock: Clock,
        keys: KeySource,
        mode: Mode,
    ) -> None:
        self._settings = settings
        self._shared = shared
        self._clock = clock
        self._find_keys = keys
        self._mode = mode
        self._keys: Keys | None = None
        self._lines: Lines | None = None
        self._inbox: Inbox | None = None
        self._stream: Stream | None = None
        self._lamp = Lamp(self.name, shared.feed.upper().replace("_", " "), clock)
        self._symbols = dict.fromkeys(settings.symbols)
        self._closes: dict[str, float] = {}
        self._watch: MuteWatch | None = None
        self._halts = Halts(clock)

    @property
    def label(self) -> str:
        """Empty, for the data is live; a delayed plan says so."""
        return _LABELS.get(self._shared.feed, "")

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

    async def prepare(self) -> None:
        """Find the keys, learn yesterday's closes. Raises FeedError when the keys are refused."""
        if self._keys is not None:
            return
        self._keys = await self._find_keys()
        try:
            shots = await self._history().snapshots(tuple(self._symbols))
            today = session_date(self._clock.now_ns()).isoformat()
            self._closes = previous_closes(shots, today)
        except VenueRefusalError as error:
            if error.status in (401, 403):
                raise refused_keys(error.message) from error
            _log.warning("closes_not_learnt", error=str(error))
        except FAILURES as error:  # prices come by the stream; the change shows a little later
            _log.warning("closes_not_learnt", error=str(error))
        finally:
            self._hang_up()  # a start may still fail, and nobody closes a feed that never ran

    async def run(self, sink: FeedSink) -> None:
        """Deliver until cancelled. Raises FeedError for what only a person can mend."""
        await self.prepare()
        keys = self._keys
        if keys is None:
            raise refused_keys("there are none")
        states: States = asyncio.Queue()
        loop = asyncio.get_running_loop()
        inbox = self._inbox = Inbox(loop, lambda rows: self._deliver(sink, rows))
        stream = self._stream = self._new_stream(sink, inbox, keys, states)
        self._lamp.sink = sink
        self._lamp.show(Health.CONNECTING)
        stream.start()
        watch = self._watch = self._new_watch(sink, stream)
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
            self._hang_up()
            await _closed(states)
            self._lamp.end()

    def watch(self, symbols: Sequence[str]) -> None:
        """Ask for these, too."""
        self._symbols.update(dict.fromkeys(symbols))
        if self._stream is not None:
            self._stream.watch(symbols)

    async def bars(
        self, symbols: Sequence[str], start_ns: int, end_ns: int, interval_s: int
    ) -> Sequence[RawBar]:
        """Bars by REST. Raises FeedError."""
        await self.prepare()
        return await self._asked(
            "bars", self._history().bars(symbols, start_ns, end_ns, interval_s)
        )

    async def checks(self) -> Sequence[Check]:
        """How the stream is, and whether the data plan covers what is wanted."""
        return self._lamp.checks()

    # the stream

    def _new_stream(self, sink: FeedSink, inbox: Inbox, keys: Keys, states: States) -> Stream:
        own = self._shared
        return MarketStream(
            "alpaca-market",
            AlpacaDialect(keys),
            StreamSettings(
                url=f"{own.data_stream_url}/v2/{own.feed}",
                headers=HEADERS,
                connect_timeout_s=own.connect_timeout_s,
                quiet_s=own.quiet_s,
                reconnect_max_s=own.reconnect_max_s,
                ca_file=own.ca_file,
            ),
            tuple(self._symbols),
            Listeners(
                rows=inbox.put,
                state=lambda state, why: inbox.call(lambda: states.put_nowait((state, why))),
                unreadable=lambda what: inbox.call(lambda: sink.on_quarantined("unreadable", what)),
                refused=lambda symbols: inbox.call(lambda: self._lamp.refuse(symbols)),
            ),
        )

    def _new_watch(self, sink: FeedSink, stream: Stream) -> MuteWatch:
        return MuteWatch(
            self._clock,
            self._settings.mute_s,
            ask=self._latest_quotes,
            take=lambda rows: self._deliver(sink, rows),
            doubt=stream.doubt,
        )

    def _deliver(self, sink: FeedSink, rows: list[RawRow]) -> None:
        if self._watch is not None:  # else it has ended: what was on its way is not told any more
            self._watch.note(rows)
            sink.on_rows(self._halts.read(rows))

    async def _tend(self, watch: MuteWatch, states: States) -> None:
        """Show how the stream is, until something ends it for good."""
        while True:
            state, why = await states.get()
            self._lamp.show_state(state, why)
            if state.final:
                raise refused_keys(why) if state is StreamState.AUTH_FAILED else _no_plan(why)
            if state is StreamState.UP:
                watch.came_up()
                self._halts.came_up()
            else:
                watch.went_down()

    async def _latest_quotes(self) -> Sequence[RawQuote]:
        served = tuple(symbol for symbol in self._symbols if symbol not in self._lamp.refused)
        try:
            return await self._history().latest_quotes(served) if served else ()
        except FAILURES as error:
            _log.warning("latest_quotes_not_learnt", error=str(error))
            return ()

    # asking

    def _history(self) -> History:
        """The REST side; a session that has ended has none."""
        if self._keys is None:
            raise HeldBackError("the feed has not signed in")
        if self._lines is None:
            own = self._shared.model_copy(
                update={"requests_per_minute": self._settings.requests_per_minute}
            )
            self._lines = Lines(own, self._keys, self._mode, self._clock)
        return History(self._lines, self._shared.feed, self._settings.quote_lot)

    def _hang_up(self) -> None:
        if self._lines is not None:
            self._lines.close()
            self._lines = None

    async def _asked(self, what: str, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except FAILURES as error:
            raise FeedError(
                f"{what}: {error}",
                user_text=f"Alpaca could not be asked for {what}: {error}. What is shown stays as "
                "it is; it is asked again when it is needed.",
                code="FEED_NO_ANSWER",
            ) from error


async def _closed(states: States) -> None:
    """Wait for the stream's thread to end, but not long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_WITHIN_S):
            while (await states.get())[0] is not StreamState.CLOSED:
                pass


def refused_keys(why: str) -> FeedError:
    """What a person must do when the keys are not accepted."""
    return FeedError(
        f"sign-in refused: {why}",
        user_text=f"Alpaca does not accept the keys for market data: {why}. Prices are not "
        "updated; nothing else was changed. Store new keys and start again.",
        code="AUTH_FAILED",
    )


def _no_plan(why: str) -> FeedError:
    return FeedError(
        f"data plan: {why}",
        user_text=f"The data plan at Alpaca does not cover this feed: {why}. Prices are not "
        'updated. Set brokers.alpaca.feed to one that it has, usually "iex", and start again.',
        code="FEED_DATA_PLAN",
    )

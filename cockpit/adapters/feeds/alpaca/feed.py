"""Alpaca's market data under the feed port: a stream for what happens, REST for what was missed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
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
from cockpit.adapters.feeds.alpaca.history import History, previous_closes
from cockpit.adapters.feeds.alpaca.settings import AlpacaFeedSettings
from cockpit.adapters.feeds.alpaca.stream import HEADERS, AlpacaDialect
from cockpit.adapters.feeds.alpaca.wire import Control, Message
from cockpit.adapters.feeds.apart import StreamApart
from cockpit.adapters.feeds.crossing import NEVER_WAITS
from cockpit.adapters.feeds.halts import Halts
from cockpit.adapters.feeds.live import LiveFeed, Stream
from cockpit.adapters.feeds.market_stream import Listeners, MarketStream, StreamSettings
from cockpit.adapters.sources.pacing import Meters, feed_meter
from cockpit.adapters.streams import StreamState
from cockpit.domain.account import Mode
from cockpit.domain.values import session_date
from cockpit.ports.clock import Clock
from cockpit.ports.columns import others_in
from cockpit.ports.feed import FeedError, FeedSink, RawBar, RawRow
from cockpit.ports.source import Budget

_log = structlog.get_logger(__name__)
T = TypeVar("T")
KeySource = Callable[[], Awaitable[Keys]]
_DELAYS_S = {"delayed_sip": 900}
COUNTED = "alpaca-feed"
"""Its requests are counted by this name: a part of the plan of its own, beside the source's."""


class AlpacaFeed(LiveFeed):
    """Implements `Feed`, `Watching`, `Historical` and `Checked`.

    `shared` are the settings of the broker of the same vendor: addresses, data plan, patience.
    """

    name = "alpaca"

    def __init__(
        self,
        settings: AlpacaFeedSettings,
        shared: AlpacaSettings,
        *,
        clock: Clock,
        keys: KeySource,
        mode: Mode,
        meters: Meters | None = None,
    ) -> None:
        super().__init__(
            settings.symbols,
            clock=clock,
            plan=shared.feed.upper(),
            delay_s=_DELAYS_S.get(shared.feed, 0),
            mute_s=settings.mute_s,
        )
        self._settings = settings
        self._shared = shared
        self._find_keys = keys
        self._mode = mode
        self._keys: Keys | None = None
        self._lines: Lines | None = None
        most = settings.requests_per_minute
        self._meter = feed_meter(COUNTED, most, Budget(per_minute=most), clock, meters)
        self._halts = Halts(clock)

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
            await self._hang_up()  # a start may still fail, and nobody closes a feed that never ran

    async def bars(
        self, symbols: Sequence[str], start_ns: int, end_ns: int, interval_s: int
    ) -> Sequence[RawBar]:
        """Bars by REST. Raises FeedError."""
        await self.prepare()
        return await self._asked(
            "bars", self._history().bars(symbols, start_ns, end_ns, interval_s)
        )

    # the stream

    async def _new_stream(self, listeners: Listeners) -> Stream:
        own = self._shared
        if self._keys is None:
            raise refused_keys("there are none")
        dialect = AlpacaDialect(self._keys, bars=self._settings.minute_bars)
        settings = StreamSettings(
            url=f"{own.data_stream_url}/v2/{own.feed}",
            headers=HEADERS,
            connect_timeout_s=own.connect_timeout_s,
            quiet_s=own.quiet_s,
            reconnect_max_s=own.reconnect_max_s,
            ca_file=own.ca_file,
        )
        told = "alpaca-market", dialect, settings, tuple(self._symbols), listeners
        chosen = self._settings.own_process
        if self._inbox is not None and (NEVER_WAITS if chosen is None else chosen):
            return StreamApart(*told, inbox=self._inbox)
        return MarketStream[Message, Control](*told)

    def _read(self, rows: Sequence[RawRow]) -> Sequence[RawRow]:
        return self._halts.read(rows)

    def _came_up(self) -> None:
        self._halts.came_up()

    def _deliver(self, sink: FeedSink, rows: Sequence[RawRow]) -> None:
        if self._settings.minute_bars and self._watch is not None:
            rows = _without_bars(rows, sink)
        super()._deliver(sink, rows)

    def _refused(self, state: StreamState, why: str) -> FeedError:
        return refused_keys(why) if state is StreamState.AUTH_FAILED else _no_plan(why)

    async def _latest(self, symbols: Sequence[str]) -> Sequence[RawRow]:
        try:
            return await self._history().latest_quotes(symbols)
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
        return History(self._lines, self._meter, self._shared.feed, self._settings.quote_lot)

    async def _hang_up(self) -> None:
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


def _without_bars(rows: Sequence[RawRow], sink: FeedSink) -> Sequence[RawRow]:
    """What is left for the other door; a minute's bar comes after the prints that are in it."""
    bars = [row for row in others_in(rows) if isinstance(row, RawBar)]
    if bars:
        sink.on_bars(bars)
    return [row for row in rows if not isinstance(row, RawBar)] if bars else rows


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

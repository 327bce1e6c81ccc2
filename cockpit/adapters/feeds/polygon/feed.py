"""Polygon's market data under the feed port: its stream, and its snapshots for what was before."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from cockpit.adapters.feeds.halts import Halts
from cockpit.adapters.feeds.live import LiveFeed, Stream
from cockpit.adapters.feeds.market_stream import Listeners, MarketStream, StreamSettings
from cockpit.adapters.feeds.polygon.settings import PolygonFeedSettings
from cockpit.adapters.feeds.polygon.stream import PolygonDialect
from cockpit.adapters.sources.pacing import Meters, feed_meter
from cockpit.adapters.sources.polygon import PolygonSettings, PolygonSource
from cockpit.adapters.sources.polygon.source import PLANS
from cockpit.adapters.streams import StreamState
from cockpit.ports.clock import Clock
from cockpit.ports.feed import FeedError, RawQuote, RawRow
from cockpit.ports.source import KeyRefusedError, LatestQuote, SourceError
from cockpit.ports.vault import Vault

_log = structlog.get_logger(__name__)
REAL_TIME = "wss://socket.massive.com/stocks"
DELAYED = "wss://delayed.massive.com/stocks"
_QUARTER_HOUR_S = 900


class PolygonFeed(LiveFeed):
    """Implements `Feed`, `Watching` and `Checked`. `shared` are the settings of its REST side."""

    name = "polygon"

    def __init__(
        self,
        settings: PolygonFeedSettings,
        shared: PolygonSettings,
        *,
        clock: Clock,
        vault: Vault | None,
        meters: Meters | None = None,
    ) -> None:
        self._settings = settings
        self._shared = shared
        real_time = not PLANS[shared.plan].delay_s
        super().__init__(
            settings.symbols,
            clock=clock,
            plan=shared.plan.upper(),
            delay_s=0 if real_time else _QUARTER_HOUR_S,
            mute_s=settings.mute_s,
        )
        self._url = settings.stream_url or (REAL_TIME if real_time else DELAYED)
        self._source = PolygonSource(shared, clock=clock, vault=vault)
        budget = self._source.profile.budget
        self._meter = feed_meter(self.name, settings.requests_per_minute, budget, clock, meters)
        self._key = ""
        self._halts = Halts(clock)

    async def prepare(self) -> None:
        """Find the key, learn yesterday's closes. Raises FeedError when the key is refused."""
        if self._key:
            return
        try:
            self._key = await self._source.key()
            shots = await self._source.snapshots(tuple(self._symbols), self._meter)
            before = {symbol: shot.previous_close for symbol, shot in shots.items()}
            self._closes = {symbol: close for symbol, close in before.items() if close}
        except KeyRefusedError as error:
            raise refused_key(error.why) from error
        except SourceError as error:  # prices come by the stream; the change shows a little later
            _log.warning("closes_not_learnt", source=self.name, error=str(error))
        finally:
            await self._hang_up()  # a start may still fail: nobody closes a feed that never ran

    async def _new_stream(self, listeners: Listeners) -> Stream:
        own = self._settings
        return MarketStream(
            "polygon-market",
            PolygonDialect(self._key, own.quote_lot, listeners.remark),
            StreamSettings(
                url=self._url,
                connect_timeout_s=self._shared.connect_timeout_s,
                quiet_s=own.quiet_s,
                reconnect_max_s=own.reconnect_max_s,
                ca_file=self._shared.ca_file,
            ),
            tuple(self._symbols),
            listeners,
        )

    def _read(self, rows: Sequence[RawRow]) -> Sequence[RawRow]:
        return self._halts.read(rows)

    def _came_up(self) -> None:
        self._halts.came_up()

    async def _latest(self, symbols: Sequence[str]) -> Sequence[RawRow]:
        try:
            shots = await self._source.snapshots(symbols, self._meter)
        except SourceError as error:
            _log.warning("latest_quotes_not_learnt", source=self.name, error=str(error))
            return ()
        quotes = [quote for shot in shots.values() if (quote := _quote(shot)) is not None]
        return sorted(quotes, key=lambda quote: quote.ts_event)

    def _refused(self, state: StreamState, why: str) -> FeedError:
        if state is StreamState.AUTH_FAILED:
            return refused_key(why)
        return FeedError(
            f"data plan: {why}",
            user_text=f"The data plan at Polygon does not cover this stream: {why}. Prices are not "
            "updated. Set sources.polygon.plan to the one that the key has, or take one with a "
            "stream of quotes, and start again.",
            code="FEED_DATA_PLAN",
        )

    async def _hang_up(self) -> None:
        await self._source.close()


def refused_key(why: str) -> FeedError:
    """What a person must do when the key is not accepted."""
    return FeedError(
        f"polygon: {why}",
        user_text=f"Polygon does not let us in: {why}. Prices are not updated; nothing else was "
        "changed. Polygon also says so when the plan has only the delayed stream: then set "
        "sources.polygon.plan. Else store another key: cockpit data keys add polygon",
        code="AUTH_FAILED",
    )


def _quote(shot: LatestQuote) -> RawQuote | None:
    """A snapshot's quote as a row; None where it has not both sides."""
    if shot.bid is None or shot.ask is None:
        return None
    sizes = shot.bid_size or 0.0, shot.ask_size or 0.0
    return RawQuote(shot.symbol, shot.bid, shot.ask, *sizes, shot.ts_event)

"""Finnhub's market data under the feed port: a stream of trades, and no quotes at all.

What was traded last is known, and nobody's bid or ask: so orders that open are denied for want
of a quote, and the paper broker, which fills from quotes, fills nothing. It is a feed to watch.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import structlog

from cockpit.adapters.feeds.finnhub.settings import FinnhubFeedSettings
from cockpit.adapters.feeds.finnhub.stream import FinnhubDialect
from cockpit.adapters.feeds.live import LiveFeed, Stream
from cockpit.adapters.feeds.market_stream import Listeners, MarketStream, StreamSettings
from cockpit.adapters.sources.finnhub import FinnhubSettings, FinnhubSource
from cockpit.adapters.sources.pacing import Meters, feed_meter
from cockpit.adapters.streams import StreamState
from cockpit.ports.clock import Clock
from cockpit.ports.feed import FeedError, RawRow, RawTrade
from cockpit.ports.source import (
    KeyRefusedError,
    LatestQuote,
    QuoteAsk,
    SourceError,
    UnknownSymbolError,
)
from cockpit.ports.vault import Vault

_log = structlog.get_logger(__name__)
ONLY_TRADES = "Trades only, no quotes: orders that open are denied for want of one."


class FinnhubFeed(LiveFeed):
    """Implements `Feed`, `Watching` and `Checked`. `shared` are the settings of its REST side."""

    name = "finnhub"
    quotes = False

    def __init__(
        self,
        settings: FinnhubFeedSettings,
        shared: FinnhubSettings,
        *,
        clock: Clock,
        vault: Vault | None,
        meters: Meters | None = None,
    ) -> None:
        self._settings = settings
        self._shared = shared
        super().__init__(
            settings.symbols, clock=clock, plan="TRADES ONLY", delay_s=0, mute_s=settings.mute_s
        )
        self._source = FinnhubSource(shared, clock=clock, vault=vault)
        budget = self._source.profile.budget
        self._meter = feed_meter(self.name, settings.requests_per_minute, budget, clock, meters)
        self._turn = itertools.count()
        self._key = ""

    async def prepare(self) -> None:
        """Find the key, learn yesterday's closes. Raises FeedError when the key is refused.

        A close costs a request a symbol: those that the minute has no more for show a change
        only once they have traded.
        """
        if self._key:
            return
        try:
            self._key = await self._source.key()
            for symbol in tuple(self._symbols):
                quote = await self._last(symbol)
                if quote is not None and quote.previous_close:
                    self._closes[symbol] = quote.previous_close
        except KeyRefusedError as error:
            raise refused_key(error.why) from error
        except SourceError as error:
            _log.warning("closes_not_learnt", source=self.name, error=str(error))
        finally:
            await self._hang_up()  # a start may still fail: nobody closes a feed that never ran

    async def _new_stream(self, listeners: Listeners) -> Stream:
        own = self._settings
        listeners.remark(ONLY_TRADES)
        return MarketStream(
            "finnhub-market",
            FinnhubDialect(own.most_symbols),
            StreamSettings(
                url=f"{own.stream_url}/?token={self._key}",  # it takes the key in no other way
                connect_timeout_s=self._shared.connect_timeout_s,
                quiet_s=own.quiet_s,
                reconnect_max_s=own.reconnect_max_s,
                ca_file=self._shared.ca_file,
            ),
            tuple(self._symbols),
            listeners,
        )

    async def _latest(self, symbols: Sequence[str]) -> Sequence[RawRow]:
        """The last trades of a few symbols, by turns; only to find out whether one was missed."""
        count = min(self._settings.probes, len(symbols))
        asked = [symbols[next(self._turn) % len(symbols)] for _ in range(count)]
        try:
            quotes = [await self._last(symbol) for symbol in asked]
        except SourceError as error:
            _log.warning("last_prices_not_learnt", source=self.name, error=str(error))
            return ()
        return [
            RawTrade(quote.symbol, quote.last, 0.0, quote.ts_event)
            for quote in quotes
            if quote is not None and quote.last and quote.ts_event
        ]

    def _believed(self, rows: list[RawRow]) -> list[RawRow]:
        """None: a price without a size is no print, and would be in no bar."""
        del rows
        return []

    async def _last(self, symbol: str) -> LatestQuote | None:
        try:
            answer = await self._source.fetch(QuoteAsk(symbol), self._meter)
        except UnknownSymbolError:
            return None
        return next(iter(answer.of(LatestQuote)), None)

    def _refused(self, state: StreamState, why: str) -> FeedError:
        del state
        return refused_key(why)

    async def _hang_up(self) -> None:
        await self._source.close()


def refused_key(why: str) -> FeedError:
    """What a person must do when the key is not accepted."""
    return FeedError(
        f"finnhub: {why}",
        user_text=f"Finnhub does not let us in: {why}. Prices are not updated; nothing else was "
        "changed. Store another key and start again: cockpit data keys add finnhub",
        code="AUTH_FAILED",
    )

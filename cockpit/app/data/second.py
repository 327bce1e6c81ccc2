"""A second opinion on live prices: what another source says of what money stands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from cockpit.domain.errors import CockpitError
from cockpit.kernel.clock import SECOND
from cockpit.market.router.budget import Purpose
from cockpit.market.router.router import Found, Router
from cockpit.ports.clock import Clock
from cockpit.ports.source import LatestQuote, QuoteAsk

_log = structlog.get_logger(__name__)
EVERY_S = 10.0
"""One symbol is asked for so often, in turn."""

HOLDS_NS = 30 * SECOND
"""An opinion that is older says nothing of the price now."""

_YOUNG_NS = 15 * SECOND


class SecondOpinion:
    """Asks in turn for symbols that are held or ordered, of every source but the feed's own.

    `tell` is `Quality.second_source`: it is told a mid, or None when nobody knows any more. Only
    a real time price of a moment ago is an opinion.
    """

    def __init__(
        self,
        symbols: Callable[[], Sequence[str]],
        router: Router,
        clock: Clock,
        tell: Callable[[str, float | None, int], None],
        *,
        feed: str,
    ) -> None:
        self._symbols = symbols
        self._router = router
        self._clock = clock
        self._tell = tell
        self._feed = feed
        self._asked: dict[str, int] = {}
        self._told: dict[str, int] = {}

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            self._forget()
            symbol = self._next()
            if symbol:
                await self._ask(symbol)
            await self._clock.sleep(EVERY_S)

    def _next(self) -> str:
        """The one that was not asked for longest; empty when there is none."""
        return min(self._symbols(), key=lambda symbol: self._asked.get(symbol, 0), default="")

    async def _ask(self, symbol: str) -> None:
        self._asked[symbol] = self._clock.elapsed_ns()
        try:
            found = await self._router.get(
                QuoteAsk(symbol), purpose=Purpose.BACKGROUND, max_age_s=0, without={self._feed}
            )
        except CockpitError as error:
            _log.debug("no_second_opinion", symbol=symbol, why=str(error))
            return
        mid = self._mid(found)
        if mid is not None:
            self._told[symbol] = self._clock.elapsed_ns()
            self._tell(symbol, mid, self._clock.now_ns())

    def _mid(self, found: Found) -> float | None:
        (quote,) = found.answer.of(LatestQuote)
        age_ns = self._clock.now_ns() - quote.ts_event
        if found.stale or found.answer.delay_s or not age_ns <= _YOUNG_NS:
            return None
        if quote.bid is not None and quote.ask is not None:
            return (quote.bid + quote.ask) / 2
        return quote.last

    def _forget(self) -> None:
        now = self._clock.elapsed_ns()
        for symbol, told_ns in list(self._told.items()):
            if now - told_ns > HOLDS_NS:
                del self._told[symbol]
                self._tell(symbol, None, 0)

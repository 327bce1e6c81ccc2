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

AGAIN_S = 2.0
"""Where the two differ, that one is asked for again so soon: only twice in a row counts."""

HOLDS_NS = 30 * SECOND
"""An opinion that is older says nothing of the price now."""

_YOUNG_NS = 15 * SECOND


class SecondOpinion:
    """Asks in turn for symbols that are held or ordered, of every source but the feed's own.

    `tell` is `Quality.second_source`: it is told a mid, or None when nobody knows any more, and
    says whether the two differ; then the same is asked again soon. Only a real time price of a
    moment ago is an opinion. `feed` names the feed that serves now: of its own vendor nothing is
    an opinion, also when it began to serve only after it was asked.
    """

    def __init__(
        self,
        symbols: Callable[[], Sequence[str]],
        router: Router,
        clock: Clock,
        tell: Callable[[str, float | None, int], bool],
        *,
        feed: Callable[[], str],
    ) -> None:
        self._symbols = symbols
        self._router = router
        self._clock = clock
        self._tell = tell
        self._feed = feed
        self._asked: dict[str, int] = {}
        self._told: dict[str, tuple[int, str]] = {}
        self._differs = ""

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            self._forget()
            again, self._differs = self._differs, ""
            symbol = again or self._next()
            if symbol:
                differs = await self._ask(symbol)
                self._differs = symbol if differs and not again else ""
            await self._clock.sleep(AGAIN_S if self._differs else EVERY_S)

    def _next(self) -> str:
        """The one that was not asked for longest; empty when there is none."""
        return min(self._symbols(), key=lambda symbol: self._asked.get(symbol, 0), default="")

    async def _ask(self, symbol: str) -> bool:
        """Whether somebody says otherwise than the feed."""
        self._asked[symbol] = self._clock.elapsed_ns()
        try:
            found = await self._router.get(
                QuoteAsk(symbol), purpose=Purpose.BACKGROUND, max_age_s=0, without={self._feed()}
            )
        except CockpitError as error:
            _log.debug("no_second_opinion", symbol=symbol, why=str(error))
            return False
        mid, source = self._mid(found), found.answer.source
        if mid is None or source == self._feed():
            return False
        self._told[symbol] = self._clock.elapsed_ns(), source
        return self._tell(symbol, mid, self._clock.now_ns())

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
        for symbol, (told_ns, source) in list(self._told.items()):
            if now - told_ns > HOLDS_NS or source == self._feed():
                del self._told[symbol]
                self._tell(symbol, None, 0)

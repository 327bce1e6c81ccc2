"""Puts the past in front of live bars, and makes those whole that lack prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from cockpit.domain.errors import CockpitError
from cockpit.domain.market import BarUnit
from cockpit.kernel.clock import SECOND
from cockpit.market.bars import BarBook
from cockpit.market.router.budget import Purpose
from cockpit.market.router.errors import NoAnswerError
from cockpit.market.router.router import Router
from cockpit.ports.clock import Clock
from cockpit.ports.feed import RawBar
from cockpit.ports.source import Adjusted, Answer, BarsAsk

_log = structlog.get_logger(__name__)
DAYS = 5
EVERY_S = 30.0
"""So often it looks for symbols that are new and bars that lack prints."""

_MINUTE_S = 60
_DAY_NS = 86_400 * SECOND
_GIVES_UP_NS = 1_800 * SECOND
"""A vendor that has no bar of a time half an hour later has none."""

_YOUNG_S = 20.0


class Backfill:
    """Asks the router for minutes, and joins them with the bars of `bars`. Runs until cancelled.

    Prices are adjusted for splits where that can be had: live ones are of after the split.
    """

    def __init__(
        self,
        symbols: Callable[[], Sequence[str]],
        bars: BarBook,
        router: Router,
        clock: Clock,
        *,
        days: int = DAYS,
    ) -> None:
        self._symbols = symbols
        self._bars = bars
        self._router = router
        self._clock = clock
        self._days = days
        self._joined: set[str] = set()
        self.sources: dict[str, str] = {}

    @property
    def possible(self) -> bool:
        """Minutes can become bars of whole minutes, and no others."""
        rule = self._bars.rule
        return rule.unit is BarUnit.TIME and rule.step % _MINUTE_S == 0

    async def run(self) -> None:
        """Join what is missing, again and again."""
        while self.possible:
            for symbol in self._symbols():
                await self._join(symbol)
            await self._clock.sleep(EVERY_S)

    async def _join(self, symbol: str) -> None:
        now = self._clock.now_ns()
        if symbol not in self._joined:
            since, max_age_s = now - self._days * _DAY_NS, None
        else:
            lacking = [s for s in self._bars.torn(symbol) if s > now - _GIVES_UP_NS]
            if not lacking:
                return
            since, max_age_s = self._bars.before(symbol, lacking[0]), _YOUNG_S
        answer = await self._minutes(symbol, since, max_age_s)
        if answer is None:
            return
        self._joined.add(symbol)
        self.sources[symbol] = answer.source
        changed = self._bars.join(symbol, answer.of(RawBar), self._clock.now_ns())
        _log.info("bars_joined", symbol=symbol, source=answer.source, changed=changed)

    async def _minutes(self, symbol: str, since: int, max_age_s: float | None) -> Answer | None:
        """Bars of a minute until now; None where nobody has any to tell."""
        for adjusted in (Adjusted.SPLITS, Adjusted.RAW):
            ask = BarsAsk(
                symbol=symbol,
                interval_s=_MINUTE_S,
                start_ns=since,
                end_ns=self._clock.now_ns(),
                adjusted=adjusted,
            )
            try:
                found = await self._router.get(ask, purpose=Purpose.BACKGROUND, max_age_s=max_age_s)
            except NoAnswerError as error:
                _log.info("no_past", symbol=symbol, why=str(error))
            except CockpitError as error:
                _log.warning("no_past", symbol=symbol, why=str(error))
                return None
            else:
                return found.answer
        return None

"""Puts the past in front of live bars, and makes those whole that lack prints."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from cockpit.domain.errors import CockpitError
from cockpit.domain.market import BarUnit
from cockpit.kernel.clock import SECOND
from cockpit.market.bars import BarBook
from cockpit.market.past import Origin
from cockpit.market.router.budget import Purpose
from cockpit.market.router.errors import NoAnswerError
from cockpit.market.router.router import Found, Router
from cockpit.ports.clock import Clock
from cockpit.ports.feed import RawBar
from cockpit.ports.source import Adjusted, BarsAsk

_log = structlog.get_logger(__name__)
DAYS = 5
EVERY_S = 30.0
"""So often it looks for symbols that are new and bars that lack prints."""

REST_AT_ONCE = 5
"""So many symbols that nobody looks at are asked for each time: a whole market comes in lazily."""

_REST_LOOKED_AT = 200  # of the rest each time, so that the loop is not held up

_MINUTE_S = 60
_DAY_NS = 86_400 * SECOND
_GIVES_UP_NS = 1_800 * SECOND
"""A vendor that has no bar of a time half an hour later has none."""

_YOUNG_S = 20.0


class Backfill:
    """Asks the router for minutes, and joins them with the bars of `bars`. Runs until cancelled.

    What a chart shows is asked for as soon as it does, out of the screen's part of the budgets;
    then what `at_stake` names and the rows on screen; a few of `rest` each time, lazily.
    Prices are adjusted for splits where that can be had: live ones are of after the split.
    `spawn` starts work by its body and name.
    """

    def __init__(
        self,
        at_stake: Callable[[], Sequence[str]],
        rest: Callable[[], Sequence[str]],
        bars: BarBook,
        router: Router,
        clock: Clock,
        *,
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        days: int = DAYS,
    ) -> None:
        self._at_stake = at_stake
        self._rest = rest
        self._bars = bars
        self._router = router
        self._clock = clock
        self._spawn = spawn
        self._days = days
        self._joined: set[str] = set()
        self._under_way: set[str] = set()
        self._turn = 0

    @property
    def possible(self) -> bool:
        """Minutes can become bars of whole minutes, and no others."""
        rule = self._bars.rule
        return rule.unit is BarUnit.TIME and rule.step % _MINUTE_S == 0

    async def run(self) -> None:
        """Join what is missing, again and again."""
        if not self.possible:
            return
        self._bars.past.on_chart = self._charted
        try:
            while True:
                wanted = dict.fromkeys((*self._at_stake(), *self._bars.past.wanted))
                for symbol in wanted:
                    await self._join(symbol)
                await self._some_of([s for s in self._rest() if s not in wanted])
                await self._clock.sleep(EVERY_S)
        finally:
            self._bars.past.on_chart = lambda _symbol: None

    def _charted(self, symbol: str) -> None:
        if symbol not in self._joined:
            self._spawn(self._join_now(symbol), f"past-{symbol}")

    async def _join_now(self, symbol: str) -> None:
        await self._join(symbol)

    async def _some_of(self, rest: Sequence[str]) -> None:
        asked = 0
        for _ in range(min(len(rest), _REST_LOOKED_AT)):
            self._turn = (self._turn + 1) % len(rest)
            asked += await self._join(rest[self._turn])
            if asked >= REST_AT_ONCE:
                return

    async def _join(self, symbol: str) -> bool:
        """Ask for what is missing of it; False where nothing is, or where that is under way."""
        now = self._clock.now_ns()
        if symbol in self._under_way:
            return False
        if symbol not in self._joined:
            since, max_age_s = now - self._days * _DAY_NS, None
        else:
            lacking = [s for s in self._bars.torn(symbol) if s > now - _GIVES_UP_NS]
            if not lacking:
                return False
            since, max_age_s = self._bars.before(symbol, lacking[0]), _YOUNG_S
        self._under_way.add(symbol)
        try:
            found = await self._minutes(symbol, since, max_age_s)
        finally:
            self._under_way.discard(symbol)
        if found is not None:
            self._take(symbol, found)
        return True

    def _take(self, symbol: str, found: Found) -> None:
        answer, past = found.answer, self._bars.past
        self._joined.add(symbol)
        past.came(
            symbol,
            Origin(
                source=answer.source,
                fetched_ns=answer.fetched_ns,
                adjusted=answer.adjusted.value,
                delay_s=answer.delay_s,
                stale=found.stale,
            ),
        )
        changed = self._bars.join(symbol, answer.of(RawBar), self._clock.now_ns())
        _log.info("bars_joined", symbol=symbol, source=answer.source, changed=changed)

    async def _minutes(self, symbol: str, since: int, max_age_s: float | None) -> Found | None:
        """Bars of a minute until now; None where nobody has any to tell."""
        charted = self._bars.past.charted(symbol)
        purpose = Purpose.SCREEN if charted else Purpose.BACKGROUND
        for adjusted in (Adjusted.SPLITS, Adjusted.RAW):
            ask = BarsAsk(
                symbol=symbol,
                interval_s=_MINUTE_S,
                start_ns=since,
                end_ns=self._clock.now_ns(),
                adjusted=adjusted,
            )
            try:
                return await self._router.get(ask, purpose=purpose, max_age_s=max_age_s)
            except NoAnswerError as error:
                _log.info("no_past", symbol=symbol, why=str(error))
            except CockpitError as error:
                _log.warning("no_past", symbol=symbol, why=str(error))
                return None
        return None

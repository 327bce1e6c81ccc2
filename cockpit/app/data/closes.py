"""Learns the previous close of what the feed told none of: held, say, but not on its list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import structlog

from cockpit.domain.errors import CockpitError
from cockpit.domain.values import at_new_york, session_date, to_ns
from cockpit.kernel.clock import SECOND
from cockpit.market.router.adjusting import adjusted_bars
from cockpit.market.router.budget import Purpose
from cockpit.market.router.router import Router
from cockpit.market.session import SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.feed import RawBar
from cockpit.ports.source import Adjusted, BarsAsk

_log = structlog.get_logger(__name__)
EVERY_S = 5.0
"""So often it looks for symbols that are new."""

AGAIN_NS = 900 * SECOND
"""Who had no answer is asked for again after so long."""

_DAY_S = 86_400
_BEFORE = timedelta(days=10)
"""So far back there is a session before any."""


class PreviousCloses:
    """Asks the router for the close of the session before today, adjusted for splits since.

    `symbols` are those that need one, `tell` is told of each close. One of an earlier session, as
    a plan that is days late has it, is none.
    """

    def __init__(
        self,
        symbols: Callable[[], Sequence[str]],
        router: Router,
        clock: Clock,
        calendar: SessionCalendar,
        tell: Callable[[str, float], None],
    ) -> None:
        self._symbols = symbols
        self._router = router
        self._clock = clock
        self._calendar = calendar
        self._tell = tell
        self._asked: dict[str, int] = {}

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            now = self._clock.elapsed_ns()
            for symbol in self._symbols():
                asked = self._asked.get(symbol)
                if asked is None or now - asked >= AGAIN_NS:
                    self._asked[symbol] = now
                    await self._learn(symbol)
            await self._clock.sleep(EVERY_S)

    async def _learn(self, symbol: str) -> None:
        now = self._clock.now_ns()
        today = session_date(now)
        ask = BarsAsk(
            symbol=symbol,
            interval_s=_DAY_S,
            start_ns=to_ns(at_new_york(today - _BEFORE, "00:00")),
            end_ns=to_ns(at_new_york(today, "00:00")),
            adjusted=Adjusted.SPLITS,
        )
        try:
            before = self._session_before(today)
            found = await adjusted_bars(self._router, ask, now, purpose=Purpose.BACKGROUND)
        except CockpitError as error:
            _log.info("no_previous_close", symbol=symbol, why=str(error))
            return
        closes = [b.close for b in found.answer.of(RawBar) if session_date(b.ts_event) == before]
        if closes:
            self._tell(symbol, closes[-1])

    def _session_before(self, day: date) -> date:
        """Raises MarketError where the calendar ends."""
        before = day - timedelta(days=1)
        while self._calendar.session(before) is None:
            before -= timedelta(days=1)
        return before

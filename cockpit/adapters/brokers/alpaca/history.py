"""The account's equity over the last month, as Alpaca keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.adapters.brokers.alpaca.faults import FAILURES
from cockpit.adapters.brokers.alpaca.records import EquityPoint, Records
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState

KEPT_S = 3600
NAME = "equity"


class History:
    """Asks once an hour: it changes once a day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._points: Sequence[EquityPoint] = ()
        self._asked_ns: int | None = None

    async def check(self, records: Records) -> Check:
        """Where the account stands against its best of the month; raises nothing."""
        try:
            await self._ask(records)
        except FAILURES as error:
            return Check(
                name=NAME,
                state=CheckState.UNKNOWN,
                found=f"Its history could not be asked: {error}.",
                next_step="It is asked again by itself.",
            )
        return Check(name=NAME, state=CheckState.OK, found=_words(self._points))

    async def _ask(self, records: Records) -> None:
        now = self._clock.now_ns()
        if self._asked_ns is None or not 0 <= now - self._asked_ns < KEPT_S * SECOND:
            self._points = await records.equity()
            self._asked_ns = now


def _words(points: Sequence[EquityPoint]) -> str:
    if not points:
        return "No history yet."
    last, best = points[-1], max(point.equity for point in points)
    day = f"{utc(last.ts_ns).astimezone(NEW_YORK):%Y-%m-%d}"
    below = (best - last.equity) / best * 100 if best > 0 else 0
    away = f"{below:.1f} % below" if below >= 0.05 else "at"
    return f"{last.equity:,.2f} on {day}, {away} the month's highest, by Alpaca's history."

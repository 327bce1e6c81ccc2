"""Whether the broker's market opens when our calendar says: it may know what nobody planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

from cockpit.domain.values import NEW_YORK, session_date, utc
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import Broker, Scheduling
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState

NAME = "broker's calendar"
AHEAD_DAYS = 7
KEPT_S = 3600
_MOST_NAMED = 3


class Hours(Protocol):
    """A regular session, in ns UTC."""

    @property
    def open_ns(self) -> int:
        """When it begins."""
        ...

    @property
    def close_ns(self) -> int:
        """When it ends."""
        ...


class VenueDays:
    """Compares today and the week ahead, once an hour; says nothing of brokers without a calendar.

    `ours` gives the session of a day, None where there is none; it may raise what it likes.
    """

    def __init__(self, broker: Broker, clock: Clock, ours: Callable[[date], Hours | None]) -> None:
        self._broker = broker
        self._clock = clock
        self._ours = ours
        self._theirs: Mapping[date, Hours] = {}
        self._asked_ns: int | None = None

    async def checks(self) -> Sequence[Check]:
        """Look now. Raises BrokerError, and what `ours` raises."""
        if not isinstance(self._broker, Scheduling):
            return ()
        today = session_date(self._clock.now_ns())
        days = [today + timedelta(days=n) for n in range(AHEAD_DAYS + 1)]
        await self._ask(self._broker, days)
        other = [text for day in days if (text := self._difference(day))]
        if not other:
            found = f"Today and the {AHEAD_DAYS} days ahead as here."
            return (Check(name=NAME, state=CheckState.OK, found=found),)
        more = f" and {len(other) - _MOST_NAMED} more" if len(other) > _MOST_NAMED else ""
        return (
            Check(
                name=NAME,
                state=CheckState.WARNING,
                found=f"The broker's differs: {'; '.join(other[:_MOST_NAMED])}{more}.",
                next_step="Look at the exchange's notice. Cockpit goes by its own; an update of "
                "it brings the newer calendar.",
            ),
        )

    async def _ask(self, broker: Scheduling, days: Sequence[date]) -> None:
        now = self._clock.now_ns()
        fresh = self._asked_ns is not None and 0 <= now - self._asked_ns < KEPT_S * SECOND
        if fresh and session_date(self._asked_ns or 0) == days[0]:
            return
        told = await broker.trading_hours(days[0], days[-1])
        self._theirs = {one.day: one for one in told}
        self._asked_ns = now

    def _difference(self, day: date) -> str:
        ours, theirs = self._ours(day), self._theirs.get(day)
        there, here = _words(theirs), _words(ours)
        return "" if there == here else f"{day:%a %Y-%m-%d} {there} there, {here} here"


def _words(hours: Hours | None) -> str:
    if hours is None:
        return "closed"
    opens, closes = (utc(ns).astimezone(NEW_YORK) for ns in (hours.open_ns, hours.close_ns))
    return f"{opens:%H:%M} to {closes:%H:%M}"

"""Where bars begin and end: a rule of time, volume or prints, held within the trading day."""

from __future__ import annotations

import re
import sys
from typing import Protocol

import msgspec

from cockpit.domain.market import BarUnit
from cockpit.market.errors import MarketError, WordsError
from cockpit.market.session import Phase, SessionCalendar

_NS = 1_000_000_000
_DAY_NS = 86_400 * _NS
NEVER = sys.maxsize
_SUFFIXES = {
    "s": (BarUnit.TIME, 1),
    "m": (BarUnit.TIME, 60),
    "h": (BarUnit.TIME, 3600),
    "sh": (BarUnit.VOLUME, 1),
    "t": (BarUnit.TICK, 1),
}


class BarRule(msgspec.Struct, frozen=True):
    """A bar lasts `step` seconds, or until `step` shares or prints are in it."""

    unit: BarUnit
    step: int

    def __post_init__(self) -> None:
        """Refuse a bar of nothing."""
        if not self.step > 0:
            raise WordsError(
                f"bar of {self.step} {self.unit}",
                user_text="A bar must last at least one second, share or print.",
            )

    @staticmethod
    def parse(text: str) -> BarRule:
        """`30s`, `5m`, `1h` of time; `10000sh` of volume; `500t` of prints.

        Raises WordsError for anything else.
        """
        found = re.fullmatch(r"(\d{1,9})(s|m|h|sh|t)", text.strip().lower())
        if found is None:
            raise WordsError(
                f"bar rule {text!r}",
                user_text=f"{text!r} is no kind of bar. Write 30s, 5m or 1h for time, "
                "10000sh for shares, 500t for prints.",
            )
        unit, factor = _SUFFIXES[found[2]]
        return BarRule(unit, int(found[1]) * factor)


class Grid(Protocol):
    """Says between which times a bar may lie, in ns UTC."""

    def span(self, ts: int) -> tuple[int, int]:
        """START and end of the bar that holds `ts`."""
        ...


class PlainGrid:
    """Multiples of the interval since the epoch; without one, all of time."""

    def __init__(self, rule: BarRule) -> None:
        self._interval = rule.step * _NS if rule.unit is BarUnit.TIME else 0

    def span(self, ts: int) -> tuple[int, int]:
        """As in `Grid`."""
        if not self._interval:
            return 0, NEVER
        start = ts - ts % self._interval
        return start, start + self._interval


class SessionGrid:
    """Counted from the start of each phase of the day: pre-market, session, post-market.

    No bar reaches from one phase into the next, so an hour from 09:30 is an hour of the
    session, the last one of a half day ends at 13:00, and daylight saving moves nothing.
    Outside the three phases, and in years without a calendar, it is the plain grid.
    """

    def __init__(self, rule: BarRule, calendar: SessionCalendar) -> None:
        self._plain = PlainGrid(rule)
        self._interval = rule.step * _NS if rule.unit is BarUnit.TIME else NEVER
        self._calendar = calendar
        self._unknown = (0, 0)

    def span(self, ts: int) -> tuple[int, int]:
        """As in `Grid`."""
        if self._unknown[0] <= ts < self._unknown[1]:
            return self._plain.span(ts)
        try:
            phase, opens, ends = self._calendar.span(ts)
        except MarketError:
            self._unknown = (ts, ts + _DAY_NS)  # to ask is slow: once a day will do
            return self._plain.span(ts)
        if phase is Phase.CLOSED:
            start, end = self._plain.span(ts)
            return start, min(end, ends)
        start = opens + (ts - opens) // self._interval * self._interval
        return start, min(start + self._interval, ends)

"""Finds out that a symbol was resumed while nobody listened: it trades again.

A stream tells a halt and a resumption once, as they happen, and no request asks for them. A
resumption that a broken line swallowed would leave the symbol halted here for the day, and
what is held of it could not be closed from here.
"""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock
from cockpit.ports.columns import others_in
from cockpit.ports.feed import RawRow, RawStatus, RawTrade

LATE_NS = 10 * SECOND
"""A trade may be printed that much later than it was made, also one from before the halt."""

_REASON = "It trades again; it was resumed while the stream was down"


class Halts:
    """Knows what is halted by the stream's word, and which of it is in doubt since a break."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._halted: set[str] = set()
        self._doubted_ns: dict[str, int] = {}

    def came_up(self) -> None:
        """The stream listens (again): what was halted before may have been resumed meanwhile."""
        now = self._clock.now_ns()
        self._doubted_ns.update((symbol, now + LATE_NS) for symbol in self._halted)

    def read(self, rows: Sequence[RawRow]) -> Sequence[RawRow]:
        """The rows, and before a trade that proves a resumption the word of it."""
        if not self._doubted_ns and RawStatus not in set(map(type, others_in(rows))):
            return rows
        told: list[RawRow] = []
        for row in rows:
            if type(row) is RawStatus:
                self._note(row)
            elif self._doubted_ns and isinstance(row, RawTrade) and self._proves(row):
                resumed = RawStatus(row.symbol, halted=False, reason=_REASON, ts_event=row.ts_event)
                self._note(resumed)
                told.append(resumed)
            told.append(row)
        return told

    def _proves(self, row: RawTrade) -> bool:
        after_ns = self._doubted_ns.get(row.symbol)
        return after_ns is not None and row.ts_event > after_ns

    def _note(self, status: RawStatus) -> None:
        self._doubted_ns.pop(status.symbol, None)
        if status.halted:
            self._halted.add(status.symbol)
        else:
            self._halted.discard(status.symbol)

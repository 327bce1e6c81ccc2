"""Tells a quiet market from a mute stream: only somebody else knows what should have come.

A stream that answers pings and brings nothing looks healthy, on a holiday as well as when it
has lost its subscriptions. So its silence is compared with the latest quotes by REST.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter

from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawRow

_BROUGHT_WITHIN_S = 2.0
_symbol_of = attrgetter("symbol")

Ask = Callable[[], Awaitable[Sequence[RawRow]]]


class MuteWatch:
    """Remembers what was heard of each symbol; asks when nothing was heard for `mute_s`.

    `ask` gives the latest quotes, none when they can't be had. `take` gets those that are newer
    than what was heard, `doubt` is told when the stream should have brought them.
    """

    def __init__(
        self,
        clock: Clock,
        mute_s: float,
        *,
        ask: Ask,
        take: Callable[[list[RawRow]], None],
        doubt: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._mute_s = mute_s
        self._ask = ask
        self._take = take
        self._doubt = doubt
        self._heard: dict[str, RawRow] = {}  # by symbol, its latest row
        self._rows = 0
        self._up_ns = 0
        self._came_up = asyncio.Event()

    def note(self, rows: Sequence[RawRow]) -> None:
        """The stream brought rows."""
        if isinstance(rows, Columns):
            self._heard.update(zip(rows.groups.symbols, rows.newest, strict=True))
            others: Sequence[RawRow] = rows.others
            late = [o for o in others if o.ts_event >= self._heard.get(o.symbol, o).ts_event]
            self._heard.update(zip(map(_symbol_of, late), late, strict=True))
        else:
            self._heard.update(zip(map(_symbol_of, rows), rows, strict=True))
        self._rows += len(rows)

    def came_up(self) -> None:
        """The stream listens; what was quoted before it did is asked for."""
        self._up_ns = self._clock.now_ns()
        self._came_up.set()

    def went_down(self) -> None:
        """The stream says itself that it brings nothing."""
        self._up_ns = 0

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            rows = self._rows
            try:
                async with asyncio.timeout(self._mute_s):
                    await self._came_up.wait()
            except TimeoutError:
                if self._up_ns and self._rows == rows:
                    await self._compare()
            else:
                self._came_up.clear()
                self._take_newer(await self._ask())

    async def _compare(self) -> None:
        quotes = await self._ask()
        await self._clock.sleep(min(_BROUGHT_WITHIN_S, self._mute_s))  # it may be on its way
        since = self._up_ns
        missed = [q for q in self._take_newer(quotes) if since and q.ts_event > since]
        if missed:
            first = missed[0]
            late_s = (self._clock.now_ns() - first.ts_event) / SECOND
            self._doubt(f"it says nothing, though {first.symbol} was quoted {late_s:.0f} s ago")

    def _take_newer(self, quotes: Sequence[RawRow]) -> Sequence[RawRow]:
        heard = self._heard
        newer = [
            q for q in quotes if q.symbol not in heard or q.ts_event > heard[q.symbol].ts_event
        ]
        if newer:
            self._take(list(newer))
        return newer

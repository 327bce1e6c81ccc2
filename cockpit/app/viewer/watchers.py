"""The cockpit's side of its viewers: facts as they come, prices ten times a second.

Nothing is built while nobody watches, a message is encoded once for all viewers, and one
that does not keep up is sent away: the core never waits for a viewer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import msgspec
import structlog

from cockpit.app.core import Core
from cockpit.app.viewer.telling import (
    PIECE,
    figures_of,
    line_of,
    live_bar,
    lock_of,
    pieces_of,
    snapshot_of,
)
from cockpit.app.viewer.wire import (
    FACTS,
    REWRITES,
    Beat,
    Entries,
    Entry,
    Fact,
    Farewell,
    Figures,
    Greeted,
    Word,
)
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import JournalEntryWritten
from cockpit.domain.market import Quote, TradePrint, TradingStatus
from cockpit.kernel.bus import Unsubscribe
from cockpit.kernel.ipc import Channel
from cockpit.kernel.supervisor import SupervisorStoppedError
from cockpit.ports.entries import JournalEntry

_log = structlog.get_logger(__name__)

TOO_SLOW = (
    "This viewer did not keep up with the cockpit, so it was let go; the cockpit was not slowed. "
    "It connects again by itself."
)
ENDED = "The cockpit has been closed."
FOREVER_S = 365 * 86_400.0


async def _let_go(channel: Channel) -> None:
    """Give the last word a moment to get there, then cut the line."""
    await channel.close()
    channel.drop()


class Watchers:
    """All viewers of one core."""

    BEAT_S = 0.1
    GREETING_S = 10.0
    MOST_UNSENT = 8 * 1024 * 1024

    def __init__(self, core: Core, since_ns: int) -> None:
        self._core = core
        self._since_ns = since_ns
        self._channels: list[Channel] = []
        self._held: dict[Channel, list[bytes]] = {}
        self._unsubscribe: list[Unsubscribe] = []
        self._moved: set[str] = set()
        self._printed: set[str] = set()
        self._figures: Figures | None = None
        self._health = 0
        self._beating: asyncio.Task[None] | None = None
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._channels)

    async def attend(self, channel: Channel) -> None:
        """Tell one viewer everything until it leaves. Raises ChannelError."""
        try:
            await self._greet(channel)
            while await channel.receive(FOREVER_S) is not None:
                continue  # a viewer has nothing to ask
        finally:
            self._leave(channel)

    def farewell(self) -> None:
        """The cockpit ends: say so to all."""
        self._put(Farewell(text=ENDED))

    async def _greet(self, channel: Channel) -> None:
        entries, of_trades = await self._entries()
        # From the snapshot on, facts queue behind it: no await between the two.
        snapshot = snapshot_of(self._core, entries, self._since_ns)
        channel.put(msgspec.json.encode(snapshot))
        held = self._held[channel] = []
        if channel not in self._channels:
            self._join(channel)
        for piece in pieces_of(self._core):
            channel.put(msgspec.json.encode(piece))
            await asyncio.sleep(0)
        for first in range(0, len(of_trades), PIECE):
            piece = Entries(entries=tuple(of_trades[first : first + PIECE]))
            channel.put(msgspec.json.encode(piece))
            await asyncio.sleep(0)
        channel.put(msgspec.json.encode(Greeted()))
        await self._caught_up(channel)
        if self._held.get(channel) is not held:
            return  # a newer snapshot went out meanwhile, and holds all of it
        del self._held[channel]
        for payload in held:
            channel.put(payload)

    async def _caught_up(self, channel: Channel) -> None:
        """Give a viewer time to take in all that it was told at once."""
        for _ in range(round(self.GREETING_S / self.BEAT_S)):
            if channel.unsent * 4 <= self.MOST_UNSENT:
                return
            await asyncio.sleep(self.BEAT_S)

    async def _entries(self) -> tuple[Sequence[JournalEntry], Sequence[JournalEntry]]:
        """Those of days and those of trades."""
        store, account = self._core.store, self._core.account_id
        try:
            return await store.entries(account), await store.trade_entries(account)
        except CockpitError as error:
            _log.warning("viewer_without_journal", error=str(error))
            return (), ()

    def _join(self, channel: Channel) -> None:
        self._channels.append(channel)
        if len(self._channels) > 1:
            return
        bus = self._core.bus
        self._unsubscribe = [
            *(bus.subscribe(kind, self._on_fact, name="viewers.fact") for kind in FACTS),
            *(bus.subscribe(kind, self._on_rewrite, name="viewers.again") for kind in REWRITES),
            bus.subscribe(Quote, self._on_market, name="viewers.quote"),
            bus.subscribe(TradingStatus, self._on_market, name="viewers.status"),
            bus.subscribe(TradePrint, self._on_print, name="viewers.print"),
        ]
        self._beating = self._core.supervisor.serve(self._beat, name="viewers", owner="control")

    def _leave(self, channel: Channel) -> None:
        self._held.pop(channel, None)
        if channel not in self._channels:
            return
        self._channels.remove(channel)
        if self._channels:
            return
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        if self._beating is not None:
            self._beating.cancel()
        self._moved.clear()
        self._printed.clear()

    def _on_market(self, event: Quote | TradingStatus) -> None:
        self._moved.add(event.symbol)

    def _on_print(self, event: TradePrint) -> None:
        self._moved.add(event.symbol)
        self._printed.add(event.symbol)

    def _on_fact(self, event: msgspec.Struct) -> None:
        raw = msgspec.Raw(msgspec.json.encode(event))
        self._put(Fact(kind=type(event).__name__, event=raw))
        if isinstance(event, JournalEntryWritten):
            self._work(self._tell_entry(event), "viewer-entry")

    def _on_rewrite(self, _event: object) -> None:
        for channel in self._channels:
            self._work(self._greet(channel), "viewer-again")

    async def _tell_entry(self, event: JournalEntryWritten) -> None:
        try:
            entry = await self._core.store.entry(event.account_id, event.day, event.trade_id)
        except CockpitError as error:
            _log.warning("viewer_without_entry", error=str(error))
            return
        if entry is not None:
            self._put(Entry(entry=entry))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.BEAT_S)
            self._put(self._next_beat())

    def _next_beat(self) -> Beat:
        core = self._core
        moved, printed = self._moved, self._printed
        self._moved, self._printed = set(), set()
        figures = figures_of(core.portfolio)
        changed = figures if figures != self._figures else None
        self._figures = figures
        checked, self._health = core.health.since(self._health), core.health.version
        return Beat(
            now_ns=core.clock.now_ns(),
            lines=tuple(line_of(core, symbol) for symbol in moved),
            live=tuple(bar for symbol in printed if (bar := live_bar(core, symbol)) is not None),
            figures=changed,
            health=tuple(checked),
            lock=lock_of(core),
        )

    def _put(self, word: Word) -> None:
        if not self._channels:
            return
        payload = msgspec.json.encode(word)
        for channel in tuple(self._channels):
            if (held := self._held.get(channel)) is not None:
                held.append(payload)  # until all that was before is through
            elif channel.unsent > self.MOST_UNSENT:
                self._drop(channel)
            else:
                channel.put(payload)

    def _drop(self, channel: Channel) -> None:
        self.dropped += 1
        _log.warning("viewer_too_slow", process=channel.peer.pid, unsent=channel.unsent)
        self._leave(channel)
        channel.put(msgspec.json.encode(Farewell(text=TOO_SLOW)))
        self._work(_let_go(channel), "viewer-dropped")

    def _work(self, body: Coroutine[Any, Any, None], name: str) -> None:
        try:
            self._core.supervisor.serve(lambda: body, name=name, owner="control")
        except SupervisorStoppedError:
            body.close()

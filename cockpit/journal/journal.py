"""The live journal: it hears of fills, tells of closed trades, and writes the day's entry."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

import structlog

from cockpit.domain.adjustment import Adjustment
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import (
    FillBooked,
    FillBusted,
    JournalEntryWritten,
    PositionAdjusted,
    TradeClosed,
)
from cockpit.domain.fill import Fill
from cockpit.domain.trade import Trade
from cockpit.journal.days import Day, day_of, iso_day
from cockpit.journal.entries import Entries, EntryWords
from cockpit.journal.entry import day_net
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.clock import Clock
from cockpit.ports.entries import JournalEntry
from cockpit.ports.store import Store

DEBOUNCE_S = 1.0
PART = 500
"""Entries of the ledger that are matched in one go: some milliseconds."""
OWNER = "journal"

_log = structlog.get_logger(__name__)


class Journal(TradeBook):
    """A `TradeBook` that listens to what is booked, taken back and adjusted in its account.

    Publishes `TradeClosed` for each round trip and `JournalEntryWritten` for each entry
    that changed. A closed trade has the day's entry drafted anew a moment later, so
    that a burst of closings writes once. A correction does so for every entry it changes, and
    marks the recaps of those days as stale.
    """

    def __init__(
        self,
        bus: Bus,
        store: Store,
        clock: Clock,
        supervisor: Supervisor,
        account_id: str,
        *,
        label: str = "",
        multipliers: Mapping[str, Decimal] | None = None,
        starting_equity: Decimal | None = None,
        average_cost: bool = False,
    ) -> None:
        super().__init__(
            account_id,
            label=label,
            multipliers=multipliers,
            starting_equity=starting_equity,
            average_cost=average_cost,
        )
        self._bus = bus
        self._store = store
        self._clock = clock
        self._supervisor = supervisor
        self._waiting: set[str] = set()  # days whose drafting is on its way
        self._outdated: set[str] = set()  # days that closed a trade since their last draft
        self.entries = Entries(self, store, clock, self._publish_written)
        self._corrections: dict[str, bool] = {}  # days to read anew; True: their fills changed
        self._subscriptions = (
            bus.subscribe(FillBooked, self._on_fill, name="journal"),
            bus.subscribe(FillBusted, self._on_bust, name="journal.bust"),
            bus.subscribe(PositionAdjusted, self._on_adjusted, name="journal.adjusted"),
        )

    @staticmethod
    def from_fills(
        fills: Iterable[Fill | Adjustment],
        *,
        account_id: str,
        label: str = "",
        multipliers: Mapping[str, Decimal] | None = None,
        starting_equity: Decimal | None = None,
    ) -> TradeBook:
        """The same trades and statistics from a stored ledger, with no bus."""
        book = TradeBook(
            account_id, label=label, multipliers=multipliers, starting_equity=starting_equity
        )
        book.restore(fills)
        return book

    async def load(self, told: Callable[[int, int], object] = lambda _done, _all: None) -> None:
        """Take in what the store already has, in parts: whoever else waits has a turn between two.

        `told` hears after each part how many entries are taken in, and of how many. Raises
        StoreError.
        """
        entries = await self._store.ledger(self.account_id)
        for first in range(0, len(entries), PART):
            if first:
                await asyncio.sleep(0)
            self.restore(entries[first : first + PART])
            told(min(first + PART, len(entries)), len(entries))

    async def close(self) -> None:
        """Stop listening and write what is still to be written. Raises StoreError."""
        self.stop_listening()
        for day in sorted(self._outdated | self._corrections.keys()):
            await self._write(day)

    def stop_listening(self) -> None:
        """Hear no more; what is known stays."""
        for unsubscribe in self._subscriptions:
            unsubscribe()

    async def draft_entry(self, day: Day) -> JournalEntry:
        """Write the day's entry anew from its trades; the trader's own words stay.

        Stores a new version only when the text changed. Raises StoreError.
        """
        self._outdated.discard(iso_day(day))
        return await self.entries.draft(day)

    async def write_note(
        self, day: Day, note: str, tags: Iterable[str] = (), rating: int | None = None
    ) -> JournalEntry:
        """Keep the trader's note, tags and rating beside the drafted text. Raises StoreError."""
        return await self.entries.write(day, EntryWords(note=note, tags=tuple(tags), rating=rating))

    def _on_fill(self, booked: FillBooked) -> None:
        if booked.fill.account_id != self.account_id:
            return
        self._closed(self.add(booked.fill))

    def _closed(self, trades: Iterable[Trade]) -> None:
        told = list(trades)
        for trade in told:
            self._tell(trade)
        for day in sorted({day_of(trade.closed_ns) for trade in told}):
            self._draft_soon(day)

    def _on_bust(self, busted: FillBusted) -> None:
        if busted.fill.account_id == self.account_id:
            self._closed(self.take_back(busted.fill.execution_id))
            self._corrected(busted.fill.ts_event)

    def _on_adjusted(self, adjusted: PositionAdjusted) -> None:
        adjustment = adjusted.adjustment
        if adjustment.account_id == self.account_id:
            self._closed(self.adjust(adjustment))
            self._corrected(adjustment.ts_event)

    def _corrected(self, ts_ns: int) -> None:
        """The day of a correction and all after it may read differently now."""
        first = day_of(ts_ns)
        days = [first, *(day for day in self.days() if day > first)]
        for day in days:
            self._corrections[day] = day == first or self._corrections.get(day, False)
            self._draft_soon(day)

    def _tell(self, trade: Trade) -> None:
        now = self._clock.now_ns()
        self._bus.publish(TradeClosed(trade=trade, ts_event=trade.closed_ns, ts_init=now))

    def _draft_soon(self, day: str) -> None:
        self._outdated.add(day)
        if day in self._waiting:
            return
        self._waiting.add(day)
        try:
            self._supervisor.work(self._draft_later(day), name=f"entry-{day}", owner=OWNER)
        except SupervisorStoppedError:
            self._waiting.discard(day)  # `close` writes it

    async def _draft_later(self, day: str) -> None:
        try:
            await self._clock.sleep(DEBOUNCE_S)
        finally:
            self._waiting.discard(day)
        try:
            await self._write(day)
        except CockpitError as error:
            # the entry can be drafted from the fills at any time, so trading goes on
            self._outdated.add(day)
            _log.warning("entry_not_written", day=day, error=str(error))

    async def _write(self, day: str) -> None:
        """Draft the entry, and look after the recaps where a correction changed what they say.

        A correction is taken by whoever writes it, so that one that comes meanwhile is another,
        and given back when it was not written to its end.
        """
        fills_changed = self._corrections.pop(day, None)
        if fills_changed is None:
            await self.draft_entry(day)
            return
        try:
            await self._write_corrected(day, changed=fills_changed)
        except BaseException:
            self._corrections[day] = fills_changed or self._corrections.get(day, False)
            raise

    async def _write_corrected(self, day: str, *, changed: bool) -> None:
        before = await self._store.entry(self.account_id, day)
        if before is None and not self.trades(day):
            self._outdated.discard(day)  # nobody asked for an entry of that day yet
        else:
            after = await self.draft_entry(day)
            changed |= before is not None and before.drafted != after.drafted
        if changed:
            await self._store.mark_recaps_stale(self.account_id, day)

    def _publish_written(self, entry: JournalEntry) -> None:
        self._bus.publish(
            JournalEntryWritten(
                account_id=entry.account_id,
                day=entry.day,
                net=day_net(self, entry.day),
                ts_event=entry.updated_ns,
                ts_init=entry.updated_ns,
                trade_id=entry.trade_id,
            )
        )

"""What no order tells of protections, kept in the ledger's audit log: the newest row counts."""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet

import msgspec
import structlog

from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store
from cockpit.trading.durable import Durable
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.protection.cover import CoverBook, Held

KIND = "protection"
_log = structlog.get_logger(__name__)


class Kept(msgspec.Struct, frozen=True):
    """Protections given to held positions, and the names of those that were called off."""

    held: tuple[Held, ...] = ()
    ended: tuple[str, ...] = ()


class ProtectionRecord:
    """One account's row. `unreadable` is True when the newest one made no sense."""

    def __init__(
        self,
        book: CoverBook,
        orders: OrderBook,
        portfolio: Portfolio,
        *,
        store: Store,
        clock: Clock,
        supervisor: Supervisor,
        durable: Durable,
        account_id: str,
    ) -> None:
        self._book = book
        self._orders = orders
        self._portfolio = portfolio
        self._store = store
        self._clock = clock
        self._supervisor = supervisor
        self._durable = durable
        self._account_id = account_id
        self._held: dict[str, Held] = {}
        self._one_at_a_time = asyncio.Lock()
        self.unreadable = False

    async def last(self) -> Kept:
        """The newest row; empty without one. Raises StoreError."""
        written = await self._store.newest_record(KIND, self._account_id)
        kept = Kept()
        if written is not None:
            try:
                kept = msgspec.json.decode(written, type=Kept)
            except msgspec.DecodeError as error:
                _log.error("protection_unreadable", error=str(error))
                self.unreadable = True
        self._held = {held.cover_id: held for held in kept.held}
        return kept

    async def give(self, held: Held) -> None:
        """Store a person's protection, then let it stand for all others of its symbol.

        Raises StoreError: nothing has changed then.
        """
        async with self._one_at_a_time:
            others = {cover.cover_id for cover in self._book.on(held.symbol)}
            await self._save(self._kept(others, held))
            self._held[held.cover_id] = held
            self._book.hold(held, others)  # what was opened while this was stored has its own
            net = self._portfolio.position(held.symbol).quantity
            self._book.clamp(held.symbol, net)  # it may have shrunk while this was stored

    async def end(self, cover_ids: AbstractSet[str]) -> None:
        """Call protections off, stored first. Raises StoreError: they stand then."""
        async with self._one_at_a_time:
            await self._save(self._kept(cover_ids))
            self._book.end(cover_ids)

    def end_now(self, cover_ids: AbstractSet[str]) -> None:
        """Call protections off in this instant; the ledger follows until it has it."""
        self._book.end(cover_ids)
        try:
            self._supervisor.work(self._follow(), name="keep-protection", owner="trading")
        except SupervisorStoppedError as error:
            _log.warning("protection_not_kept", error=str(error))

    async def _follow(self) -> None:
        await self._durable.write(self._save_now)

    async def _save_now(self) -> None:
        async with self._one_at_a_time:  # not held between two tries: others must get through
            await self._save(self._kept(set()))

    async def _save(self, kept: Kept) -> None:
        await self._store.record(KIND, self._account_id, self._clock.now_ns(), kept)

    def _kept(self, ending: AbstractSet[str], new: Held | None = None) -> Kept:
        """The row to be, without what no fill can bring back any more."""
        ended = (self._book.ended | ending) - self._gone()
        live = [h for h in self._held.values() if self._book.get(h.cover_id) is not None]
        held = [h for h in (*live, new) if h is not None and h.cover_id not in ended]
        return Kept(held=tuple(held), ended=tuple(sorted(ended)))

    def _gone(self) -> set[str]:
        """Ended protections of symbols that are flat, and whose entry can't fill any more."""
        gone: set[str] = set()
        for cover_id in self._book.ended:
            order, held = self._orders.get(cover_id), self._held.get(cover_id)
            symbol = order.symbol if order else held.symbol if held else None
            flat = symbol is None or self._portfolio.position(symbol).flat
            if flat and (order is None or order.state.terminal):
                gone.add(cover_id)
        return gone

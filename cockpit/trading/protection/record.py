"""What no order tells of protections, kept in the ledger's audit log: the newest row counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

import msgspec
import structlog

from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store
from cockpit.trading.durable import Durable
from cockpit.trading.orders import OrderBook
from cockpit.trading.protection.cover import CoverBook
from cockpit.trading.protection.history import Ended, Held, History, Kept

KIND = "protection"
UNREADABLE = (
    "The ledger's row about protections makes no sense to this version. Protections that came with "
    "their orders are held; those given later are not. Look at each position."
)
_log = structlog.get_logger(__name__)


class ProtectionRecord:
    """One account's row. `unreadable` is True when the newest one made no sense.

    `refold` makes a symbol's covers anew, after the history has another protection or ending.
    """

    def __init__(
        self,
        book: CoverBook,
        history: History,
        orders: OrderBook,
        refold: Callable[[str], None],
        *,
        store: Store,
        clock: Clock,
        supervisor: Supervisor,
        durable: Durable,
        account_id: str,
    ) -> None:
        self._book = book
        self._history = history
        self._orders = orders
        self._refold = refold
        self._store = store
        self._clock = clock
        self._supervisor = supervisor
        self._durable = durable
        self._account_id = account_id
        self._one_at_a_time = asyncio.Lock()
        self.unreadable = False

    async def last(self) -> Kept:
        """The newest row; empty without one. Raises StoreError."""
        written = await self._store.newest_record(KIND, self._account_id)
        try:
            return Kept() if written is None else msgspec.json.decode(written, type=Kept)
        except msgspec.DecodeError as error:
            _log.error("protection_unreadable", error=str(error))
            self.unreadable = True
            return Kept()

    async def missed(self) -> bool:
        """Whether the ledger has entries that the history has not heard of. Raises StoreError."""
        return await self._store.booked_count(self._account_id) != self._history.place

    async def give(self, held: Held) -> None:
        """Store a person's protection, then let it stand for all others of its symbol.

        What is booked while it is stored comes after it, as it will from the ledger. Raises
        StoreError: nothing has changed then.
        """
        async with self._one_at_a_time:
            held = msgspec.structs.replace(held, place=self._history.place)
            others = self._endings({cover.cover_id for cover in self._book.on(held.symbol)})
            await self._save(others, held)
            self._history.give(held)
            self._history.end(others)
            self._refold(held.symbol)

    async def end(self, cover_ids: AbstractSet[str]) -> None:
        """Call protections off, stored first. Raises StoreError: they stand then."""
        async with self._one_at_a_time:
            ended = self._endings(cover_ids)
            await self._save(ended)
            self._end(ended)

    def end_now(self, cover_ids: AbstractSet[str]) -> None:
        """Call protections off in this instant; the ledger follows until it has it."""
        self._end(self._endings(cover_ids))
        try:
            self._supervisor.work(self._follow(), name="keep-protection", owner="trading")
        except SupervisorStoppedError as error:
            _log.warning("protection_not_kept", error=str(error))

    def _end(self, ended: list[Ended]) -> None:
        self._history.end(ended)
        for symbol in {one.symbol for one in ended}:
            self._refold(symbol)

    def _endings(self, cover_ids: AbstractSet[str]) -> list[Ended]:
        """The protections of these names as ended here and now, whatever they cover yet."""
        place = self._history.place
        return [
            Ended(cover_id=name, symbol=symbol, place=place)
            for name in sorted(cover_ids)
            if (symbol := self.symbol_of(name))
        ]

    def symbol_of(self, cover_id: str) -> str:
        """The symbol that a protection of this name is on; empty when nobody knows it."""
        known = self._book.get(cover_id) or self._orders.get(cover_id)
        return "" if known is None else known.symbol

    async def _follow(self) -> None:
        await self._durable.write(self._save_now)

    async def _save_now(self) -> None:
        async with self._one_at_a_time:  # not held between two tries: others must get through
            await self._save(())

    async def _save(self, ended: Iterable[Ended], held: Held | None = None) -> None:
        kept = self._history.kept(self._may_fill)
        known = {one.cover_id for one in kept.ended if isinstance(one, Ended)}
        more = (one for one in ended if one.cover_id not in known)
        row = Kept(
            held=kept.held if held is None else (*kept.held, held), ended=(*kept.ended, *more)
        )
        await self._store.record(KIND, self._account_id, self._clock.now_ns(), row)

    def _may_fill(self, cover_id: str) -> bool:
        order = self._orders.get(cover_id)
        return order is not None and not order.state.terminal

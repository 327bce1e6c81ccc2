"""Recaps that were written before, of every account of a store: listed, opened, approved."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.app import registry
from cockpit.app.bookkeeping.books import book_of, known_accounts
from cockpit.app.errors import NothingThereError
from cockpit.app.ledger import ledger_in
from cockpit.app.recapping.acts import ListAct, RecapAct
from cockpit.app.recapping.room import MarketSeen, RecapRoom
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import WallClock
from cockpit.kernel.instance import InstanceLock
from cockpit.market.bars import BarBook
from cockpit.market.session import SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.store import StoredRecap
from cockpit.recap.desk import RecapDesk

if TYPE_CHECKING:
    from cockpit.app.core import Core

MOST = 200
"""Recaps told in one list."""


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """The stored recaps. `own` are those of a session that runs, whose books are ahead."""

    store: SqliteStore
    desk: RecapDesk
    clock: Clock
    own: RecapRoom | None = None
    own_account: str = ""

    async def done(self, act: RecapAct) -> tuple[StoredRecap, ...]:
        """What was asked for, newest first. Raises StoreError, RecapError, NothingThereError."""
        if isinstance(act, ListAct):
            return tuple(map(_bare, await self._listed(act.account)))
        room = await self._room_of(act.recap_id)
        found = await (room.approve if act.approve else room.opened)(act.recap_id)
        return (msgspec.structs.replace(found, facts_json=""),)

    async def _listed(self, account: str) -> Sequence[StoredRecap]:
        accounts = await self._accounts()
        if account and account not in accounts:
            raise _nothing(f"There is no account {account!r}.")
        named = [account] if account else accounts
        found = [one for name in named for one in await self.store.recaps(name, MOST)]
        newest = sorted(found, key=lambda one: one.created_ns, reverse=True)[:MOST]
        asked = {one.account_id for one in newest if _may_turn(one)}  # a book takes its time
        rooms = {name: await self._room(name) for name in sorted(asked)}
        return [
            await rooms[one.account_id].as_of_now(one) if _may_turn(one) else one for one in newest
        ]

    async def _accounts(self) -> Sequence[str]:
        """Accounts that are known, and those of which only recaps are left."""
        known, written = await known_accounts(self.store), await self.store.recap_accounts()
        return sorted({*known, *written})

    async def _room_of(self, recap_id: int) -> RecapRoom:
        for account in await self._accounts():
            if await self.store.recap(account, recap_id) is not None:
                return await self._room(account)
        raise _nothing(f"There is no recap {recap_id}.")

    async def _room(self, account: str) -> RecapRoom:
        if self.own is not None and account == self.own_account:
            return self.own
        labels = {run.account_id: run.label for run in await self.store.runs()}
        empty = TradeBook(account, label=labels.get(account, ""))
        book = await book_of(self.store, account) or empty
        calendar = SessionCalendar()
        market = MarketSeen(bars=BarBook(Bus(), calendar=calendar), calendar=calendar, closes={})
        return RecapRoom(self.desk, book, self.store, self.clock, market)


@asynccontextmanager
async def shelf_in(data_dir: Path) -> AsyncGenerator[Shelf]:
    """The shelf of a data folder where no cockpit runs. Raises KernelError and StoreError."""
    ledger = ledger_in(data_dir)
    lock = InstanceLock(data_dir)
    lock.acquire()
    try:
        store = await open_store(ledger)
        try:
            clock, template = WallClock(), registry.build("writers", "template", {})
            desk = RecapDesk(store, template, template, clock)  # nothing is written with it
            yield Shelf(store=store, desk=desk, clock=clock)
        finally:
            await store.close()
    finally:
        lock.release()


def shelf_beside(core: Core) -> Shelf:
    """The shelf of a session that runs."""
    store = cast("SqliteStore", core.store)
    desk = core.recaps.desk
    return Shelf(
        store=store, desk=desk, clock=core.clock, own=core.recaps, own_account=core.account_id
    )


def _may_turn(recap: StoredRecap) -> bool:
    """Whether it takes the account's trades to know how a recap stands: stale ones stay so."""
    return not recap.stale and recap.kind != "digest"


def _bare(recap: StoredRecap) -> StoredRecap:
    return msgspec.structs.replace(recap, markdown="", facts_json="")


def _nothing(why: str) -> NothingThereError:
    return NothingThereError(why, user_text=f"{why} List what is stored: cockpit recap list")

"""The store port on SQLite. Every method is one job of the writer thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from cockpit.adapters.storage import audit_rows, entry_rows, import_rows, journal_rows, ledger_rows
from cockpit.adapters.storage.database import Database
from cockpit.adapters.storage.writer import Writer
from cockpit.domain.account import Mode
from cockpit.domain.adjustment import Adjustment
from cockpit.domain.excursion import Excursion
from cockpit.domain.fill import Fill
from cockpit.domain.imported import Booking
from cockpit.domain.order import Order
from cockpit.ports.entries import Attachment, EntryQuery, FoundEntry, JournalEntry
from cockpit.ports.imports import ImportBatch
from cockpit.ports.store import Aside, AuditPayload, Run, StoredRecap

T = TypeVar("T")


class KeepAside(Protocol):
    """Keeps facts while the ledger refuses."""

    @property
    def where(self) -> str:
        """The place, for a person."""
        ...

    async def keep(self, facts: Sequence[Aside]) -> None:
        """Keep them, durable when this returns. Raises StoreError."""
        ...


class SqliteStore:
    """Implements `ports.store.Store` and `ports.imports.ImportStore`.

    Made by `open_store`, closed once by its owner.
    Answers come in the order of the calls, each only once its data is on the disk, so
    what was read after a write has seen it. All methods raise StoreError.
    """

    def __init__(self, thread: Writer[Database], path: Path, aside: KeepAside) -> None:
        self._thread = thread
        self._aside = aside
        self.path = path

    @property
    def aside(self) -> str:
        """Where facts wait that were kept aside."""
        return self._aside.where

    async def keep_aside(self, facts: Sequence[Aside]) -> None:
        """Keep facts beside the file; the thread that may be waiting for a lock is not asked."""
        await self._aside.keep(facts)

    async def call(self, job: Callable[[Database], T]) -> T:
        """Run a job of one's own in the batch's transaction."""
        return await self._thread.call(job)

    async def open_run(
        self, mode: Mode, *, label: str, source: str, now_ns: int, fresh: bool = False
    ) -> Run:
        """Open a fresh simulated account (DEMO-1, REPLAY-2, ...).

        Paper and live accounts last: the same label gives the newest one again, unless a
        `fresh` one is asked for.
        """
        run = partial(journal_rows.open_run, mode=mode, label=label, source=source, now_ns=now_ns)
        return await self.call(partial(run, fresh=fresh))

    async def runs(self) -> Sequence[Run]:
        """All runs, oldest first."""
        return await self.call(journal_rows.runs)

    async def traded_accounts(self) -> Sequence[str]:
        """Accounts of sessions that have a fill, by their beginning."""
        return await self.call(journal_rows.traded_accounts)

    async def save_order(self, order: Order) -> None:
        """Store the new state, append it to history and audit log, in one transaction.

        A state of a lower version than the stored one only joins the history.
        """
        await self.call(lambda db: ledger_rows.save_order(db, order))

    async def save_fill(self, fill: Fill, order: Order) -> bool:
        """Store a fill with the order it changed; False when that execution was known."""
        return await self.call(lambda db: ledger_rows.save_fill(db, fill, order))

    async def save_bust(self, execution_id: str, order: Order, reason: str) -> bool:
        """Store that a fill was taken back, with its order; False when that was known."""
        return await self.call(lambda db: ledger_rows.save_bust(db, execution_id, order, reason))

    async def save_adjustment(self, adjustment: Adjustment) -> bool:
        """Store what a position was set to; False when that adjustment was known."""
        return await self.call(lambda db: ledger_rows.save_adjustment(db, adjustment))

    async def record(self, kind: str, account_id: str, ts_ns: int, payload: AuditPayload) -> None:
        """Add a row to the audit log. Raises TypeError for what JSON can't hold."""
        written = audit_rows.written(payload)  # here: nobody can change it on its way
        await self.call(lambda db: audit_rows.add(db, kind, account_id, ts_ns, written))

    async def newest_record(self, kind: str, account_id: str) -> str | None:
        """The payload of the newest row of a kind (JSON); None when there is none."""
        return await self.call(lambda db: audit_rows.newest(db, kind, account_id))

    async def orders(self, account_id: str) -> Sequence[Order]:
        """All orders of the account in their latest state, oldest first."""
        return await self.call(lambda db: ledger_rows.orders(db, account_id))

    async def order_history(self, client_order_id: str) -> Sequence[Order]:
        """Every version of one order, oldest first."""
        return await self.call(lambda db: ledger_rows.order_history(db, client_order_id))

    async def fills(self, account_id: str) -> Sequence[Fill]:
        """All fills of the account by time and execution id, less those taken back."""
        return await self.call(lambda db: ledger_rows.fills(db, account_id))

    async def ledger(self, account_id: str) -> Sequence[Fill | Adjustment]:
        """Fills and adjustments in the order they were booked, less fills taken back."""
        return await self.call(lambda db: ledger_rows.ledger(db, account_id))

    async def booked(self, account_id: str) -> Sequence[Fill | Adjustment | None]:
        """As `ledger`, with None where a fill was taken back: an entry's place never changes."""
        return await self.call(lambda db: ledger_rows.booked(db, account_id))

    async def booked_count(self, account_id: str) -> int:
        """How many entries `booked` has, without reading them."""
        return await self.call(lambda db: ledger_rows.booked_count(db, account_id))

    async def busted(self, account_id: str) -> Mapping[str, str]:
        """The account's fills that were taken back: execution id to client order id."""
        return await self.call(lambda db: ledger_rows.busted(db, account_id))

    async def save_import(self, batch: ImportBatch, bookings: Sequence[Booking]) -> int:
        """Store what is not known yet with its batch; how many that were."""
        return await self.call(lambda db: import_rows.save_import(db, batch, bookings))

    async def withdraw_import(self, batch_id: str, now_ns: int) -> bool:
        """Let an import count no more; False when there is none to take back."""
        return await self.call(lambda db: import_rows.withdraw_import(db, batch_id, now_ns))

    async def imports(self) -> Sequence[ImportBatch]:
        """All imports, oldest first."""
        return await self.call(import_rows.imports)

    async def import_accounts(self) -> Sequence[str]:
        """The accounts that something was imported for."""
        return await self.call(import_rows.import_accounts)

    async def imported(self, account_id: str) -> Sequence[Booking]:
        """What counts of an imported account, by time."""
        return await self.call(lambda db: import_rows.imported(db, account_id))

    async def imported_between(self, first_ns: int, last_ns: int) -> Sequence[tuple[str, Booking]]:
        """What counts of all imported accounts in a span of time, each with its batch."""
        return await self.call(lambda db: import_rows.imported_between(db, first_ns, last_ns))

    async def import_keys(self, account_id: str) -> frozenset[str]:
        """The keys of what counts of an imported account."""
        return await self.call(lambda db: import_rows.import_keys(db, account_id))

    async def save_entry(self, entry: JournalEntry) -> None:
        """Store an entry as a new version, counted here; older versions stay."""
        await self.call(lambda db: entry_rows.save_entry(db, entry))

    async def entry(self, account_id: str, day: str, trade_id: str = "") -> JournalEntry | None:
        """The latest version of a day's or a trade's entry."""
        return await self.call(lambda db: entry_rows.entry(db, account_id, day, trade_id))

    async def entries(self, account_id: str | None = None) -> Sequence[JournalEntry]:
        """The latest version of each day, newest day first; of all accounts when None."""
        return await self.call(lambda db: entry_rows.entries(db, account_id, trades=False))

    async def trade_entries(self, account_id: str | None = None) -> Sequence[JournalEntry]:
        """The latest version of each trade's entry, newest day first."""
        return await self.call(lambda db: entry_rows.entries(db, account_id, trades=True))

    async def entry_versions(
        self, account_id: str, day: str, trade_id: str = ""
    ) -> Sequence[JournalEntry]:
        """Every version of one entry, newest first."""
        return await self.call(lambda db: entry_rows.versions(db, account_id, day, trade_id))

    async def search_entries(
        self, query: EntryQuery, account_id: str | None = None, limit: int = 50
    ) -> Sequence[FoundEntry]:
        """Latest versions that hold what is asked for, the last written first."""
        return await self.call(lambda db: entry_rows.search(db, query, account_id, limit))

    async def save_attachment(self, attachment: Attachment) -> Attachment:
        """Note a file that is kept already."""
        return await self.call(lambda db: entry_rows.save_attachment(db, attachment))

    async def withdraw_attachment(self, attachment_id: int, now_ns: int) -> bool:
        """Let a file be shown no more; False when there is none to take away."""
        return await self.call(lambda db: entry_rows.withdraw_attachment(db, attachment_id, now_ns))

    async def attachments(
        self, account_id: str, day: str, trade_id: str = ""
    ) -> Sequence[Attachment]:
        """The files beside one entry, oldest first."""
        return await self.call(lambda db: entry_rows.attachments(db, account_id, day, trade_id))

    async def save_excursions(self, excursions: Sequence[Excursion]) -> None:
        """Keep what was measured, in the place of what was there of the same trades."""
        await self.call(lambda db: entry_rows.save_excursions(db, excursions))

    async def excursions(self, account_id: str | None = None) -> Sequence[Excursion]:
        """What was measured of an account's trades; of all accounts when None."""
        return await self.call(lambda db: entry_rows.excursions(db, account_id))

    async def save_recap(self, recap: StoredRecap) -> StoredRecap:
        """Store a recap and give it back with its id; the newest of a day and kind counts."""
        return await self.call(lambda db: journal_rows.save_recap(db, recap))

    async def approve_recap(self, account_id: str, recap_id: int, now_ns: int) -> bool:
        """Note when its owner approved it; False where it is stale, approved or not there."""
        return await self.call(
            lambda db: journal_rows.approve_recap(db, account_id, recap_id, now_ns)
        )

    async def mark_recaps_stale(self, account_id: str, day: str) -> None:
        """Note on the recaps of a day that its fills were corrected since they were written."""
        await self.call(lambda db: journal_rows.mark_recaps_stale(db, account_id, day))

    async def recap_accounts(self) -> Sequence[str]:
        """Accounts with a stored recap, by name; also those whose imports were undone."""
        return await self.call(journal_rows.recap_accounts)

    async def recaps(self, account_id: str, most: int | None = None) -> Sequence[StoredRecap]:
        """The recaps of the account, newest first; at most `most` of them, all for None."""
        return await self.call(lambda db: journal_rows.recaps(db, account_id, most))

    async def recap(self, account_id: str, recap_id: int) -> StoredRecap | None:
        """One recap of the account as it stands now."""
        return await self.call(lambda db: journal_rows.recap(db, account_id, recap_id))

    async def close(self) -> None:
        """Finish what was handed over, then close; twice is harmless."""
        await self._thread.close()

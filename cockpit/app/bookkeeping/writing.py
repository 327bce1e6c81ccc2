"""Entries read and written without a session: for accounts of sessions and imported ones."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cockpit.adapters.storage.attachment_files import ATTACHMENTS, AttachmentFolder
from cockpit.adapters.storage.store import SqliteStore
from cockpit.app.bookkeeping.books import book_of, known_accounts, read_ledger
from cockpit.app.bookkeeping.grouping import with_parents
from cockpit.app.bookkeeping.importing import open_imports
from cockpit.app.bookkeeping.subject import Subject
from cockpit.app.errors import NothingThereError
from cockpit.app.ledger import ledger_in
from cockpit.journal.days import day_of
from cockpit.journal.entries import Entries, EntryWords
from cockpit.journal.search import query_of
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.clock import WallClock
from cockpit.ports.clock import Clock
from cockpit.ports.entries import (
    Attachment,
    AttachmentFiles,
    AttachmentKind,
    EntryStore,
    FoundEntry,
    JournalEntry,
)
from cockpit.ports.imports import ImportStore

if TYPE_CHECKING:
    from cockpit.app.core import Core


@dataclass(frozen=True, kw_only=True)
class WritingDesk:
    """One account's entries, for whoever has its ledger open."""

    account_id: str
    day: str
    trade_id: str
    store: EntryStore
    entries: Entries
    files: AttachmentFiles
    clock: Clock

    async def now(self) -> JournalEntry | None:
        """The entry as it stands."""
        return await self.store.entry(self.account_id, self.day, self.trade_id)

    async def write(self, words: EntryWords) -> JournalEntry:
        """Change it; see `Entries.write`."""
        return await self.entries.write(self.day, words, self.trade_id)

    async def attach(self, path: Path) -> Attachment:
        """Keep a copy of a file beside it. Raises AttachmentError."""
        digest, name, size = await asyncio.to_thread(self.files.keep_file, path)
        entry = await self.now() or await self.write(EntryWords(note=""))
        return await self.store.save_attachment(
            Attachment(
                account_id=self.account_id,
                day=entry.day,
                trade_id=self.trade_id,
                name=name,
                kind=AttachmentKind.FILE,
                digest=digest,
                size=size,
                added_ns=self.clock.now_ns(),
            )
        )

    async def attachments(self) -> Sequence[Attachment]:
        """The files beside it."""
        return await self.store.attachments(self.account_id, self.day, self.trade_id)


@asynccontextmanager
async def writing(data_dir: Path, about: Subject) -> AsyncGenerator[WritingDesk]:
    """The entry named, to read and to change, where no cockpit runs.

    Raises StoreError, InstanceError, and NothingThereError when the account is not known, or
    not named while there are several.
    """
    ledger_in(data_dir)
    async with open_imports(data_dir) as store:
        account_id = await _account(store, about.account)
        book = await book_of(store, account_id) or TradeBook(account_id)
        yield desk_at(Entries(book, store, WallClock()), store, data_dir, about, WallClock())


async def writing_beside(core: Core, about: Subject) -> WritingDesk:
    """The same in a session that runs; without a name the account is the session's own.

    The ledger's thread is not asked for what another account has traded: orders wait for it.
    """
    store, clock = core.store, core.clock
    if about.account in ("", core.account_id):
        return desk_at(core.journal.entries, store, core.data_dir, about, clock)
    async with read_ledger(core.data_dir) as reader:
        account_id = await _account(reader, about.account)
        book = await book_of(reader, account_id) or TradeBook(account_id)
    return desk_at(Entries(book, store, clock), store, core.data_dir, about, clock)


def imports_of(core: Core) -> ImportStore:
    """The session's ledger as the keeper of imports, which lie in the same file."""
    return cast("ImportStore", core.store)


def desk_at(
    entries: Entries, store: EntryStore, data_dir: Path, about: Subject, clock: Clock
) -> WritingDesk:
    """Where the entry named is written."""
    return WritingDesk(
        account_id=entries.account_id,
        day=about.day or day_of(clock.now_ns()),
        trade_id=about.trade_id,
        store=store,
        entries=entries,
        files=attachments_in(data_dir),
        clock=clock,
    )


async def found_entries(
    data_dir: Path, text: str, account: str = "", limit: int = 50
) -> Sequence[FoundEntry]:
    """Entries that hold what is asked for, the last written first. Raises StoreError."""
    async with read_ledger(data_dir) as store:
        return await store.search_entries(query_of(text), account or None, limit)


async def all_tags(data_dir: Path, account: str = "") -> Counter[str]:
    """How many entries stand under each tag, those above it counted too. Raises StoreError."""
    async with read_ledger(data_dir) as store:
        named = account or None
        entries = [*await store.entries(named), *await store.trade_entries(named)]
    return Counter(tag for entry in entries for tag in with_parents(entry.tags))


def attachments_in(data_dir: Path) -> AttachmentFolder:
    """Where the files beside entries are kept."""
    return AttachmentFolder(data_dir / ATTACHMENTS)


async def _account(store: SqliteStore, named: str) -> str:
    known = await known_accounts(store)
    if named in known:
        return named
    if not named and len(known) == 1:
        return known[0]
    why = f"Nothing is stored for an account {named!r}." if named else (
        "There are several accounts." if known else "No account has traded yet."
    )  # fmt: skip
    step = "Name one with --account. List them: cockpit journal accounts"
    raise NothingThereError(why, user_text=f"{why} {step}")

"""What a person may ask of the journal."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cockpit.journal.entries import Entries, EntryWords
from cockpit.journal.journal import Journal
from cockpit.journal.tradebook import TradeBook
from cockpit.ports.clock import Clock
from cockpit.ports.entries import (
    Attachment,
    AttachmentFiles,
    AttachmentKind,
    EntryStore,
    JournalEntry,
)


class JournalCommands:
    """A part of `Commands`."""

    def __init__(
        self,
        *,
        clock: Clock,
        journal: Journal,
        entry_store: EntryStore,
        files: AttachmentFiles,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._entry_store = entry_store
        self._files = files

    async def write_note(
        self, day: str, note: str, tags: tuple[str, ...] = (), rating: int | None = None
    ) -> JournalEntry:
        """Keep the trader's words with the day's entry."""
        return await self._journal.write_note(day, note, tags, rating)

    async def write_entry(
        self, day: str, words: EntryWords, trade_id: str = "", *, of: TradeBook | None = None
    ) -> JournalEntry:
        """Change the entry of a day, or of a trade; what is unset in `words` stays.

        `of` is another account's book than the session's own.
        """
        return await self._entries(of).write(day, words, trade_id)

    async def restore_entry(
        self,
        day: str,
        version: int | None = None,
        trade_id: str = "",
        *,
        of: TradeBook | None = None,
    ) -> JournalEntry:
        """Bring the words of an earlier version back, as a new one."""
        return await self._entries(of).restore(day, version, trade_id)

    async def attach_file(
        self, day: str, path: Path, trade_id: str = "", *, of: TradeBook | None = None
    ) -> Attachment:
        """Keep a copy of a file beside an entry. Raises AttachmentError."""
        kept = await asyncio.to_thread(self._files.keep_file, path)
        account = (of or self._journal).account_id
        return await self._attached(day, trade_id, kept, AttachmentKind.FILE, account)

    async def attach_picture(
        self, day: str, trade_id: str, content: bytes, name: str, kind: AttachmentKind
    ) -> Attachment:
        """Keep a picture of the chart beside a trade that may still be open."""
        digest, shown = await asyncio.to_thread(self._files.keep, content, name)
        kept = (digest, shown, len(content))
        return await self._attached(day, trade_id, kept, kind, self._journal.account_id)

    async def remove_attachment(self, attachment: Attachment) -> None:
        """Show a file no more; its content stays in the data folder."""
        now = self._clock.now_ns()
        await self._entry_store.withdraw_attachment(attachment.attachment_id, now)

    def path_of(self, attachment: Attachment) -> Path:
        """Where an attached file is, once its content is proven. Raises AttachmentError."""
        self._files.read(attachment.digest, attachment.name)
        return self._files.path_of(attachment.digest, attachment.name)

    def _entries(self, of: TradeBook | None) -> Entries:
        if of is None or of is self._journal:
            return self._journal.entries
        return Entries(of, self._entry_store, self._clock)

    async def _attached(
        self,
        day: str,
        trade_id: str,
        kept: tuple[str, str, int],
        kind: AttachmentKind,
        account_id: str,
    ) -> Attachment:
        digest, name, size = kept
        return await self._entry_store.save_attachment(
            Attachment(
                account_id=account_id,
                day=day,
                trade_id=trade_id,
                name=name,
                kind=kind,
                digest=digest,
                size=size,
                added_ns=self._clock.now_ns(),
            )
        )

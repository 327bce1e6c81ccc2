"""What a trader writes beside the facts: entries of days and trades, found again, with files."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

from cockpit.domain.errors import CockpitError
from cockpit.domain.excursion import Excursion


class Tick(msgspec.Struct, frozen=True):
    """One line of a list to be ticked off: a rule that was followed or not, a check made or not."""

    text: str
    done: bool = False


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry about a day, or with `trade_id` about one trade; `day` is when that closed.

    `drafted` is written by code from facts, all else by the trader. `tags` may lie below one
    another, as `setup/orb`. Each change is a new `version`.
    """

    account_id: str
    day: str
    drafted: str
    note: str = ""
    tags: tuple[str, ...] = ()
    rating: int | None = None
    updated_ns: int = 0
    version: int = 1
    trade_id: str = ""
    mistakes: tuple[str, ...] = ()
    rules: tuple[Tick, ...] = ()
    checklist: tuple[Tick, ...] = ()


def tag_levels(tag: str) -> tuple[str, ...]:
    """A tag and all above it, the highest first: `a/b/c` lies below `a/b` and `a`."""
    parts = tag.split("/")
    return tuple("/".join(parts[: depth + 1]) for depth in range(len(parts)))


class EntryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What entries must hold: each word's beginning, each phrase, each tag or one below it.

    `without` are words that must not be there. An empty query finds every entry.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class FoundEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with the part of it that fits, the words found within brackets."""

    entry: JournalEntry
    excerpt: str


class AttachmentKind(StrEnum):
    """Where a file came from: a person, or the chart as it was at entry or exit."""

    FILE = "file"
    ENTRY = "entry"
    EXIT = "exit"


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file beside an entry. `digest` is its content's SHA-256 and says where it is kept."""

    account_id: str
    day: str
    trade_id: str
    name: str
    kind: AttachmentKind
    digest: str
    size: int
    added_ns: int
    attachment_id: int = 0


class AttachmentError(CockpitError):
    """A file can't be attached, found or read; `user_text` says why."""

    code = "ATTACHMENT"


class EntryStore(Protocol):
    """All calls return once the data is durable; they raise StoreError."""

    async def save_entry(self, entry: JournalEntry) -> None:
        """Store an entry as a new version; older versions stay."""
        ...

    async def entry(self, account_id: str, day: str, trade_id: str = "") -> JournalEntry | None:
        """The latest version of a day's entry, or of a trade's, whatever day that stands under."""
        ...

    async def entries(self, account_id: str | None = None) -> Sequence[JournalEntry]:
        """The latest version of each day, newest day first; of all accounts when None."""
        ...

    async def trade_entries(self, account_id: str | None = None) -> Sequence[JournalEntry]:
        """The latest version of each trade's entry, newest day first."""
        ...

    async def entry_versions(
        self, account_id: str, day: str, trade_id: str = ""
    ) -> Sequence[JournalEntry]:
        """Every version of one entry, newest first."""
        ...

    async def search_entries(
        self, query: EntryQuery, account_id: str | None = None, limit: int = 50
    ) -> Sequence[FoundEntry]:
        """Latest versions that hold what is asked for, the last written first."""
        ...

    async def save_attachment(self, attachment: Attachment) -> Attachment:
        """Note a file that is kept already; it comes back with its number."""
        ...

    async def withdraw_attachment(self, attachment_id: int, now_ns: int) -> bool:
        """Let a file be shown no more; False when there is none to take away."""
        ...

    async def attachments(
        self, account_id: str, day: str, trade_id: str = ""
    ) -> Sequence[Attachment]:
        """The files beside one entry, oldest first."""
        ...


class ExcursionStore(Protocol):
    """All calls return once the data is durable; they raise StoreError."""

    async def save_excursions(self, excursions: Sequence[Excursion]) -> None:
        """Keep what was measured; it takes the place of what was there of the same trades."""
        ...

    async def excursions(self, account_id: str | None = None) -> Sequence[Excursion]:
        """What was measured of an account's trades; of all accounts when None."""
        ...


class AttachmentFiles(Protocol):
    """Keeps files by their content. Blocks: call it beside the loop. Raises AttachmentError."""

    def keep(self, content: bytes, name: str) -> tuple[str, str]:
        """Keep a content; its digest, and the name it is shown by."""
        ...

    def keep_file(self, path: Path) -> tuple[str, str, int]:
        """Keep a copy of a file; its digest, the name it is shown by, and its size."""
        ...

    def read(self, digest: str, name: str) -> bytes:
        """The content, which must still be what it was."""
        ...

    def path_of(self, digest: str, name: str) -> Path:
        """Where it is, for another program to open."""
        ...

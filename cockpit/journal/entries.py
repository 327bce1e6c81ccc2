"""Writing entries: the trader's words beside the drafted text, each change a version of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from cockpit.domain.trade import Trade
from cockpit.journal.days import Day, day_of, iso_day
from cockpit.journal.entry import draft_entry_text, draft_trade_text
from cockpit.journal.errors import BadEntryError, NoSuchTradeError, NoSuchVersionError
from cockpit.journal.tradebook import TradeBook
from cockpit.ports.clock import Clock
from cockpit.ports.entries import EntryStore, JournalEntry, Tick

HIGHEST_RATING = 5
LONGEST_NOTE = 200_000
LONGEST_TAG = 80
WORDS = ("note", "tags", "rating", "mistakes", "rules", "checklist")
"""The fields of an entry that are the trader's own."""


class EntryWords(msgspec.Struct, frozen=True, kw_only=True):
    """What a trader changes of an entry; what is left unset stays as it is."""

    note: str | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    rating: int | UnsetType | None = UNSET
    mistakes: tuple[str, ...] | UnsetType = UNSET
    rules: tuple[Tick, ...] | UnsetType = UNSET
    checklist: tuple[Tick, ...] | UnsetType = UNSET

    @staticmethod
    def of(entry: JournalEntry) -> EntryWords:
        """All of the trader's words in an entry."""
        return EntryWords(**{name: getattr(entry, name) for name in WORDS})

    def changes(self) -> dict[str, Any]:
        """What is set, tidied. Raises BadEntryError for what can't be kept."""
        told = {n: value for n in WORDS if (value := getattr(self, n)) is not UNSET}
        if "tags" in told:
            told["tags"] = tidy_tags(told["tags"])
        if "mistakes" in told:
            told["mistakes"] = tuple(
                dict.fromkeys(m.strip() for m in told["mistakes"] if m.strip())
            )
        rating = told.get("rating")
        if rating is not None and not 1 <= rating <= HIGHEST_RATING:
            raise BadEntryError(f"A rating is 1 to {HIGHEST_RATING}, not {rating}.")
        if len(told.get("note", "")) > LONGEST_NOTE:
            raise BadEntryError(f"A note holds {LONGEST_NOTE:,} characters at most.")
        return told


class Entries:
    """Drafts and writes the entries of one account, one change after the other.

    `written` is called with each new version once it is stored. All methods raise StoreError.
    """

    def __init__(
        self,
        book: TradeBook,
        store: EntryStore,
        clock: Clock,
        written: Callable[[JournalEntry], object] = lambda _entry: None,
    ) -> None:
        self._book, self._store, self._clock, self._written = book, store, clock, written
        self._writing = asyncio.Lock()

    @property
    def account_id(self) -> str:
        """Whose entries they are."""
        return self._book.account_id

    async def draft(self, day: Day) -> JournalEntry:
        """The day's entry written anew from its trades; a new version only when it changed."""
        iso = iso_day(day)
        async with self._writing:
            before = await self._entry(iso, "")
            drafted = draft_entry_text(self._book, iso)
            return (
                before if drafted == before.drafted else await self._save(before, drafted=drafted)
            )

    async def write(self, day: Day, words: EntryWords, trade_id: str = "") -> JournalEntry:
        """Keep the trader's words with a day or a trade; `day` counts for nothing with a trade.

        What changes nothing makes no version. Raises BadDayError, BadEntryError and
        NoSuchTradeError.
        """
        changes = words.changes()
        trade = self._book.trade(trade_id) if trade_id else None
        async with self._writing:
            before = await self._entry(self._day(day, trade_id, trade), trade_id)
            if trade_id and trade is None and not before.version:
                raise NoSuchTradeError(trade_id, self._book.account_id)
            if before.version and all(getattr(before, n) == told for n, told in changes.items()):
                return before
            return await self._save(before, **changes, drafted=self._drafted(before, trade))

    async def versions(self, day: Day, trade_id: str = "") -> Sequence[JournalEntry]:
        """Every version of an entry, newest first."""
        iso = self._day(day, trade_id, None)
        return await self._store.entry_versions(self._book.account_id, iso, trade_id)

    async def restore(
        self, day: Day, version: int | None = None, trade_id: str = ""
    ) -> JournalEntry:
        """The trader's words as they were in `version`, as a new version.

        Without one, as they were before they were last changed. Raises NoSuchVersionError.
        """
        every = await self.versions(day, trade_id)
        found = _former(every) if version is None else _numbered(every, version)
        if found is None:
            raise NoSuchVersionError(version)
        return await self.write(day, EntryWords.of(found), trade_id)

    @staticmethod
    def _day(day: Day, trade_id: str, trade: Trade | None) -> str:
        """The day that an entry stands under; a trade's is found without one."""
        if trade is not None:
            return day_of(trade.closed_ns)
        return "" if trade_id else iso_day(day)

    def _drafted(self, before: JournalEntry, trade: Trade | None) -> str:
        if trade is not None:
            return draft_trade_text(trade)
        if before.trade_id:
            return before.drafted  # a correction opened it again: what is written about it stays
        return before.drafted or draft_entry_text(self._book, before.day)

    async def _entry(self, day: str, trade_id: str) -> JournalEntry:
        account_id = self._book.account_id
        found = await self._store.entry(account_id, day, trade_id)
        return found or JournalEntry(
            account_id=account_id, day=day, trade_id=trade_id, drafted="", version=0
        )

    async def _save(self, before: JournalEntry, **changes: Any) -> JournalEntry:
        entry = msgspec.structs.replace(
            before, **changes, updated_ns=self._clock.now_ns(), version=before.version + 1
        )
        await self._store.save_entry(entry)
        self._written(entry)
        return entry


def tidy_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without the sign of a hash and empty levels, each once whatever its case.

    Raises BadEntryError for one that is too long.
    """
    found: dict[str, str] = {}
    for tag in tags:
        levels = (level.strip() for level in tag.strip().lstrip("#").split("/"))
        tidy = "/".join(filter(None, levels))
        if len(tidy) > LONGEST_TAG:
            raise BadEntryError(f"A tag holds {LONGEST_TAG} characters at most.")
        if tidy:
            found.setdefault(tidy.casefold(), tidy)
    return tuple(found.values())


def _former(every: Sequence[JournalEntry]) -> JournalEntry | None:
    """The newest version whose words are not those of now."""
    if not every:
        return None
    now = EntryWords.of(every[0])
    return next((entry for entry in every[1:] if EntryWords.of(entry) != now), None)


def _numbered(every: Sequence[JournalEntry], version: int) -> JournalEntry | None:
    return next((entry for entry in every if entry.version == version), None)

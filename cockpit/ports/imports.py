"""The keeper of imported statements: what was booked from which file, and how to undo it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from cockpit.domain.imported import Booking


class ImportBatch(msgspec.Struct, frozen=True, kw_only=True):
    """One import of one file. `digest` is the file's SHA-256, `bookings` how many it brought."""

    batch_id: str
    format: str
    file_name: str
    digest: str
    imported_ns: int
    bookings: int = 0
    withdrawn_ns: int | None = None


class ImportStore(Protocol):
    """All calls return once the data is durable; they raise StoreError."""

    async def save_import(self, batch: ImportBatch, bookings: Sequence[Booking]) -> int:
        """Store what is not known yet, in one transaction; how many that were.

        Nothing at all is stored, also no batch, when every booking is known. A batch that is
        there already takes more in, so that many bookings can be stored in parts.
        """
        ...

    async def withdraw_import(self, batch_id: str, now_ns: int) -> bool:
        """Take an import back: its bookings count no more. False when there is none to take."""
        ...

    async def imports(self) -> Sequence[ImportBatch]:
        """All imports, oldest first, those taken back among them."""
        ...

    async def import_accounts(self) -> Sequence[str]:
        """The accounts that something was imported for, sorted."""
        ...

    async def imported(self, account_id: str) -> Sequence[Booking]:
        """What counts of an account, by time and the order in which it was booked."""
        ...

    async def imported_between(self, first_ns: int, last_ns: int) -> Sequence[tuple[str, Booking]]:
        """What counts of all accounts in a span of time, both ends included, with its batch."""
        ...

    async def import_keys(self, account_id: str) -> frozenset[str]:
        """The keys of what counts of an account."""
        ...

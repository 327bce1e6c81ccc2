"""The books of other accounts, for a session that looks at them beside its own."""

from __future__ import annotations

from pathlib import Path

from cockpit.app.bookkeeping.books import AccountBook, read_books, read_ledger


class Shelf:
    """Reads the ledger beside the session, so that no order waits for it."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    async def accounts(self) -> list[str]:
        """Every account that has traded: sessions' by their beginning, then imported ones.

        Raises StoreError.
        """
        async with read_ledger(self._data_dir) as store:
            names = [*await store.traded_accounts(), *await store.import_accounts()]
        return list(dict.fromkeys(names))

    async def book(self, account: str) -> AccountBook | None:
        """What the account has traded; None when nothing. Raises StoreError."""
        async with read_ledger(self._data_dir) as store:
            found = await read_books(store, account)
        return found[0] if found else None

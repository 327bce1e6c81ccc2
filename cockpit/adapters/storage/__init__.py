"""The ledger on SQLite: one thread, one connection, group commit.

Import `open_store` and `open_reader` from here; the database libraries load in the store's own
thread, so this import is light and the window paints first.
"""

from __future__ import annotations

from cockpit.adapters.storage.opening import open_reader, open_store

__all__ = ["open_reader", "open_store"]

"""Imported statements: known once, taken back whole, never changed."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.domain.imported import Booking, CashKind, CashMovement, Execution, Expiry
from cockpit.domain.order import Side
from cockpit.ports.imports import ImportBatch

D = Decimal


def batch(name: str, at: int = 1) -> ImportBatch:
    return ImportBatch(batch_id=name, format="table", file_name="f.csv", digest="d", imported_ns=at)


def booking(key: str, at: int = 1, account: str = "A") -> Booking:
    entry = Execution(symbol="XMPL", side=Side.BUY, quantity=D(1), price=D("1.10"))
    return Booking(key=key, account_id=account, ts_event=at, entry=entry, text="BUY 1")


async def test_what_is_stored_comes_back_by_time(store: SqliteStore) -> None:
    cash = CashMovement(kind=CashKind.FEE, amount=D("-0.02"))
    every = [
        booking("late", 9),
        booking("early", 2),
        Booking(key="cash", account_id="A", ts_event=5, entry=cash, timed=False),
        Booking(key="x", account_id="B", ts_event=1, entry=Expiry(symbol="O", quantity=D(2))),
    ]
    assert await store.save_import(batch("one"), every) == 4
    assert [b.key for b in await store.imported("A")] == ["early", "cash", "late"]
    assert await store.imported("B") == every[3:]
    assert await store.import_accounts() == ["A", "B"]
    assert [b.bookings for b in await store.imports()] == [4]


async def test_a_booking_is_stored_once(store: SqliteStore) -> None:
    await store.save_import(batch("one"), [booking("a")])
    assert await store.save_import(batch("two"), [booking("a"), booking("b")]) == 1
    assert await store.save_import(batch("three"), [booking("a"), booking("b")]) == 0
    assert await store.import_keys("A") == {"a", "b"}
    assert [b.batch_id for b in await store.imports()] == ["one", "two"]


async def test_an_import_is_taken_back_and_can_come_again(store: SqliteStore) -> None:
    await store.save_import(batch("one"), [booking("a")])
    assert await store.withdraw_import("one", 7)
    assert not await store.withdraw_import("one", 8)
    assert not await store.withdraw_import("none", 8)
    assert await store.imported("A") == []
    assert await store.import_accounts() == []
    assert [b.withdrawn_ns for b in await store.imports()] == [7]
    assert await store.save_import(batch("two"), [booking("a")]) == 1
    assert [b.key for b in await store.imported("A")] == ["a"]


async def test_what_was_imported_is_never_changed(store: SqliteStore, path: Path) -> None:
    await store.save_import(batch("one"), [booking("a")])
    await store.close()
    with sqlite3.connect(path) as raw:
        for statement in (
            "UPDATE import_booking SET ts_event = 2",
            "DELETE FROM import_booking",
            "DELETE FROM import_batch",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(statement)
    raw.close()
    again = await open_store(path)
    assert [b.ts_event for b in await again.imported("A")] == [1]
    await again.close()

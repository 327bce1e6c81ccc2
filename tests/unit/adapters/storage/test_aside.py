"""What is kept beside a ledger that refuses, and how it joins it: once, whole, in order."""

from __future__ import annotations

import io
import os
import sqlite3
import stat
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.aside import NAME, SIZE, AsideFile
from cockpit.adapters.storage.audit_file import read_audit, verify_audit
from cockpit.adapters.storage.database import Database
from cockpit.adapters.storage.store import SqliteStore
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.ports.store import Aside, StoreError

ACCOUNT = "PAPER-1"


def order(number: int = 1) -> Order:
    intent = OrderIntent(
        intent_id=f"kill/{number}",
        account_id=ACCOUNT,
        symbol="ABC",
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=Decimal(10),
    )
    return Order(client_order_id=f"K-{number}", intent=intent, created_ns=1, updated_ns=1)


def version(of: Order) -> Aside:
    return Aside(kind="order", account_id=ACCOUNT, ts_ns=of.updated_ns, payload=of)


def gate(number: int = 1) -> Aside:
    told = {"client_order_id": f"K-{number}", "passed": True}
    return Aside(kind="gate", account_id=ACCOUNT, ts_ns=2, payload=told)


def road(number: int = 1) -> list[Aside]:
    """All facts of one order up to the send."""
    facts, now = [version(order(number)), gate(number)], order(number)
    for state in (OrderState.APPROVED, OrderState.RESERVED, OrderState.SENDING):
        now = now.moved_to(state, now.updated_ns + 1)
        facts.append(version(now))
    return facts


async def full(store: SqliteStore) -> Database:
    """A ledger whose last page is taken: SQLite refuses as on a full disk."""

    async def fill_up() -> None:
        for number in range(200):
            await store.record("test", ACCOUNT, number, {"filler": "x" * 2000})

    database = await store.call(lambda db: db)
    await store.call(lambda db: db.execute("PRAGMA max_page_count=1", {}).close())
    with pytest.raises(StoreError, match="FULL"):
        await fill_up()
    return database


async def room_again(store: SqliteStore, database: Database) -> None:
    """The disk has room; the limit is set past the fold, which can't work yet."""
    database.beside, folding = None, database.beside
    await store.call(lambda db: db.execute("PRAGMA max_page_count=1000000", {}).close())
    database.beside = folding


def kinds(path: Path) -> list[str]:
    return [row.kind for row in read_audit(path)]


def is_empty(path: Path) -> bool:
    return path.with_name(NAME).read_bytes() == bytes(SIZE)


def test_its_space_is_taken_and_it_is_the_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / NAME
    AsideFile.open(path).close()
    assert path.read_bytes() == bytes(SIZE)
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.stat().st_blocks * 512 >= SIZE


def test_what_was_kept_is_read_again_by_the_next_start(tmp_path: Path) -> None:
    first = AsideFile.open(tmp_path / NAME)
    first.append(road())
    first.append([gate(2)])
    rows = first.rows
    first.close()
    second = AsideFile.open(tmp_path / NAME)
    assert second.rows == rows
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5, 6]
    second.append([gate(3)])
    assert [row.seq for row in second.rows][-1] == 7
    second.close()


@pytest.mark.parametrize("keep", [0, 1, 30, 200, 700])
def test_a_line_that_was_cut_short_was_never_kept(keep: int) -> None:
    memory = io.BytesIO()
    file = AsideFile.in_memory(memory)
    file.append([gate(1)])
    end = len(memory.getvalue())
    file.append(road(2))
    torn = bytearray(memory.getvalue())
    torn[end + keep :] = bytes(len(torn) - end - keep)
    again = AsideFile.in_memory(io.BytesIO(bytes(torn)))
    assert again.rows == file.rows[: len(again.rows)]
    assert len(again.rows) == 1 + torn[end : end + keep].count(b"\n")
    again.append([gate(3)])
    assert AsideFile.in_memory(io.BytesIO(bytes(again._file.getvalue()))).rows == again.rows


def test_a_changed_line_and_all_after_it_are_not_believed() -> None:
    memory = io.BytesIO()
    file = AsideFile.in_memory(memory)
    file.append([gate(1), gate(2), gate(3)])
    changed = memory.getvalue().replace(b"K-2", b"K-9", 1)
    assert len(AsideFile.in_memory(io.BytesIO(changed)).rows) == 1


class Torn(io.BytesIO):
    """A disk on which the next write ends early."""

    tears_at = -1

    def write(self, content: bytes) -> int:  # type: ignore[override]
        cut, self.tears_at = self.tears_at, -1
        return super().write(content if cut < 0 else content[:cut])


def test_what_is_kept_after_it_was_half_emptied_is_read_again() -> None:
    disk = Torn(bytes(SIZE))
    file = AsideFile.in_memory(disk)
    file.append(road(1))
    disk.tears_at = 50
    with pytest.raises(OSError, match="a part"):
        file.forget(5)
    file.append(road(2))
    assert AsideFile.in_memory(disk).rows == file.rows
    assert len(file.rows) == 10


def test_it_never_grows(tmp_path: Path) -> None:
    file = AsideFile.open(tmp_path / NAME)

    def fill_up() -> None:
        for number in range(10_000):
            file.append(road(number))

    with pytest.raises(StoreError, match="full"):
        fill_up()
    kept = file.rows
    assert len(kept) > 1000
    file.close()
    assert (tmp_path / NAME).stat().st_size == SIZE
    again = AsideFile.open(tmp_path / NAME)
    assert again.rows == kept
    again.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fails_is_told() -> None:
    with Path("/dev/full").open("r+b", buffering=0) as device:
        file = AsideFile(io.BytesIO(), "here", lambda: os.fsync(device.fileno()))
        file._file = device
        with pytest.raises(StoreError, match="here"):
            file.append([gate()])
        assert not file.rows


async def test_it_joins_the_ledger_before_anything_else(store: SqliteStore, path: Path) -> None:
    await store.keep_aside(road())
    sending = order().moved_to(OrderState.APPROVED, 2).moved_to(OrderState.RESERVED, 3)
    acked = sending.moved_to(OrderState.SENDING, 4).moved_to(OrderState.ACKED, 5)
    await store.save_order(acked)
    states = [o.state.value for o in await store.order_history("K-1")]
    assert states == ["draft", "approved", "reserved", "sending", "acked"]
    assert kinds(path) == ["emergency", "order", "gate", "order", "order", "order", "order"]
    await store.close()
    assert is_empty(path)
    report = verify_audit(path)
    assert report is not None
    assert (report.fault, report.difference) == ("", "")


async def test_the_next_start_takes_it_in_before_it_reads(store: SqliteStore, path: Path) -> None:
    await store.keep_aside(road())
    await store.close()
    assert kinds(path) == []
    again = await open_store(path)
    [found] = await again.orders(ACCOUNT)
    assert found.state is OrderState.SENDING
    await again.close()
    assert is_empty(path)


async def test_a_death_before_it_was_emptied_doubles_nothing(
    store: SqliteStore, path: Path
) -> None:
    await store.keep_aside(road(1))
    file = path.with_name(NAME)
    before = file.read_bytes()
    assert len(await store.orders(ACCOUNT)) == 1
    await store.close()
    file.write_bytes(before)
    again = await open_store(path)
    assert len(await again.orders(ACCOUNT)) == 1
    assert len(kinds(path)) == 6
    await again.close()
    assert is_empty(path)


async def test_what_came_meanwhile_waits_for_the_next_transaction(
    store: SqliteStore, path: Path
) -> None:
    await store.keep_aside(road(1))

    def append_within(_db: object) -> None:
        store._aside._file.append(road(2))  # type: ignore[attr-defined]

    await store.call(append_within)
    assert not is_empty(path)
    assert [o.client_order_id for o in await store.orders(ACCOUNT)] == ["K-1", "K-2"]
    await store.close()
    assert is_empty(path)
    assert kinds(path).count("gate") == 2


async def test_a_ledger_that_is_full_takes_it_in_once_there_is_room(
    store: SqliteStore, path: Path
) -> None:
    database = await full(store)
    await store.keep_aside(road())
    with pytest.raises(StoreError, match="FULL"):
        await store.record("test", ACCOUNT, 1, {"filler": "x" * 9000})
    assert not is_empty(path)
    await room_again(store, database)
    assert [o.state for o in await store.orders(ACCOUNT)] == [OrderState.SENDING]
    assert is_empty(path)


async def test_a_locked_ledger_does_not_hold_it_up(store: SqliteStore, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await store.keep_aside(road())
        with pytest.raises(StoreError, match="BUSY"):
            await store.save_order(order(2))
        other.execute("ROLLBACK")
    await store.save_order(order(2))
    assert [o.client_order_id for o in await store.orders(ACCOUNT)] == ["K-1", "K-2"]


async def test_without_the_file_the_ledger_works_and_nothing_is_kept_aside(path: Path) -> None:
    path.with_name(NAME).mkdir(parents=True)
    store = await open_store(path)
    await store.save_order(order())
    with pytest.raises(StoreError, match="emergency"):
        await store.keep_aside(road(2))
    await store.close()


async def test_after_the_end_nothing_is_kept(store: SqliteStore) -> None:
    await store.close()
    with pytest.raises(StoreError, match="emergency"):
        await store.keep_aside(road())

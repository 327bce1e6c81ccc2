from __future__ import annotations

import asyncio
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.database import Database
from cockpit.adapters.storage.store import SqliteStore
from cockpit.domain.account import Mode
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.ports.entries import JournalEntry
from cockpit.ports.store import Store, StoredRecap, StoreError, account_source

D = Decimal


def make_order(number: int = 1, account: str = "DEMO-1", **changes: Any) -> Order:
    intent = OrderIntent(
        intent_id=f"i{number}",
        account_id=account,
        symbol="AAPL",
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=D("100.000"),
        limit_price=D("157.2300"),
        planned_stop=D("156.10"),
        note='breakout, it\'s "fine"',
    )
    order = Order(client_order_id=f"o{number}", intent=intent, created_ns=number, updated_ns=number)
    return msgspec.structs.replace(order, **changes)


def make_fill(number: int = 1, order: int = 1, account: str = "DEMO-1", **changes: Any) -> Fill:
    fill = Fill(
        execution_id=f"x{number}",
        account_id=account,
        client_order_id=f"o{order}",
        symbol="AAPL",
        side=Side.BUY,
        quantity=D("0.1"),
        price=D("157.230000000000000001"),
        fee=D("-0.0035"),
        ts_event=1_514_903_400_123_456_789 + number,
        ts_init=1_514_903_400_123_456_790,
        planned_target=D("160"),
    )
    return msgspec.structs.replace(fill, **changes)


async def test_an_order_comes_back_exactly(store: SqliteStore) -> None:
    order = make_order(average_price=D("1E+2"), filled=D("0.10"), venue_order_id="v", replaces="o0")
    await store.save_order(order)
    (found,) = await store.orders("DEMO-1")
    assert found == order
    assert str(found.average_price) == "1E+2"
    assert str(found.intent.quantity) == "100.000"


async def test_the_latest_state_counts_and_the_history_keeps_all(store: SqliteStore) -> None:
    first = make_order()
    second = first.moved_to(OrderState.PENDING_APPROVAL, 5, code="A", text="asked")
    third = second.moved_to(OrderState.DENIED, 6)
    for order in (first, second, third):
        await store.save_order(order)
    assert await store.orders("DEMO-1") == [third]
    assert await store.order_history("o1") == [first, second, third]


async def test_a_late_write_can_not_move_an_order_back(store: SqliteStore) -> None:
    first = make_order()
    second = first.moved_to(OrderState.DENIED, 5)
    await store.save_order(second)
    await store.save_order(first)
    assert await store.orders("DEMO-1") == [second]


async def test_two_accounts_may_use_the_same_ids(store: SqliteStore) -> None:
    for account in ("DEMO-1", "DEMO-2"):
        assert await store.save_fill(make_fill(account=account), make_order(account=account))
    assert len(await store.fills("DEMO-1")) == len(await store.fills("DEMO-2")) == 1
    (of_the_last,) = await store.order_history("o1")
    assert of_the_last.intent.account_id == "DEMO-2"


async def test_a_fill_comes_back_exactly_and_only_once(store: SqliteStore) -> None:
    fill, order = make_fill(), make_order()
    assert await store.save_fill(fill, order) is True
    changed = msgspec.structs.replace(order, filled=D(99), version=9)
    assert await store.save_fill(msgspec.structs.replace(fill, price=D(1)), changed) is False
    assert await store.fills("DEMO-1") == [fill]
    assert await store.orders("DEMO-1") == [order]
    assert len(await store.order_history("o1")) == 1


async def test_fills_come_by_time_and_execution_id(store: SqliteStore) -> None:
    for name, time in (("b", 7), ("a", 7), ("c", 3)):
        fill = make_fill(execution_id=name, ts_event=time)
        await store.save_fill(fill, make_order())
    assert [fill.execution_id for fill in await store.fills("DEMO-1")] == ["c", "a", "b"]


async def test_a_fill_without_its_order_is_refused(store: SqliteStore) -> None:
    stray = make_fill(order=7)
    with pytest.raises(StoreError) as caught:
        await store.save_fill(stray, make_order(1))
    assert "kept" in caught.value.user_text
    assert await store.fills("DEMO-1") == []
    assert await store.orders("DEMO-1") == []  # the failed job left nothing behind


@pytest.mark.parametrize("table", ["order_history", "fill", "journal_entry", "audit"])
@pytest.mark.parametrize("action", ["DELETE FROM {}", "UPDATE {} SET account_id = 'x'"])
async def test_the_past_can_not_be_changed(store: SqliteStore, table: str, action: str) -> None:
    await store.save_fill(make_fill(), make_order())
    await store.save_entry(JournalEntry(account_id="DEMO-1", day="2018-01-02", drafted="x"))
    with pytest.raises(StoreError, match="append-only"):
        await store.call(lambda db: db.execute(action.format(table), {}))


async def test_simulated_runs_are_fresh_and_the_others_last(store: SqliteStore) -> None:
    names = [
        (await store.open_run(mode, label="x", source="s", now_ns=number)).account_id
        for number, mode in enumerate((Mode.DEMO, Mode.REPLAY, Mode.DEMO, Mode.LIVE, Mode.LIVE))
    ]
    assert names == ["DEMO-1", "REPLAY-1", "DEMO-2", "LIVE-1", "LIVE-1"]
    assert [run.account_id for run in await store.runs()] == names[:4]
    assert (await store.runs())[0].mode is Mode.DEMO


async def test_a_paper_account_lasts_until_a_fresh_one_is_asked_for(store: SqliteStore) -> None:
    async def opened(label: str = "SIMULATED", *, fresh: bool = False) -> str:
        run = await store.open_run(Mode.PAPER, label=label, source="s", now_ns=1, fresh=fresh)
        return run.account_id

    names = [await opened(), await opened(), await opened(fresh=True), await opened()]
    assert names == ["PAPER-1", "PAPER-1", "PAPER-2", "PAPER-2"]
    assert await opened("other") == "PAPER-3"
    assert await opened() == "PAPER-2"


async def test_each_stored_account_has_a_ledger_of_its_own(store: SqliteStore) -> None:
    async def opened(source: str, label: str = "") -> str:
        run = await store.open_run(Mode.PAPER, label=label, source=source, now_ns=1)
        return run.account_id

    own, first, second = "synthetic", account_source("a:1"), account_source("a:2")
    sources, wanted = (own, first, second), ["PAPER-1", "PAPER-2", "PAPER-3"]
    assert [await opened(source) for source in sources] == wanted
    assert await opened(first, "whatever the feed") == "PAPER-2"
    assert [await opened(source) for source in sources] == wanted
    assert [run.opens for run in await store.runs()] == ["", "a:1", "a:2"]


async def test_entries_keep_every_version_and_give_the_latest(store: SqliteStore) -> None:
    entry = JournalEntry(account_id="DEMO-1", day="2018-01-02", drafted="one", tags=("a", "b"))
    await store.save_entry(entry)
    await store.save_entry(msgspec.structs.replace(entry, note="mine", rating=4, updated_ns=9))
    await store.save_entry(msgspec.structs.replace(entry, day="2018-01-03"))
    await store.save_entry(msgspec.structs.replace(entry, account_id="DEMO-2"))
    latest = await store.entry("DEMO-1", "2018-01-02")
    assert latest is not None
    assert (latest.note, latest.rating, latest.tags, latest.version) == ("mine", 4, ("a", "b"), 2)
    assert [e.day for e in await store.entries("DEMO-1")] == ["2018-01-03", "2018-01-02"]
    assert len(await store.entries()) == 3
    assert await store.entry("DEMO-1", "1999-01-01") is None


async def test_recaps_come_newest_first(store: SqliteStore) -> None:
    recap = StoredRecap(
        account_id="DEMO-1", day="2018-01-02", kind="daily", writer="template", model="",
        title="T", markdown="…", facts_json="[]", stale=True, created_ns=3,
    )  # fmt: skip
    recap = await store.save_recap(recap)
    newer = await store.save_recap(msgspec.structs.replace(recap, title="U", stale=False))
    assert newer.recap_id > recap.recap_id
    assert await store.recaps("DEMO-1") == [newer, recap]
    assert await store.recaps("DEMO-1", 1) == [newer]


async def test_everything_is_there_after_a_restart(path: Path) -> None:
    store: Store = await open_store(path)
    await asyncio.gather(*(store.save_fill(make_fill(n, n), make_order(n)) for n in range(1, 101)))
    await store.close()
    again = await open_store(path)
    assert len(await again.fills("DEMO-1")) == len(await again.orders("DEMO-1")) == 100
    await again.close()


async def test_closing_finishes_what_was_handed_over(path: Path) -> None:
    store = await open_store(path)
    saving = [asyncio.ensure_future(store.save_order(make_order(n))) for n in range(50)]
    await asyncio.sleep(0)
    await store.close()
    assert all(task.done() and task.exception() is None for task in saving)
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.orders("DEMO-1")


async def test_the_promises_to_the_disk_are_kept(store: SqliteStore) -> None:
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    found = await store.call(
        lambda db: {name: db.execute(f"PRAGMA {name}", {}).fetchone()[0] for name in asked}
    )
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 50}


async def test_what_was_stored_is_not_called_failed_when_the_log_can_not_be_folded(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fold_no_log(database: Database) -> None:
        def judge(_action: int, what: str | None, *_rest: str | None) -> int:
            return sqlite3.SQLITE_DENY if what == "wal_checkpoint" else sqlite3.SQLITE_OK

        database._raw.set_authorizer(judge)
        database._checkpoints_itself = True

    await store.call(fold_no_log)
    monkeypatch.setattr("cockpit.adapters.storage.database.WAL_BOUND_BYTES", 0)
    assert await store.save_fill(make_fill(), make_order())
    assert not await store.save_fill(make_fill(), make_order())

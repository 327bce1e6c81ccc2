"""The audit log: a row for each fact, in its transaction, and no change of it unseen."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.adapters.storage import audit_rows, open_store
from cockpit.adapters.storage.audit_chain import START, AuditRow, check_chain, row_hash
from cockpit.adapters.storage.audit_file import read_audit, verify_audit
from cockpit.adapters.storage.migrate import MIGRATIONS
from cockpit.adapters.storage.store import SqliteStore
from cockpit.domain.account import Mode
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderState
from cockpit.ports.store import StoreError
from tests.unit.adapters.storage.test_store import make_fill, make_order

S = OrderState


def head_of(path: Path) -> tuple[int, str]:
    report = verify_audit(path)
    assert report is not None
    assert report.fault == ""
    return report.rows, report.head


def fault_of(path: Path) -> str:
    report = verify_audit(path)
    assert report is not None
    return report.fault


def tamper(path: Path, *statements: str) -> None:
    """Change the file as somebody would who has taken the triggers out of the way."""
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)


async def fill_log(store: SqliteStore) -> None:
    """Six rows: two orders, a fill with its order, a state, and a second account's order."""
    await store.save_order(make_order(1))
    await store.save_order(make_order(1, state=S.WORKING, version=2, updated_ns=9))
    await store.save_fill(make_fill(), make_order(1, state=S.FILLED, version=3, updated_ns=10))
    await store.record("trading_state", "DEMO-1", 11, {"state": "halted", "a": Decimal("1.50")})
    await store.save_order(make_order(2, account="DEMO-2"))


async def test_each_fact_has_its_row(store: SqliteStore, path: Path) -> None:
    await fill_log(store)
    rows = list(read_audit(path))
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.kind for row in rows] == [*["order"] * 3, "fill", "trading_state", "order"]
    assert [row.account_id for row in rows] == [*["DEMO-1"] * 5, "DEMO-2"]
    assert msgspec.json.decode(rows[1].payload, type=Order) == (
        make_order(1, state=S.WORKING, version=2, updated_ns=9)
    )
    assert msgspec.json.decode(rows[3].payload, type=Fill) == make_fill()
    assert rows[4].payload == '{"a":"1.50","state":"halted"}'
    assert rows[4].ts_ns == 11
    assert head_of(path) == (6, rows[-1].hash)
    assert list(read_audit(path, "DEMO-2")) == rows[5:]


async def test_a_known_execution_is_not_told_twice(store: SqliteStore, path: Path) -> None:
    await fill_log(store)
    assert not await store.save_fill(make_fill(), make_order(1, version=4))
    assert head_of(path)[0] == 6


async def test_the_same_facts_give_the_same_head(tmp_path: Path) -> None:
    heads = set[tuple[int, str]]()
    for name in ("a", "b"):
        store = await open_store(tmp_path / name)
        await fill_log(store)
        await store.close()
        heads.add(head_of(tmp_path / name))
    assert len(heads) == 1


async def test_no_fact_without_its_row(store: SqliteStore, path: Path) -> None:
    await store.save_order(make_order(1))
    await store.call(
        lambda db: db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END", {}
        )
    )
    with pytest.raises(StoreError):
        await store.save_order(make_order(2))
    with pytest.raises(StoreError):
        await store.save_fill(make_fill(), make_order(1, version=2))
    assert [order.client_order_id for order in await store.orders("DEMO-1")] == ["o1"]
    assert len(await store.order_history("o1")) == 1
    assert await store.fills("DEMO-1") == []
    assert head_of(path)[0] == 1


async def test_a_job_that_failed_in_a_batch_leaves_no_gap(store: SqliteStore, path: Path) -> None:
    stray = make_fill(3, order=7)  # its order is not there
    jobs = (
        store.save_order(make_order(1)),
        store.save_fill(stray, make_order(2)),
        store.save_order(make_order(3)),
    )
    first, refused, third = await asyncio.gather(*jobs, return_exceptions=True)
    assert (first, third) == (None, None)
    assert isinstance(refused, StoreError)
    assert head_of(path)[0] == 2


async def test_the_newest_of_a_kind(store: SqliteStore) -> None:
    assert await store.newest_record("trading_state", "LIVE-1") is None
    for number, account in enumerate(("LIVE-1", "LIVE-1", "LIVE-2")):
        await store.record("trading_state", account, number, {"n": number})
    await store.record("limits", "LIVE-1", 3, {"n": 3})
    assert await store.newest_record("trading_state", "LIVE-1") == '{"n":1}'


async def test_the_chain_goes_on_after_a_restart(store: SqliteStore, path: Path) -> None:
    await fill_log(store)
    await store.close()
    again = await open_store(path)
    await again.save_order(make_order(9))
    await again.close()
    assert head_of(path)[0] == 7


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE audit SET ts_ns = 12 WHERE seq = 5", "row 5"),
        ("UPDATE audit SET account_id = 'DEMO-9' WHERE seq = 2", "row 2"),
        ("UPDATE audit SET kind = 'fill' WHERE seq = 1", "row 1"),
        ("UPDATE audit SET payload = replace(payload, '1.50', '1.5') WHERE seq = 5", "row 5"),
        ("UPDATE audit SET payload = CAST(payload AS BLOB) WHERE seq = 5", "row 5"),
        ("UPDATE audit SET payload = CAST(x'ff' AS TEXT) WHERE seq = 5", "row 5"),
        ("UPDATE audit SET account_id = CAST(x'ff' AS TEXT) WHERE seq = 5", "row 5"),
        ("UPDATE audit SET hash = prev_hash WHERE seq = 3", "row 3"),
        ("UPDATE audit SET prev_hash = hash WHERE seq = 3", "row 3"),
        ("DELETE FROM audit WHERE seq = 1", "row 1"),
        ("DELETE FROM audit WHERE seq = 6", "row 6"),
        ("DELETE FROM audit", "row 1"),
        ("DELETE FROM audit_head", "row 7"),
        ("DROP TABLE audit", "row 1"),
        ("INSERT INTO audit SELECT 7, 1, 'x', 'x', '{}', hash, hash FROM audit LIMIT 1", "row 7"),
    ],
)  # fmt: skip
async def test_whoever_changes_the_file_is_found(
    store: SqliteStore, path: Path, statement: str, row: str
) -> None:
    await fill_log(store)
    await store.close()
    tamper(path, statement)
    assert fault_of(path).startswith(f"{row}: ")


async def test_a_cut_end_is_found_even_when_the_log_has_grown_since(
    store: SqliteStore, path: Path
) -> None:
    await fill_log(store)
    await store.close()
    tamper(path, "DELETE FROM audit WHERE seq = 6")
    again = await open_store(path)
    await again.save_order(make_order(9))
    await again.close()
    assert fault_of(path).startswith("row 6: row 7 stands in its place")


async def test_the_end_can_not_be_moved_back(store: SqliteStore) -> None:
    await fill_log(store)
    for statement in ("UPDATE audit_head SET seq = 5", "DELETE FROM audit_head"):
        with pytest.raises(StoreError, match="the audit log"):
            await store.call(lambda db, statement=statement: db.execute(statement, {}))


async def test_a_log_is_read_while_it_is_written(store: SqliteStore, path: Path) -> None:
    await fill_log(store)
    rows = read_audit(path)
    first = next(rows)
    await store.save_order(make_order(9))
    assert [first.seq, *(row.seq for row in rows)] == [1, 2, 3, 4, 5, 6]
    assert head_of(path)[0] == 7


async def test_an_older_ledger_gets_its_log_and_keeps_its_orders(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, older)
    for migration in (older / "versions").glob("0*.py"):
        if not migration.name.startswith("0001"):
            migration.unlink()
    with monkeypatch.context() as before:
        before.setattr("cockpit.adapters.storage.migrate.MIGRATIONS", older)
        store = await open_store(path)
        await store.open_run(Mode.DEMO, label="kept", source="s", now_ns=1)
        await store.close()
    assert verify_audit(path) is None
    store = await open_store(path)
    assert [run.label for run in await store.runs()] == ["kept"]
    await store.close()
    assert head_of(path) == (0, START)


# any single change, whatever the rows hold

facts = st.tuples(
    st.integers(0, 2**62), st.text(max_size=8), st.text(max_size=8),
    st.dictionaries(st.text(max_size=4), st.text(max_size=4) | st.integers(0, 9), max_size=3),
)  # fmt: skip


def chain_of(told: list[tuple[int, str, str, dict[str, object]]]) -> list[AuditRow]:
    rows, head = list[AuditRow](), START
    for seq, (ts_ns, account_id, kind, payload) in enumerate(told, 1):
        text = msgspec.json.encode(payload, order="sorted")
        following = row_hash(head, seq, ts_ns, account_id, kind, text)
        rows.append(AuditRow(seq, ts_ns, account_id, kind, text.decode(), head, following))
        head = following
    return rows


@given(st.lists(facts, min_size=2, max_size=8), st.data())
def test_any_single_change_is_found(told, data) -> None:
    rows = chain_of(told)
    end = (len(rows), rows[-1].hash)
    assert check_chain(rows, end).fault == ""
    at = data.draw(st.integers(0, len(rows) - 1), "at")
    change = data.draw(st.sampled_from(("change", "delete", "insert", "swap", "renumber")), "how")
    changed, first = list(rows), at
    if change == "change":
        field = data.draw(st.sampled_from(AuditRow._fields), "field")
        old = getattr(rows[at], field)
        new = data.draw(st.integers(0, 2**62) if isinstance(old, int) else st.text(), "new")
        if new == old:
            return
        changed[at] = rows[at]._replace(**{field: new})
    elif change == "delete":
        del changed[at]
    elif change == "insert":
        changed.insert(at, rows[data.draw(st.integers(0, len(rows) - 1), "copied")])
        first = at + (changed[at] == rows[at])  # a copy before its like stands after it
    else:
        other = data.draw(st.integers(0, len(rows) - 1).filter(lambda n: n != at), "other")
        changed[at], changed[other] = rows[other], rows[at]
        if change == "renumber":
            for place in (at, other):
                changed[place] = changed[place]._replace(seq=place + 1)
        first = min(at, other)
    report = check_chain(changed, end)
    assert report.fault.startswith(f"row {first + 1}: ")
    assert report.rows == first


@pytest.mark.parametrize("together", [True, False])
async def test_the_chain_goes_on_behind_a_job_that_was_taken_back(tmp_path, together) -> None:
    store = await open_store(tmp_path / "ledger.sqlite3")

    def write_and_fail(database) -> None:
        audit_rows.add(database, "lost", "DEMO-1", 2, b"{}")
        raise ValueError("after the row was added")

    jobs = [
        store.record("kept", "DEMO-1", 1, {}),
        store.call(write_and_fail),
        store.record("kept", "DEMO-1", 3, {}),
    ]
    if together:
        await asyncio.gather(*jobs, return_exceptions=True)
    else:
        for job in jobs:
            with contextlib.suppress(StoreError):
                await job
    await store.close()
    assert head_of(store.path)[0] == 2
    assert [row.kind for row in read_audit(store.path)] == ["kept", "kept"]

"""The tables against the log: whoever changes a fact in one of them is found out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.adapters.storage.audit_file import verify_audit
from cockpit.adapters.storage.store import SqliteStore
from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.order import OrderState
from tests.unit.adapters.storage.test_audit import fill_log, tamper
from tests.unit.adapters.storage.test_store import make_fill, make_order


def difference(path: Path) -> str:
    report = verify_audit(path)
    assert report is not None
    assert report.fault == ""
    return report.difference


HISTORY = "UPDATE order_history SET order_json = replace(order_json,"
ADDED = """INSERT INTO fill SELECT 99, account_id, 'x99', client_order_id, symbol, side, quantity,
    price, fee, ts_event, ts_init, strategy, venue_order_id, planned_stop, planned_target,
    cumulative FROM fill WHERE id = 1"""
OLDER = """INSERT INTO orders SELECT 'OLD', client_order_id, symbol, strategy, side, type, quantity,
    state, venue_order_id, filled, average_price, reason_code, reason_text, replaces, created_ns,
    updated_ns, version, intent_json FROM orders WHERE client_order_id = 'o2'"""
OLDER_VERSION = """INSERT INTO order_history SELECT -1, 'OLD', client_order_id, version, state,
    updated_ns, order_json FROM order_history WHERE client_order_id = 'o2'"""


async def fill_tables(store: SqliteStore) -> None:
    """All that the log tells of: versions, fills, a bust, an adjustment."""
    await fill_log(store)
    await store.save_fill(make_fill(2), make_order(1, version=4, updated_ns=11))
    await store.save_bust("x2", make_order(1, version=5, updated_ns=12), "Wrong price")
    set_to = Adjustment(
        adjustment_id="a1",
        account_id="DEMO-1",
        symbol="AAPL",
        quantity=Decimal(7),
        average_cost=Decimal("150.5"),
        kind=AdjustmentKind.OPENING,
        reason="held before",
        ts_event=1,
        ts_init=2,
    )
    await store.save_adjustment(set_to)


async def test_what_was_stored_agrees(store: SqliteStore, path: Path) -> None:
    assert difference(path) == ""
    await fill_tables(store)
    assert difference(path) == ""


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE fill SET price = '1.00' WHERE execution_id = 'x1'",
            "fill row 1: row 4 of the log says price 157.230000000000000001, not 1.00",
        ),
        ("UPDATE fill SET quantity = 'x' WHERE id = 1", "fill row 1 can't be read"),
        ("DELETE FROM fill WHERE id = 1", "row 4 of the log: fill has no row of it"),
        ("DELETE FROM fill WHERE id = 2", "row 8 of the log: fill has no row of it"),
        (
            ADDED,
            "fill row 99: the log has no row of it",
        ),
        (
            f"{HISTORY} 'working', 'canceled') WHERE version = 2",
            "order_history row 2: row 2 of the log says state working, not canceled",
        ),
        (
            f"{HISTORY} '157.2300', '99.00') WHERE id = 1",
            "order_history row 1: row 1 of the log says limit_price 157.2300, not 99.00",
        ),
        ("DELETE FROM order_history WHERE version = 3", "row 3 of the log"),
        (
            "UPDATE orders SET state = 'canceled' WHERE client_order_id = 'o2'",
            "orders, o2: its last history row 4 says state draft, not canceled",
        ),
        ("UPDATE orders SET filled = 'x'", "orders, o1 can't be read"),
        (
            "UPDATE fill_bust SET reason = 'No reason'",
            "fill_bust row 1: row 10 of the log says reason Wrong price, not No reason",
        ),
        ("DELETE FROM fill_bust", "row 10 of the log: fill_bust has no row of it"),
        (
            "UPDATE adjustment SET quantity = '8'",
            "adjustment row 1: row 11 of the log says quantity 7, not 8",
        ),
    ],
)
async def test_the_first_difference_is_named(
    store: SqliteStore, path: Path, statement: str, said: str
) -> None:
    await fill_tables(store)
    tamper(path, "PRAGMA foreign_keys = OFF", statement)
    assert said in difference(path)


async def test_what_is_older_than_the_log_is_passed_over(store: SqliteStore, path: Path) -> None:
    await fill_tables(store)
    tamper(path, OLDER, OLDER_VERSION)
    assert difference(path) == ""
    tamper(path, "DELETE FROM audit", "UPDATE audit_head SET seq = 0, hash = printf('%064d', 0)")
    assert difference(path) == ""


async def test_an_older_version_that_came_late_is_no_difference(
    store: SqliteStore, path: Path
) -> None:
    await store.save_order(make_order(1, state=OrderState.WORKING, version=3, updated_ns=9))
    await store.save_order(make_order(1, version=2, updated_ns=8))
    assert difference(path) == ""

"""Orders and fills in SQL: the rows that come in bursts."""

from __future__ import annotations

from collections import deque

from cockpit.adapters.storage import audit_rows, rows
from cockpit.adapters.storage.database import Database
from cockpit.adapters.storage.statements import (
    ADD_ADJUSTMENT,
    ADD_BUST,
    ADD_FILL,
    ADD_HISTORY,
    SAVE_ORDER,
)
from cockpit.domain.adjustment import Adjustment
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order

KNOWN = "SELECT 1 FROM fill WHERE account_id = :account_id AND execution_id = :execution_id"
# By rowid: a clock that was set back must not change the order in which they were made.
ORDERS = "SELECT * FROM orders WHERE account_id = :account_id ORDER BY rowid"
HISTORY = """SELECT order_json FROM order_history WHERE client_order_id = :client_order_id
    AND account_id = (SELECT account_id FROM order_history
        WHERE client_order_id = :client_order_id ORDER BY id DESC LIMIT 1)
    ORDER BY id"""
BUST_KNOWN = KNOWN.replace("FROM fill", "FROM fill_bust")
BUSTED = "SELECT execution_id FROM fill_bust WHERE account_id = :account_id"
BUSTED_FILLS = f"""SELECT execution_id, client_order_id FROM fill
    WHERE account_id = :account_id AND execution_id IN ({BUSTED})"""  # noqa: S608 -- our own constant
FILLS = f"""SELECT * FROM fill WHERE account_id = :account_id
    AND execution_id NOT IN ({BUSTED}) ORDER BY ts_event, execution_id"""  # noqa: S608 -- our own constant
ADJUSTMENT_KNOWN = """SELECT 1 FROM adjustment
    WHERE account_id = :account_id AND adjustment_id = :adjustment_id"""
ADJUSTMENTS = "SELECT * FROM adjustment WHERE account_id = :account_id ORDER BY id"
FILL_COUNT = "SELECT COUNT(*) FROM fill WHERE account_id = :account_id"
ADJUSTMENT_COUNT = "SELECT COUNT(*) FROM adjustment WHERE account_id = :account_id"
BOOKED = f"""SELECT *, execution_id IN ({BUSTED}) AS busted FROM fill
    WHERE account_id = :account_id ORDER BY id"""  # noqa: S608 -- our own constant


def save_order(database: Database, order: Order) -> None:
    """The order's latest state, one more row of its history, and its audit row."""
    put_order(database, order)
    audit_rows.add_order(database, order)


def save_fill(database: Database, fill: Fill, order: Order) -> bool:
    """The fill with its order and their audit rows; False when the execution is known."""
    values = rows.fill_values(fill)
    if database.execute(KNOWN, values).fetchone() is not None:
        return False
    save_order(database, order)
    database.execute(ADD_FILL, values)
    audit_rows.add_fill(database, fill)
    return True


def save_bust(database: Database, execution_id: str, order: Order, reason: str) -> bool:
    """That a fill was taken back, with its order; False when that was known."""
    account_id = order.intent.account_id
    known = {"account_id": account_id, "execution_id": execution_id}
    if database.execute(BUST_KNOWN, known).fetchone() is not None:
        return False
    save_order(database, order)
    database.execute(ADD_BUST, {**known, "reason": reason, "ts_init": order.updated_ns})
    audit_rows.add_bust(database, account_id, execution_id, reason, order.updated_ns)
    return True


def save_adjustment(database: Database, adjustment: Adjustment) -> bool:
    """What a position was set to; False when that adjustment was known."""
    values = rows.adjustment_values(adjustment)
    if database.execute(ADJUSTMENT_KNOWN, values).fetchone() is not None:
        return False
    [fills_before] = database.execute(FILL_COUNT, values).fetchone()
    database.execute(ADD_ADJUSTMENT, {**values, "fills_before": fills_before})
    audit_rows.add_adjustment(database, adjustment)
    return True


def put_order(database: Database, order: Order) -> None:
    """The order's rows alone, without what the audit log says of them."""
    database.execute(SAVE_ORDER, rows.order_values(order))
    database.execute(ADD_HISTORY, rows.history_values(order))


def orders(database: Database, account_id: str) -> list[Order]:
    """All orders in their latest state, oldest first."""
    return [rows.order_of(row) for row in database.rows(ORDERS, account_id=account_id)]


def order_history(database: Database, client_order_id: str) -> list[Order]:
    """Every state of one order; of the account that used the id last."""
    found = database.rows(HISTORY, client_order_id=client_order_id)
    return rows.orders_of([row["order_json"] for row in found])


def fills(database: Database, account_id: str) -> list[Fill]:
    """All fills by time and execution id, less those taken back."""
    return [rows.fill_of(row) for row in database.rows(FILLS, account_id=account_id)]


def busted(database: Database, account_id: str) -> dict[str, str]:
    """Fills that were taken back: execution id to client order id."""
    found = database.rows(BUSTED_FILLS, account_id=account_id)
    return {row["execution_id"]: row["client_order_id"] for row in found}


def ledger(database: Database, account_id: str) -> list[Fill | Adjustment]:
    """Fills and adjustments in the order they were booked, less fills taken back."""
    return [entry for entry in booked(database, account_id) if entry is not None]


def booked_count(database: Database, account_id: str) -> int:
    """How many entries `booked` has."""
    counts = (FILL_COUNT, ADJUSTMENT_COUNT)
    return sum(int(database.execute(c, {"account_id": account_id}).fetchone()[0]) for c in counts)


def booked(database: Database, account_id: str) -> list[Fill | Adjustment | None]:
    """Fills and adjustments in the order they were booked, None where a fill was taken back."""
    adjusted = database.rows(ADJUSTMENTS, account_id=account_id)
    waiting = deque(sorted(adjusted, key=lambda row: row["fills_before"]))
    entries: list[Fill | Adjustment | None] = []
    for number, row in enumerate(database.each(BOOKED, account_id=account_id)):
        while waiting and waiting[0]["fills_before"] <= number:
            entries.append(rows.adjustment_of(waiting.popleft()))
        entries.append(None if row["busted"] else rows.fill_of(row))
    return [*entries, *map(rows.adjustment_of, waiting)]

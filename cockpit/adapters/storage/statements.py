"""Statements in SQL text, for the driver; a test holds their columns to the tables.

`tables` says what the columns are, and the migrations are made from it; but SQLAlchemy, which it
needs, takes as long to load as all the rest of a start, so nothing here does.
"""

from __future__ import annotations

from collections.abc import Sequence


def insert(table: str, columns: Sequence[str]) -> str:
    """Add a row; its values are given by the names of the columns."""
    values = ", ".join(f":{name}" for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"  # noqa: S608 -- our own names


def upsert(table: str, columns: Sequence[str], keys: Sequence[str]) -> str:
    """Insert, or overwrite a row whose version isn't higher."""
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    return (
        f"{insert(table, columns)} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes} "
        f"WHERE excluded.version >= {table}.version"
    )


ORDER = (
    "account_id", "client_order_id", "symbol", "strategy", "side", "type", "quantity", "state",
    "venue_order_id", "filled", "average_price", "reason_code", "reason_text", "replaces",
    "created_ns", "updated_ns", "version", "intent_json",
)  # fmt: skip
HISTORY = ("account_id", "client_order_id", "version", "state", "updated_ns", "order_json")
FILL = (
    "account_id", "execution_id", "client_order_id", "symbol", "side", "quantity", "price", "fee",
    "ts_event", "ts_init", "strategy", "venue_order_id", "planned_stop", "planned_target",
    "cumulative",
)  # fmt: skip
BUST = ("account_id", "execution_id", "reason", "ts_init")
ADJUSTMENT = (
    "account_id", "adjustment_id", "symbol", "quantity", "average_cost", "kind", "reason",
    "fills_before", "ts_event", "ts_init", "fee",
)  # fmt: skip
RUN = ("account_id", "mode", "number", "label", "source", "started_ns")
ENTRY = (
    "account_id", "day", "trade_id", "version", "drafted", "note", "tags", "rating", "mistakes",
    "rules", "checklist", "updated_ns",
)  # fmt: skip
ATTACHMENT = (
    "account_id", "day", "trade_id", "name", "kind", "digest", "size", "added_ns", "withdrawn_ns",
)  # fmt: skip
EXCURSION = (
    "account_id", "trade_id", "adverse", "favourable", "worst", "best", "source", "samples",
    "opened_ns", "closed_ns",
)  # fmt: skip
RECAP = (
    "account_id", "day", "kind", "writer", "model", "title", "markdown", "facts_json", "stale",
    "created_ns", "approved_ns",
)  # fmt: skip

SAVE_ORDER = upsert("orders", ORDER, keys=("account_id", "client_order_id"))
ADD_HISTORY = insert("order_history", HISTORY)
ADD_FILL = insert("fill", FILL)
ADD_BUST = insert("fill_bust", BUST)
ADD_ADJUSTMENT = insert("adjustment", ADJUSTMENT)
ADD_RUN = insert("run", RUN)
ADD_ENTRY = insert("journal_entry", ENTRY)
ADD_ATTACHMENT = insert("attachment", ATTACHMENT)
ADD_RECAP = insert("recap", RECAP)

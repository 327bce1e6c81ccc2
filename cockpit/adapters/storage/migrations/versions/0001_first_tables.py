"""The first tables: runs, orders and their history, fills, journal entries, recaps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("order_history", "fill", "journal_entry")


def upgrade() -> None:
    _runs()
    _orders()
    _order_history()
    _fills()
    _entries()
    _recaps()
    for table in APPEND_ONLY:
        _forbid_changes(table)


def downgrade() -> None:
    for table in ("recap", "journal_entry", "fill", "order_history", "orders", "run"):
        op.drop_table(table)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null)


def _long_text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _whole(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _time(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _order_key() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id", "client_order_id"], ["orders.account_id", "orders.client_order_id"]
    )


def _runs() -> None:
    op.create_table(
        "run",
        _text("account_id"),
        _text("mode"),
        _whole("number"),
        _text("label"),
        _text("source"),
        _time("started_ns"),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("mode", "number"),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        _text("account_id"),
        _text("client_order_id"),
        _text("symbol"),
        _text("strategy"),
        _text("side"),
        _text("type"),
        _text("quantity"),
        _text("state"),
        _text("venue_order_id", null=True),
        _text("filled"),
        _text("average_price", null=True),
        _text("reason_code"),
        _text("reason_text"),
        _text("replaces", null=True),
        _time("created_ns"),
        _time("updated_ns"),
        _whole("version"),
        _long_text("intent_json"),
        sa.PrimaryKeyConstraint("account_id", "client_order_id"),
    )
    op.create_index(op.f("ix_orders_symbol"), "orders", ["symbol"])


def _order_history() -> None:
    op.create_table(
        "order_history",
        _whole("id"),
        _text("account_id"),
        _text("client_order_id"),
        _whole("version"),
        _text("state"),
        _time("updated_ns"),
        _long_text("order_json"),
        sa.PrimaryKeyConstraint("id"),
        _order_key(),
    )
    op.create_index(op.f("ix_order_history_client_order_id"), "order_history", ["client_order_id"])


def _fills() -> None:
    op.create_table(
        "fill",
        _whole("id"),
        _text("account_id"),
        _text("execution_id"),
        _text("client_order_id"),
        _text("symbol"),
        _text("side"),
        _text("quantity"),
        _text("price"),
        _text("fee"),
        _time("ts_event"),
        _time("ts_init"),
        _text("strategy"),
        _text("venue_order_id", null=True),
        _text("planned_stop", null=True),
        _text("planned_target", null=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "execution_id"),
        _order_key(),
    )
    op.create_index(op.f("ix_fill_symbol"), "fill", ["symbol"])


def _entries() -> None:
    op.create_table(
        "journal_entry",
        _whole("id"),
        _text("account_id"),
        _text("day"),
        _whole("version"),
        _long_text("drafted"),
        _long_text("note"),
        _text("tags"),
        _whole("rating", null=True),
        _time("updated_ns"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "day", "version"),
    )
    op.create_index(op.f("ix_journal_entry_day"), "journal_entry", ["day"])


def _recaps() -> None:
    op.create_table(
        "recap",
        _whole("id"),
        _text("account_id"),
        _text("day"),
        _text("kind"),
        _text("writer"),
        _text("model"),
        _text("title"),
        _long_text("markdown"),
        _long_text("facts_json"),
        sa.Column("stale", sa.Boolean(), nullable=False),
        _time("created_ns"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_recap_account_id"), "recap", ["account_id"])
    op.create_index(op.f("ix_recap_day"), "recap", ["day"])


def _forbid_changes(table: str) -> None:
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )

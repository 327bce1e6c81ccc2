"""Corrections of the ledger: fills taken back and positions set, as entries of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ADDED = ("fill_bust", "adjustment")
INDEX = "ix_audit_account_id_kind_seq"


def upgrade() -> None:
    # Added in place: to rebuild the table would need its append-only triggers dropped.
    op.execute("ALTER TABLE fill ADD COLUMN cumulative VARCHAR")
    _busts()
    _adjustments()
    # The newest row of a rare kind is asked for at each start: not by reading all of them.
    op.create_index(INDEX, "audit", ["account_id", "kind", "seq"])
    for table in ADDED:
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    op.drop_index(INDEX)
    for table in reversed(ADDED):
        op.drop_table(table)
    op.execute("ALTER TABLE fill DROP COLUMN cumulative")


def _busts() -> None:
    op.create_table(
        "fill_bust",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("execution_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ts_init", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "execution_id"),
        sa.ForeignKeyConstraint(
            ["account_id", "execution_id"], ["fill.account_id", "fill.execution_id"]
        ),
    )


def _adjustments() -> None:
    names = ("account_id", "adjustment_id", "symbol", "quantity", "average_cost", "kind", "reason")
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.Column("fills_before", sa.Integer(), nullable=False),
        sa.Column("ts_event", sa.BigInteger(), nullable=False),
        sa.Column("ts_init", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "adjustment_id"),
    )

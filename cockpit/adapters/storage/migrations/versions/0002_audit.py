"""The audit log: one hash-chained row for each fact, and where the chain ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

START = "0" * 64


def upgrade() -> None:
    _rows()
    _head()
    for action in ("UPDATE", "DELETE"):
        _forbid(f"audit_no_{action.lower()}", f"BEFORE {action} ON audit", "audit is append-only")
    _forbid("audit_head_no_delete", "BEFORE DELETE ON audit_head", "the audit log has one end")
    _forbid(
        "audit_head_no_return",
        "BEFORE UPDATE ON audit_head WHEN NEW.seq <= OLD.seq",
        "the audit log only grows",
    )
    op.execute(
        "CREATE TRIGGER audit_moves_head AFTER INSERT ON audit "
        "BEGIN UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash; END"
    )


def downgrade() -> None:
    op.drop_table("audit")
    op.drop_table("audit_head")


def _rows() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("ts_ns", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )


def _head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.execute(f"INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '{START}')")  # noqa: S608 -- our own constant


def _forbid(name: str, when: str, text: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

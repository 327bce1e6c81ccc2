"""How far the price went while a trade was open; what an adjustment cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXTS = ("adverse", "favourable", "worst", "best", "source")


def upgrade() -> None:
    op.create_table(
        "trade_excursion",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("trade_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("opened_ns", sa.BigInteger(), nullable=False),
        sa.Column("closed_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "trade_id"),
    )
    op.add_column("adjustment", sa.Column("fee", sa.String(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("adjustment", "fee")
    op.drop_table("trade_excursion")

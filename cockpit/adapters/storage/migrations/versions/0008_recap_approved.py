"""When the owner of a recap approved it; none of those before was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recap", sa.Column("approved_ns", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("recap", "approved_ns")

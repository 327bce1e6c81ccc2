"""A tag stands under each of its levels, and is found by its entry."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Each turn takes the last level off: a/b/c, a/b, a.
LEVELS = """WITH RECURSIVE level (tag, entry_id) AS (
        SELECT tag, entry_id FROM entry_tag WHERE instr(tag, '/') > 0
        UNION
        SELECT rtrim(rtrim(tag, replace(tag, '/', '')), '/'), entry_id
        FROM level WHERE instr(tag, '/') > 0
    )
    INSERT OR IGNORE INTO entry_tag (tag, entry_id) SELECT tag, entry_id FROM level"""


def upgrade() -> None:
    op.execute(LEVELS)
    op.create_index("ix_entry_tag_entry_id", "entry_tag", ["entry_id"])


def downgrade() -> None:
    op.drop_index("ix_entry_tag_entry_id", "entry_tag")

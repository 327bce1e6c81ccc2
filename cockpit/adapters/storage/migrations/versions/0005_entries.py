"""Entries of trades, what was ticked off, full-text search, attached files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OLD = "account_id, day, version, drafted, note, tags, rating, updated_ns"


def upgrade() -> None:
    _entries()
    op.create_table(
        "entry_tag",
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tag", "entry_id"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(n, sa.String(), nullable=False) for n in ("account_id", "day", "trade_id")),
        *(sa.Column(n, sa.String(), nullable=False) for n in ("name", "kind", "digest")),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_ns", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_ns", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_attachment_account_id_day_trade_id", "attachment", ["account_id", "day", "trade_id"]
    )
    _search()
    _forbid("journal_entry", "UPDATE")
    _forbid("journal_entry", "DELETE")
    _forbid("attachment", "DELETE")


def downgrade() -> None:
    for table in ("entry_text", "attachment", "entry_tag"):
        op.execute(f"DROP TABLE {table}")


def _entries() -> None:
    """A new table with the old rows: SQLite can't change what makes a row unique."""
    op.execute("ALTER TABLE journal_entry RENAME TO journal_entry_before")
    op.execute("DROP INDEX ix_journal_entry_day")
    for action in ("update", "delete"):
        op.execute(f"DROP TRIGGER journal_entry_no_{action}")
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(n, sa.String(), nullable=False) for n in ("account_id", "day", "trade_id")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("drafted", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tags", sa.String(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        *(sa.Column(n, sa.String(), nullable=False) for n in ("mistakes", "rules", "checklist")),
        sa.Column("updated_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "day", "trade_id", "version"),
    )
    op.create_index("ix_journal_entry_day", "journal_entry", ["day"])
    op.create_index(
        "ix_journal_entry_account_id_trade_id", "journal_entry", ["account_id", "trade_id"]
    )
    op.execute(
        f"INSERT INTO journal_entry (id, {OLD}, trade_id, mistakes, rules, checklist) "  # noqa: S608 -- our own words
        f"SELECT id, {OLD}, '', '[]', '[]', '[]' FROM journal_entry_before"
    )
    op.execute("DROP TABLE journal_entry_before")


def _search() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE entry_text USING fts5(note, tags, mistakes, lists, subject, "
        "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
    )
    op.execute(
        "INSERT INTO entry_text (rowid, note, tags, mistakes, lists, subject) "
        "SELECT id, note, (SELECT coalesce(group_concat(value, ' '), '') "
        "FROM json_each(tags)), '', '', day FROM journal_entry "
        "WHERE id IN (SELECT max(id) FROM journal_entry GROUP BY account_id, day)"
    )
    op.execute(
        "INSERT OR IGNORE INTO entry_tag (tag, entry_id) "
        "SELECT lower(value), journal_entry.id FROM journal_entry, json_each(tags) "
        "WHERE journal_entry.id IN (SELECT rowid FROM entry_text)"
    )


def _forbid(table: str, action: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )

"""The tables. Money and quantity are exact decimals as text, times integers of ns UTC.

Orders keep their latest state, `order_history` every state they had; history and fills
are append-only (triggers of the migrations hold that). The columns are what is
searched and summed; the intent and the history rows carry the whole value as JSON.
The audit log repeats each fact in one chain, see `audit_chain`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel):
    """Our own metadata, so that nothing else in the process lands in our file."""

    metadata = MetaData(naming_convention=NAMING)


def _time() -> Column[int]:
    return Column(BigInteger, nullable=False)


class RunRow(Base, table=True):
    """One account's stay; `number` counts within the mode."""

    __tablename__ = "run"  # pyright: ignore[reportAssignmentType]  # SQLModel types it as a method
    __table_args__ = (UniqueConstraint("mode", "number"),)

    account_id: str = Field(primary_key=True)
    mode: str
    number: int
    label: str
    source: str
    started_ns: int = Field(sa_column=_time())


class OrderRow(Base, table=True):
    """The latest state of an order. A lower version never overwrites a higher one."""

    __tablename__ = "orders"  # pyright: ignore[reportAssignmentType]  # as above

    account_id: str = Field(primary_key=True)
    client_order_id: str = Field(primary_key=True)
    symbol: str = Field(index=True)
    strategy: str
    side: str
    type: str
    quantity: str
    state: str
    venue_order_id: str | None
    filled: str
    average_price: str | None
    reason_code: str
    reason_text: str
    replaces: str | None
    created_ns: int = Field(sa_column=_time())
    updated_ns: int = Field(sa_column=_time())
    version: int
    intent_json: str = Field(sa_column=Column(Text, nullable=False))


class OrderHistoryRow(Base, table=True):
    """One state an order had, whole."""

    __tablename__ = "order_history"  # pyright: ignore[reportAssignmentType]  # as above
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "client_order_id"], ["orders.account_id", "orders.client_order_id"]
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: str
    client_order_id: str = Field(index=True)
    version: int
    state: str
    updated_ns: int = Field(sa_column=_time())
    order_json: str = Field(sa_column=Column(Text, nullable=False))


class FillRow(Base, table=True):
    """One execution."""

    __tablename__ = "fill"  # pyright: ignore[reportAssignmentType]  # as above
    __table_args__ = (
        UniqueConstraint("account_id", "execution_id"),
        ForeignKeyConstraint(
            ["account_id", "client_order_id"], ["orders.account_id", "orders.client_order_id"]
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: str
    execution_id: str
    client_order_id: str
    symbol: str = Field(index=True)
    side: str
    quantity: str
    price: str
    fee: str
    ts_event: int = Field(sa_column=_time())
    ts_init: int = Field(sa_column=_time())
    strategy: str
    venue_order_id: str | None
    planned_stop: str | None
    planned_target: str | None
    cumulative: str | None


class BustRow(Base, table=True):
    """An execution that the venue took back."""

    __tablename__ = "fill_bust"  # pyright: ignore[reportAssignmentType]  # as above
    __table_args__ = (
        UniqueConstraint("account_id", "execution_id"),
        ForeignKeyConstraint(
            ["account_id", "execution_id"], ["fill.account_id", "fill.execution_id"]
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: str
    execution_id: str
    reason: str
    ts_init: int = Field(sa_column=_time())


class AdjustmentRow(Base, table=True):
    """What a position was set to by other means than a trade, after so many fills."""

    __tablename__ = "adjustment"  # pyright: ignore[reportAssignmentType]  # as above
    __table_args__ = (UniqueConstraint("account_id", "adjustment_id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: str
    adjustment_id: str
    symbol: str
    quantity: str
    average_cost: str
    kind: str
    reason: str
    fills_before: int
    ts_event: int = Field(sa_column=_time())
    ts_init: int = Field(sa_column=_time())
    fee: str


class ImportBatchRow(Base, table=True):
    """One import of one file; only `withdrawn_ns` is ever set later."""

    __tablename__ = "import_batch"  # pyright: ignore[reportAssignmentType]  # as above

    batch_id: str = Field(primary_key=True)
    format: str
    file_name: str
    digest: str
    imported_ns: int = Field(sa_column=_time())
    bookings: int
    withdrawn_ns: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class ImportBookingRow(Base, table=True):
    """One entry of a statement, whole; the columns are what is searched."""

    __tablename__ = "import_booking"  # pyright: ignore[reportAssignmentType]  # as above
    __table_args__ = (
        UniqueConstraint("batch_id", "account_id", "key"),
        ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"]),
        Index(None, "account_id", "key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    batch_id: str
    account_id: str
    key: str
    ts_event: int = Field(sa_column=_time())
    booking_json: str = Field(sa_column=Column(Text, nullable=False))


class EntryRow(Base, table=True):
    """One version of a day's journal entry, or of a trade's; lists are JSON.

    Beside it stand `entry_text` (FTS5) and `entry_tag`, which hold the latest versions only.
    """

    __tablename__ = "journal_entry"  # pyright: ignore[reportAssignmentType]  # as above
    __table_args__ = (
        UniqueConstraint("account_id", "day", "trade_id", "version"),
        Index(None, "account_id", "trade_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: str
    day: str = Field(index=True)
    trade_id: str
    version: int
    drafted: str = Field(sa_column=Column(Text, nullable=False))
    note: str = Field(sa_column=Column(Text, nullable=False))
    tags: str
    rating: int | None
    mistakes: str
    rules: str
    checklist: str
    updated_ns: int = Field(sa_column=_time())


class EntryTagRow(Base, table=True):
    """A tag of an entry's latest version, and each level above it."""

    __tablename__ = "entry_tag"  # pyright: ignore[reportAssignmentType]  # as above

    tag: str = Field(primary_key=True)
    entry_id: int = Field(primary_key=True, index=True)


class AttachmentRow(Base, table=True):
    """A file beside an entry; only `withdrawn_ns` is ever set later."""

    __tablename__ = "attachment"  # pyright: ignore[reportAssignmentType]  # as above
    __table_args__ = (Index(None, "account_id", "day", "trade_id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: str
    day: str
    trade_id: str
    name: str
    kind: str
    digest: str
    size: int
    added_ns: int = Field(sa_column=_time())
    withdrawn_ns: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class ExcursionRow(Base, table=True):
    """How far the price went while a trade was open; measured anew, it is overwritten."""

    __tablename__ = "trade_excursion"  # pyright: ignore[reportAssignmentType]  # as above

    account_id: str = Field(primary_key=True)
    trade_id: str = Field(primary_key=True)
    adverse: str
    favourable: str
    worst: str
    best: str
    source: str
    samples: int
    opened_ns: int = Field(sa_column=_time())
    closed_ns: int = Field(sa_column=_time())


class RecapRow(Base, table=True):
    """A finished recap with the facts it was filled from (JSON)."""

    __tablename__ = "recap"  # pyright: ignore[reportAssignmentType]  # as above

    id: int | None = Field(default=None, primary_key=True)
    account_id: str = Field(index=True)
    day: str = Field(index=True)
    kind: str
    writer: str
    model: str
    title: str
    markdown: str = Field(sa_column=Column(Text, nullable=False))
    facts_json: str = Field(sa_column=Column(Text, nullable=False))
    stale: bool
    created_ns: int = Field(sa_column=_time())
    approved_ns: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class AuditTable(Base, table=True):
    """One fact in the chain; `payload` is canonical JSON, the hashes are hexadecimal."""

    __tablename__ = "audit"  # pyright: ignore[reportAssignmentType]  # as above
    __table_args__ = (Index(None, "account_id", "kind", "seq"),)

    seq: int | None = Field(default=None, primary_key=True)
    ts_ns: int = Field(sa_column=_time())
    account_id: str
    kind: str
    payload: str = Field(sa_column=Column(Text, nullable=False))
    prev_hash: str
    hash: str


class AuditHeadTable(Base, table=True):
    """The chain's last row; a trigger moves it, so that a lost end is found."""

    __tablename__ = "audit_head"  # pyright: ignore[reportAssignmentType]  # as above
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int | None = Field(default=None, primary_key=True)
    seq: int
    hash: str

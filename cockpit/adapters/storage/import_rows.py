"""Imported statements in SQL. A batch that was withdrawn keeps its rows; they count no more."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cockpit.adapters.storage import audit_rows
from cockpit.adapters.storage.database import Database
from cockpit.domain.imported import Booking
from cockpit.ports.imports import ImportBatch

ADD_BATCH = """INSERT INTO import_batch
    (batch_id, format, file_name, digest, imported_ns, bookings, withdrawn_ns)
    VALUES (:batch_id, :format, :file_name, :digest, :imported_ns, :bookings, :withdrawn_ns)"""
ADD = """INSERT INTO import_booking (batch_id, account_id, key, ts_event, booking_json)
    VALUES (:batch_id, :account_id, :key, :ts_event, :booking_json)"""
COUNTS = "batch_id IN (SELECT batch_id FROM import_batch WHERE withdrawn_ns IS NULL)"
KEYS = f"SELECT key FROM import_booking WHERE account_id = :account_id AND {COUNTS}"  # noqa: S608 -- as above
IMPORTED = f"""SELECT booking_json FROM import_booking WHERE account_id = :account_id
    AND {COUNTS} ORDER BY ts_event, id"""  # noqa: S608 -- as above
BETWEEN = f"""SELECT batch_id, booking_json FROM import_booking
    WHERE ts_event BETWEEN :first_ns AND :last_ns AND {COUNTS} ORDER BY id"""  # noqa: S608 -- as above
ACCOUNTS = f"SELECT DISTINCT account_id FROM import_booking WHERE {COUNTS} ORDER BY account_id"  # noqa: S608 -- as above
WITHDRAW = """UPDATE import_batch SET withdrawn_ns = :now_ns
    WHERE batch_id = :batch_id AND withdrawn_ns IS NULL"""
BATCHES = """SELECT batch_id, format, file_name, digest, imported_ns, bookings, withdrawn_ns
    FROM import_batch ORDER BY imported_ns, rowid"""
NOBODY = ""  # the audit log's account of what is no account's alone

KNOWN = """SELECT 1 FROM import_booking JOIN import_batch USING (batch_id)
    WHERE account_id = :account_id AND key = :key AND withdrawn_ns IS NULL"""
MORE = "UPDATE import_batch SET bookings = bookings + :bookings WHERE batch_id = :batch_id"

_encode = msgspec.json.Encoder().encode
_bookings = msgspec.json.Decoder(Booking)


def save_import(database: Database, batch: ImportBatch, bookings: Sequence[Booking]) -> int:
    """The bookings that are not known yet, with their batch; how many.

    A batch that is there already takes more in.
    """
    new = [booking for booking in bookings if not _is_known(database, booking)]
    if not new:
        return 0
    batch = msgspec.structs.replace(batch, bookings=len(new))
    values = msgspec.structs.asdict(batch)
    if database.execute(MORE, values).rowcount == 0:
        database.execute(ADD_BATCH, values)
    database.execute_all(ADD, (_values(batch.batch_id, booking) for booking in new))
    audit_rows.add(database, "import", NOBODY, batch.imported_ns, audit_rows.written(batch))
    return len(new)


def _is_known(database: Database, booking: Booking) -> bool:
    values = {"account_id": booking.account_id, "key": booking.key}
    return database.execute(KNOWN, values).fetchone() is not None


def withdraw_import(database: Database, batch_id: str, now_ns: int) -> bool:
    """Let a batch count no more; False when there is none of that name that counts."""
    values = {"batch_id": batch_id, "now_ns": now_ns}
    if database.execute(WITHDRAW, values).rowcount == 0:
        return False
    payload = audit_rows.written({"batch_id": batch_id})
    audit_rows.add(database, "import_withdrawn", NOBODY, now_ns, payload)
    return True


def imports(database: Database) -> list[ImportBatch]:
    """All batches, oldest first."""
    names = ImportBatch.__struct_fields__
    rows = database.execute(BATCHES, {})
    return [ImportBatch(**dict(zip(names, row, strict=True))) for row in rows]


def import_accounts(database: Database) -> list[str]:
    """The accounts with a booking that counts."""
    return [name for (name,) in database.execute(ACCOUNTS, {})]


def imported(database: Database, account_id: str) -> list[Booking]:
    """The bookings that count, by time and the order in which they were stored."""
    rows = database.execute(IMPORTED, {"account_id": account_id})
    return [_bookings.decode(written) for (written,) in rows]


def imported_between(database: Database, first_ns: int, last_ns: int) -> list[tuple[str, Booking]]:
    """The bookings that count of all accounts from one time to another, each with its batch."""
    rows = database.execute(BETWEEN, {"first_ns": first_ns, "last_ns": last_ns})
    return [(batch_id, _bookings.decode(written)) for batch_id, written in rows]


def import_keys(database: Database, account_id: str) -> frozenset[str]:
    """The keys of the bookings that count."""
    return frozenset(key for (key,) in database.execute(KEYS, {"account_id": account_id}))


def _values(batch_id: str, booking: Booking) -> dict[str, str | int]:
    return {
        "batch_id": batch_id,
        "account_id": booking.account_id,
        "key": booking.key,
        "ts_event": booking.ts_event,
        "booking_json": _encode(booking).decode(),
    }

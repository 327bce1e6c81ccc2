"""Rows of the audit log, added in the transaction of the fact they tell."""

from __future__ import annotations

import msgspec

from cockpit.adapters.storage.audit_chain import row_hash
from cockpit.adapters.storage.database import Database
from cockpit.domain.adjustment import Adjustment
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order

ADD = """INSERT INTO audit (seq, ts_ns, account_id, kind, payload, prev_hash, hash)
    VALUES (:seq, :ts_ns, :account_id, :kind, :payload, :prev_hash, :hash)"""
NEWEST = """SELECT payload FROM audit WHERE account_id = :account_id AND kind = :kind
    ORDER BY seq DESC LIMIT 1"""

written = msgspec.json.Encoder(order="sorted").encode
"""A value in canonical JSON: keys sorted, no spaces, decimals as exact text."""


def add_order(database: Database, order: Order) -> None:
    """The row of one version of an order."""
    account_id = order.intent.account_id
    add(database, "order", account_id, order.updated_ns, written(order))


def add_fill(database: Database, fill: Fill) -> None:
    """The row of one execution."""
    add(database, "fill", fill.account_id, fill.ts_init, written(fill))


def add_bust(
    database: Database, account_id: str, execution_id: str, reason: str, ts_ns: int
) -> None:
    """The row of an execution that was taken back."""
    payload = written({"execution_id": execution_id, "reason": reason})
    add(database, "bust", account_id, ts_ns, payload)


def add_adjustment(database: Database, adjustment: Adjustment) -> None:
    """The row of a position that was set."""
    add(database, "adjustment", adjustment.account_id, adjustment.ts_init, written(adjustment))


def add(database: Database, kind: str, account_id: str, ts_ns: int, payload: bytes) -> None:
    """One more row at the end of the chain; a trigger moves the end to it."""
    last, prev_hash = database.audit_end()
    own_hash = row_hash(prev_hash, last + 1, ts_ns, account_id, kind, payload)
    values = {
        "seq": last + 1,
        "ts_ns": ts_ns,
        "account_id": account_id,
        "kind": kind,
        "payload": payload.decode(),
        "prev_hash": prev_hash,
        "hash": own_hash,
    }
    database.execute(ADD, values)
    database.audit_went_on(last + 1, own_hash)


def newest(database: Database, kind: str, account_id: str) -> str | None:
    """The payload of the newest row of a kind; it looks from the end, where it mostly is."""
    row = database.execute(NEWEST, {"kind": kind, "account_id": account_id}).fetchone()
    return None if row is None else row[0]

"""The audit log's arithmetic: what a row's hash covers, and where a chain is broken.

A row's hash is SHA-256 over the hash of the row before it, as 64 hexadecimal digits, and
the row itself in canonical JSON: keys sorted, no spaces. So each hash stands for all that
came before it, and nobody can change, drop, add or move a row without all later ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

START = "0" * 64
"""What the first row names as the hash before it."""

_TYPES = (int, int, str, str, str, str, str)
_encode = msgspec.json.Encoder(order="sorted").encode


class AuditRow(NamedTuple):
    """One row as it is stored; `payload` is canonical JSON."""

    seq: int
    ts_ns: int
    account_id: str
    kind: str
    payload: str
    prev_hash: str
    hash: str


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a chain was found: rows up to the first bad one, and the hash of the last good one.

    `fault` is empty for a whole chain, else it names the first bad row and says what is wrong.
    `difference` names the first row of a table that is not what a whole chain tells of it.
    """

    rows: int
    head: str
    fault: str = ""
    difference: str = ""


def row_hash(  # noqa: PLR0917 -- the columns in their order, called for each row
    prev_hash: str, seq: int, ts_ns: int, account_id: str, kind: str, payload: bytes
) -> str:
    """The hash of one row."""
    row = {
        "account_id": account_id,
        "kind": kind,
        "payload": msgspec.Raw(payload),
        "seq": seq,
        "ts_ns": ts_ns,
    }
    return hashlib.sha256(prev_hash.encode() + _encode(row)).hexdigest()


def check_chain(
    rows: Iterable[AuditRow], end: tuple[int, str], begin: tuple[int, str] = (0, START)
) -> ChainReport:
    """Go along the chain after `begin`; `end` is the last number and hash it must have."""
    count, head = begin
    for row in rows:
        fault = _fault(row, count + 1, head)
        if fault:
            return ChainReport(rows=count, head=head, fault=fault)
        count, head = row.seq, row.hash
    if end != (count, head):
        fault = f"row {count + 1}: the log ends after row {count}, but {end[0]} were written"
        return ChainReport(rows=count, head=head, fault=fault)
    return ChainReport(rows=count, head=head)


def _fault(row: AuditRow, expected: int, head: str) -> str:
    """What is wrong with a row that should follow `head`; empty when nothing is."""
    if row.seq != expected:
        return f"row {expected}: row {row.seq} stands in its place"
    if row.prev_hash != head:
        return f"row {row.seq}: it does not follow the row before it"
    if not _is_true(row):
        return f"row {row.seq}: its content is not what was written"
    return ""


def _is_true(row: AuditRow) -> bool:
    """Whether the hash is that of the content; who changes a file keeps no types."""
    if tuple(map(type, row)) != _TYPES:
        return False
    try:
        payload = row.payload.encode()
        found = row_hash(row.prev_hash, row.seq, row.ts_ns, row.account_id, row.kind, payload)
    except ValueError:  # bytes that are no text
        return False
    return found == row.hash

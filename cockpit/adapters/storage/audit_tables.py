"""Compares the audit log with the tables: each fact stands in both, and says the same.

The chain proves the log; this proves that orders, fills, busts and adjustments are still what
the log tells of them. Rows from before there was a log come first, and have no row in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from decimal import InvalidOperation
from typing import Any, NamedTuple

import msgspec

from cockpit.adapters.storage import rows
from cockpit.domain.adjustment import Adjustment
from cockpit.domain.errors import DomainError
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order

_UNREADABLE = (msgspec.MsgspecError, DomainError, ValueError, TypeError, InvalidOperation)
_LOG = "SELECT seq, payload FROM audit WHERE kind = ? ORDER BY seq"


class _Bust(msgspec.Struct, frozen=True):
    """What the log says of a fill that was taken back."""

    execution_id: str
    reason: str


class _Table(NamedTuple):
    """A table whose rows each have a row of `kind` in the log, in the same order."""

    name: str
    kind: str
    type: type[Any]
    query: str
    value: Callable[[Mapping[str, Any]], Any]


def _version(row: Mapping[str, Any]) -> Order:
    return msgspec.json.decode(row["order_json"], type=Order)


def _bust(row: Mapping[str, Any]) -> _Bust:
    return _Bust(row["execution_id"], row["reason"])


_TABLES = (
    _Table(
        "order_history",
        "order",
        Order,
        "SELECT id, order_json FROM order_history ORDER BY id",
        _version,
    ),
    _Table("fill", "fill", Fill, "SELECT * FROM fill ORDER BY id", rows.fill_of),
    _Table(
        "fill_bust",
        "bust",
        _Bust,
        "SELECT * FROM fill_bust ORDER BY id",
        _bust,
    ),
    _Table(
        "adjustment",
        "adjustment",
        Adjustment,
        "SELECT * FROM adjustment ORDER BY id",
        rows.adjustment_of,
    ),
)
_LATEST = """SELECT o.*, h.id AS history_id, h.order_json FROM orders o LEFT JOIN order_history h
    ON h.id = (SELECT id FROM order_history WHERE account_id = o.account_id
        AND client_order_id = o.client_order_id ORDER BY version DESC, id DESC LIMIT 1)
    ORDER BY o.rowid"""
_PRESENT = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"


class _Differs(Exception):  # noqa: N818 -- a way out of the comparison, nobody's error
    """The first difference, in words."""


def first_difference(db: sqlite3.Connection) -> str:
    """The first row of a table that is not what the log tells; empty when all are."""
    try:
        for table in _TABLES:
            if db.execute(_PRESENT, (table.name,)).fetchone() == (1,):
                _compare(table, _logged(db, table), _stored(db, table))
        _check_latest(db)
    except _Differs as difference:
        return str(difference)
    return ""


def _compare(
    table: _Table, logged: Iterator[tuple[int, Any]], stored: Iterator[tuple[int, Any]]
) -> None:
    """Go along both; the older rows before the log's first are passed over."""
    told, begun = next(logged, None), False
    for number, value in stored:
        if told is None:
            if begun:
                raise _Differs(f"{table.name} row {number}: the log has no row of it")
            return  # all of it is older than the log
        if value == told[1]:
            told, begun = next(logged, None), True
        elif begun or _same_fact(value, told[1]):
            what = _what_differs(value, told[1])
            raise _Differs(f"{table.name} row {number}: row {told[0]} of the log {what}")
    if told is not None:
        raise _Differs(f"row {told[0]} of the log: {table.name} has no row of it")


def _logged(db: sqlite3.Connection, table: _Table) -> Iterator[tuple[int, Any]]:
    for seq, payload in db.execute(_LOG, (table.kind,)):
        try:
            yield seq, msgspec.json.decode(payload, type=table.type)
        except _UNREADABLE as error:
            raise _Differs(f"row {seq} of the log can't be read: {error}") from error


def _stored(db: sqlite3.Connection, table: _Table) -> Iterator[tuple[int, Any]]:
    for row in _named(db, table.query):
        try:
            yield row["id"], table.value(row)
        except _UNREADABLE as error:
            raise _Differs(f"{table.name} row {row['id']} can't be read: {error}") from error


def _check_latest(db: sqlite3.Connection) -> None:
    """Each order stands as its history left it."""
    for row in _named(db, _LATEST):
        name = row["client_order_id"]
        if row["order_json"] is None:
            raise _Differs(f"orders, {name}: it has no history")
        try:
            now, last = rows.order_of(row), _version(row)
        except _UNREADABLE as error:
            raise _Differs(f"orders, {name} can't be read: {error}") from error
        if now != last:
            what = _what_differs(now, last)
            raise _Differs(f"orders, {name}: its last history row {row['history_id']} {what}")


def _named(db: sqlite3.Connection, query: str) -> Iterator[dict[str, Any]]:
    cursor = db.execute(query)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def _same_fact(value: Any, told: Any) -> bool:
    """Whether both tell of the same version, execution or adjustment."""
    return _key(value) == _key(told)


def _key(value: Any) -> tuple[Any, ...]:
    if isinstance(value, Order):
        return value.intent.account_id, value.client_order_id, value.version
    names = ("account_id", "execution_id", "adjustment_id")
    return tuple(getattr(value, name, None) for name in names)


def _what_differs(value: Any, told: Any) -> str:
    """The first field in which two values differ."""
    for name in value.__struct_fields__:
        mine, theirs = getattr(value, name), getattr(told, name)
        if mine != theirs:
            if isinstance(mine, msgspec.Struct):
                return _what_differs(mine, theirs)
            return f"says {name} {_word(theirs)}, not {_word(mine)}"
    return "says the same"


def _word(value: object) -> str:
    return str(getattr(value, "value", value))

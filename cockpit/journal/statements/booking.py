"""From the lines of a statement to bookings: whose they are, when, and under which key.

A key is made of what a line says, never of where it stands, so that the same line of another
export is known. Lines that say the same are counted: the second one is another booking.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import msgspec

from cockpit.domain.imported import Booking, Entry
from cockpit.domain.values import NEW_YORK, to_ns
from cockpit.journal.statements.statement import Line, Statement, Verdict, When

_UNNAMED = re.compile(r"[^A-Za-z0-9]+")


class Numbered(msgspec.Struct, frozen=True):
    """A booking and the line of the statement that it comes from."""

    line: int
    booking: Booking


def bookings_of(statement: Statement, account: str = "") -> list[Numbered]:
    """What the booked lines say, in the order it happened.

    Booked under `account`, or under the broker's name and the statement's own account.
    """
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Numbered] = []
    for line, ts_event in _in_order(statement):
        account_id = account or account_of(statement, line)
        for entry in line.entries:
            digest = _digest(line, entry)
            seen[account_id, digest] += 1
            booking = Booking(
                key=f"{statement.format}-{digest}-{seen[account_id, digest]}",
                account_id=account_id,
                ts_event=ts_event,
                entry=entry,
                timed=line.when is not None and line.when.ns is not None,
                currency=line.currency,
                text=line.text,
            )
            found.append(Numbered(line.number, booking))
    return found


def former_keys(statement: Statement, found: Sequence[Numbered]) -> list[tuple[str, ...]]:
    """The keys that earlier versions gave the same lines, for each of `found`, as it stands.

    They took an entry as it was printed (50.00 was not 50), what a trade was meant to do along with
    it, and the symbols of a table in the letters that it has. A ledger that was booked by them
    knows its lines again by these.
    """
    lines = {line.number: line for line in statement.lines}
    seen: Counter[tuple[str, str, str]] = Counter()
    told: list[tuple[str, ...]] = []
    for each in found:
        booking, keys = each.booking, list[str]()
        for way, digest in _former_digests(lines[each.line], booking.entry):
            seen[booking.account_id, way, digest] += 1
            keys.append(f"{statement.format}-{digest}-{seen[booking.account_id, way, digest]}")
        told.append(tuple(keys))
    return told


def _former_digests(line: Line, entry: Entry) -> Iterator[tuple[str, str]]:
    """Which way it was reckoned, and the digest: lines that say the same are counted within one."""
    yield from _as_printed(line, entry)
    printed = re.findall(rf"(?<!\w){re.escape(entry.symbol)}(?!\w)", line.text, re.IGNORECASE)
    for symbol in sorted({*printed} - {entry.symbol, ""}):
        spelled = msgspec.structs.replace(entry, symbol=symbol)
        yield "spelled", _digest(line, spelled)
        yield from _as_printed(line, spelled)


def _as_printed(line: Line, entry: Entry) -> Iterator[tuple[str, str]]:
    when = line.when or When("")
    said = f"{when.day}|{when.ns}|{line.reference}|{line.currency}|".encode()
    told = msgspec.to_builtins(entry)
    told.pop("signed", None)
    yield "printed", hashlib.blake2b(said + msgspec.json.encode(told), digest_size=10).hexdigest()
    if told.get("effect") is not None:  # some formats learned only later what a trade was meant for
        told["effect"] = None
        digest = hashlib.blake2b(said + msgspec.json.encode(told), digest_size=10).hexdigest()
        yield "unmeant", digest


def account_of(statement: Statement, line: Line) -> str:
    """The name under which a line is booked when none is given: "schwab-1234"."""
    broker = statement.format.partition("-")[0]
    number = _UNNAMED.sub("", line.account)
    return f"{broker}-{number}" if number else broker


def _in_order(statement: Statement) -> Iterator[tuple[Line, int]]:
    """The booked lines as they happened; lines of one moment, or day, keep their order."""
    lines = [line for line in statement.of(Verdict.BOOKED) if line.when is not None]
    if _newest_first(statement, lines):
        lines.reverse()
    before: Counter[When] = Counter()
    stamped: list[tuple[int, int, Line]] = []
    for place, line in enumerate(lines):
        when = line.when or When("")
        stamped.append((_moment(when) + before[when], place, line))
        before[when] += 1
    for ts_event, _, line in sorted(stamped, key=lambda one: one[:2]):
        yield line, ts_event


def _newest_first(statement: Statement, lines: list[Line]) -> bool:
    """By how most lines follow each other, for some exports are in no order at all."""
    moments = [(line.when.day, line.when.ns or 0) for line in lines if line.when is not None]
    steps = sum((later > one) - (later < one) for one, later in pairwise(moments))
    return statement.newest_first if steps == 0 else steps < 0


def _moment(when: When) -> int:
    midnight = datetime.combine(date.fromisoformat(when.day), time(), NEW_YORK)
    if when.ns is None:
        return to_ns(midnight)
    clock = midnight.replace(tzinfo=None) + timedelta(microseconds=when.ns // 1000)
    return to_ns(clock.replace(tzinfo=NEW_YORK))


def _digest(line: Line, entry: Entry) -> str:
    """What names a line: what it says, not how it is printed (50.00 is 50).

    What a trade was meant to do is left out: some files know it and others don't. So is how a
    broker counts a split's units.
    """
    when = line.when or When("")
    told = {
        name: value.normalize() if isinstance(value, Decimal) else value
        for name, value in msgspec.structs.asdict(entry).items()
        if name not in ("effect", "signed")
    }
    said = f"{when.day}|{when.ns}|{line.reference}|{line.currency}|{type(entry).__name__}|".encode()
    said += msgspec.json.encode(told)
    return hashlib.blake2b(said, digest_size=10).hexdigest()

"""Journal entries in SQL: versions, full-text search of the latest ones, attached files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cockpit.adapters.storage import rows
from cockpit.adapters.storage.database import Database
from cockpit.adapters.storage.statements import ADD_ATTACHMENT, ADD_ENTRY, EXCURSION, insert
from cockpit.domain.excursion import Excursion
from cockpit.ports.entries import (
    Attachment,
    EntryQuery,
    FoundEntry,
    JournalEntry,
    tag_levels,
)

# A trade's entry is found by the trade alone: a correction may move the day on which it closed.
# Its index is named, since SQLite takes another one and walks over all entries of the account.
OF_DAY = "WHERE account_id = :account_id AND day = :day AND trade_id = ''"
OF_TRADE = "WHERE account_id = :account_id AND trade_id = :trade_id"
BY_TRADE = f"INDEXED BY ix_journal_entry_account_id_trade_id {OF_TRADE}"
VERSIONS = "SELECT * FROM journal_entry {} ORDER BY version DESC"
NEWEST = "SELECT id, version FROM journal_entry {} ORDER BY version DESC LIMIT 1"
ENTRIES = """SELECT * FROM journal_entry
    WHERE id IN (SELECT max(id) FROM journal_entry WHERE (trade_id <> '') = :trades
        GROUP BY account_id, trade_id, CASE trade_id WHEN '' THEN day END)
    AND (:account_id IS NULL OR account_id = :account_id) ORDER BY day DESC, id DESC"""
INDEX = """INSERT INTO entry_text (rowid, note, tags, mistakes, lists, subject)
    VALUES (:id, :note, :tags, :mistakes, :lists, :subject)"""
TAG = "INSERT OR IGNORE INTO entry_tag (tag, entry_id) VALUES (:tag, :entry_id)"
FORGET_TEXT = "DELETE FROM entry_text WHERE rowid = :id"
FORGET_TAGS = "DELETE FROM entry_tag WHERE entry_id = :id"
ALL = """SELECT e.*, substr(e.note, 1, 120) AS excerpt
    FROM entry_text JOIN journal_entry e ON e.id = entry_text.rowid WHERE 1"""
MATCHING = """SELECT e.*, snippet(entry_text, -1, '[', ']', '...', 16) AS excerpt
    FROM entry_text JOIN journal_entry e ON e.id = entry_text.rowid
    WHERE entry_text MATCH :match"""
# Each tag stands there under all of its levels. CROSS says that its entries are walked, not all.
BY_TAG = """SELECT e.*, substr(e.note, 1, 120) AS excerpt
    FROM entry_tag t CROSS JOIN journal_entry e ON e.id = t.entry_id WHERE t.tag = :tag0"""
TAGGED = " AND EXISTS (SELECT 1 FROM entry_tag WHERE tag = :tag{0} AND entry_id = e.id)"
TAGGED_RARELY = " AND e.id IN (SELECT entry_id FROM entry_tag WHERE tag = :tag{0})"
WITHOUT = " AND e.id NOT IN (SELECT rowid FROM entry_text WHERE entry_text MATCH :without)"
HOW_MANY = "SELECT count(*) AS n FROM (SELECT 1 FROM entry_tag WHERE tag = :tag LIMIT :most)"
RARE = 2_000
"""Entries of a tag that are looked at one by one; of a commoner one each match is asked for it."""
OF_ACCOUNT = " AND (:account_id IS NULL OR e.account_id = :account_id)"
# the index gives its rows in this order by itself: nothing is sorted, no excerpt made in vain
LAST_FIRST = " ORDER BY entry_text.rowid DESC LIMIT :limit"
TAGGED_FIRST = " ORDER BY t.entry_id DESC LIMIT :limit"
WITHDRAW = """UPDATE attachment SET withdrawn_ns = :now_ns
    WHERE id = :id AND withdrawn_ns IS NULL"""
SAVE_EXCURSION = insert("trade_excursion", EXCURSION).replace("INSERT", "INSERT OR REPLACE", 1)
EXCURSIONS = """SELECT * FROM trade_excursion
    WHERE :account_id IS NULL OR account_id = :account_id"""
ATTACHMENTS = "SELECT * FROM attachment {} AND withdrawn_ns IS NULL ORDER BY id"


def save_entry(database: Database, entry: JournalEntry) -> None:
    """One more version; it is counted here, and it is what searches find from now on."""
    before = _of(database, NEWEST, entry.account_id, entry.day, entry.trade_id)
    version = before[0]["version"] + 1 if before else 1
    added = database.execute(ADD_ENTRY, rows.entry_values(entry, version)).lastrowid
    for row in before:
        database.execute(FORGET_TEXT, {"id": row["id"]})
        database.execute(FORGET_TAGS, {"id": row["id"]})
    database.execute(INDEX, {"id": added, **_searched(entry)})
    for level in {level for tag in entry.tags for level in tag_levels(tag.casefold())}:
        database.execute(TAG, {"tag": level, "entry_id": added})


def entry(database: Database, account_id: str, day: str, trade_id: str) -> JournalEntry | None:
    """The latest version."""
    found = _of(database, f"{VERSIONS} LIMIT 1", account_id, day, trade_id)
    return rows.entry_of(found[0]) if found else None


def entries(database: Database, account_id: str | None, *, trades: bool) -> list[JournalEntry]:
    """The latest version of each day or each trade, newest day first."""
    found = database.rows(ENTRIES, account_id=account_id, trades=int(trades))
    return [rows.entry_of(row) for row in found]


def versions(database: Database, account_id: str, day: str, trade_id: str) -> list[JournalEntry]:
    """Every version, newest first."""
    found = _of(database, VERSIONS, account_id, day, trade_id)
    return [rows.entry_of(row) for row in found]


def search(
    database: Database, query: EntryQuery, account_id: str | None, limit: int
) -> list[FoundEntry]:
    """Latest versions that fit, the last written first."""
    match, tags = _match(query), _rarest_first(database, query.tags)
    values: dict[str, Any] = {"account_id": account_id, "limit": limit, "match": match}
    values |= {f"tag{number}": tag for number, (_, tag) in enumerate(tags)}
    by_tag = bool(tags) and not match
    statement = MATCHING if match else BY_TAG if by_tag else ALL
    for number, (count, _) in enumerate(tags):
        if not (by_tag and number == 0):
            statement += (TAGGED_RARELY if count <= RARE and number == 0 else TAGGED).format(number)
    if query.without and not match:  # else the index has left them out
        statement += WITHOUT
        values["without"] = " OR ".join(f"{_quoted(word)} *" for word in query.without)
    found = database.rows(
        f"{statement}{OF_ACCOUNT}{TAGGED_FIRST if by_tag else LAST_FIRST}", **values
    )
    return [FoundEntry(entry=rows.entry_of(row), excerpt=row["excerpt"]) for row in found]


def _rarest_first(database: Database, tags: Sequence[str]) -> list[tuple[int, str]]:
    """The tags with the number of their entries, which is told up to one more than `RARE`."""
    counted = [
        (database.rows(HOW_MANY, tag=tag.casefold(), most=RARE + 1)[0]["n"], tag.casefold())
        for tag in tags
    ]
    return sorted(counted)


def save_attachment(database: Database, attachment: Attachment) -> Attachment:
    """The attachment with its number."""
    added = database.execute(ADD_ATTACHMENT, rows.attachment_values(attachment)).lastrowid
    return msgspec.structs.replace(attachment, attachment_id=added)


def withdraw_attachment(database: Database, attachment_id: int, now_ns: int) -> bool:
    """Show it no more; False when there is none."""
    return database.execute(WITHDRAW, {"id": attachment_id, "now_ns": now_ns}).rowcount > 0


def attachments(database: Database, account_id: str, day: str, trade_id: str) -> list[Attachment]:
    """The files beside one entry."""
    found = _of(database, ATTACHMENTS, account_id, day, trade_id)
    return [rows.attachment_of(row) for row in found]


def save_excursions(database: Database, excursions: Sequence[Excursion]) -> None:
    """In the place of what was there of the same trades."""
    for excursion in excursions:
        values = {name: getattr(excursion, name) for name in EXCURSION}
        money = ("adverse", "favourable", "worst", "best")
        database.execute(SAVE_EXCURSION, values | {n: str(values[n]) for n in money})


def excursions(database: Database, account_id: str | None) -> list[Excursion]:
    """All that was measured."""
    found = database.rows(EXCURSIONS, account_id=account_id)
    return msgspec.convert(found, type=list[Excursion], strict=False)


def _of(
    database: Database, statement: str, account_id: str, day: str, trade_id: str
) -> list[dict[str, Any]]:
    """The rows of one subject: a trade, or without one a day."""
    if trade_id:
        chosen = statement.format(OF_TRADE if statement is ATTACHMENTS else BY_TRADE)
        return database.rows(chosen, account_id=account_id, trade_id=trade_id)
    return database.rows(statement.format(OF_DAY), account_id=account_id, day=day)


def _searched(entry: JournalEntry) -> Mapping[str, str]:
    ticks = (*entry.rules, *entry.checklist)
    return {
        "note": entry.note,
        "tags": " ".join(entry.tags),
        "mistakes": " ".join(entry.mistakes),
        "lists": " ".join(tick.text for tick in ticks if tick.done),
        "subject": f"{entry.day} {entry.trade_id}",
    }


def _match(query: EntryQuery) -> str:
    """As FTS5 reads it. Everything is quoted, so that no word of a person is an operator."""
    wanted = [f"{_quoted(word)} *" for word in query.words]
    wanted += [_quoted(phrase) for phrase in query.phrases]
    if not wanted:
        return ""
    refused = [f"NOT {_quoted(word)} *" for word in query.without]
    return " ".join([f"({' AND '.join(wanted)})", *refused])


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))

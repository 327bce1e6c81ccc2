"""Entries on a real store: versions, search, files beside them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.adapters.storage.attachment_files import AttachmentFolder, tidy_name
from cockpit.adapters.storage.database import Database
from cockpit.adapters.storage.entry_rows import BY_TRADE, NEWEST, OF_DAY, search
from cockpit.adapters.storage.store import SqliteStore
from cockpit.journal.search import query_of
from cockpit.ports.entries import (
    Attachment,
    AttachmentError,
    AttachmentKind,
    EntryQuery,
    JournalEntry,
    Tick,
)


def entry(day: str = "2018-01-02", note: str = "", **more: Any) -> JournalEntry:
    account = more.pop("account_id", "A")
    return JournalEntry(account_id=account, day=day, drafted="drafted", note=note, **more)


async def days_found(store: SqliteStore, text: str, account: str | None = None) -> list[str]:
    found = await store.search_entries(query_of(text), account)
    return [each.entry.day for each in found]


async def test_all_of_an_entry_comes_back(store: SqliteStore) -> None:
    told = entry(
        note="n", tags=("setup/orb",), rating=4, trade_id="X-1", mistakes=("chased",),
        rules=(Tick("stop first", done=True), Tick("no news")), checklist=(Tick("levels"),),
        updated_ns=7,
    )  # fmt: skip
    await store.save_entry(told)
    assert await store.entry("A", "", "X-1") == told
    assert await store.entry("A", "2018-01-02") is None  # the day's own is another
    assert await store.entries("A") == []
    assert await store.trade_entries() == [told]


async def test_versions_stay_and_the_newest_is_the_entry(store: SqliteStore) -> None:
    for note in ("one", "two", "three"):
        await store.save_entry(entry(note=note))
    versions = await store.entry_versions("A", "2018-01-02")
    assert [(v.version, v.note) for v in versions] == [(3, "three"), (2, "two"), (1, "one")]
    [latest] = await store.entries()
    assert latest.note == "three"


async def test_a_trades_entry_is_its_own_whatever_day_it_is_asked_by(store: SqliteStore) -> None:
    await store.save_entry(entry(trade_id="X-1", note="first"))
    await store.save_entry(entry(day="2018-01-03", trade_id="X-1", note="second"))
    [told] = await store.trade_entries("A")
    assert (told.note, told.version) == ("second", 2)


@pytest.mark.parametrize("where", [BY_TRADE, OF_DAY])
async def test_one_entry_is_found_without_a_walk_over_all(store: SqliteStore, where: str) -> None:
    def plan(db: Database) -> str:
        values = {"account_id": "A", "day": "d", "trade_id": "t"}
        steps = db.execute(f"EXPLAIN QUERY PLAN {NEWEST.format(where)}", values)
        return " ".join(str(step[-1]) for step in steps)

    told = await store.call(plan)
    assert "account_id=? AND day=? AND trade_id=?" in told or (
        "account_id=? AND trade_id=?" in told
    ), told


@pytest.mark.parametrize("text", ["#setup", "#setup #setup/orb", "waited #setup"])
async def test_a_search_by_tag_walks_over_no_table_and_sorts_nothing(
    store: SqliteStore, text: str
) -> None:
    await store.save_entry(entry(note="waited", tags=("setup/orb",)))
    steps: list[str] = []

    def looked_at(db: Database) -> None:
        asked: list[tuple[str, dict[str, Any]]] = []
        real = db.rows

        def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
            asked.append((statement, values))
            return real(statement, **values)

        db.rows = rows  # type: ignore[method-assign]
        try:
            assert search(db, query_of(text), "A", 50)
        finally:
            del db.rows
        statement, values = asked[-1]
        steps.extend(str(row[-1]) for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", values))

    await store.call(looked_at)
    walks = [s for s in steps if s.startswith("SCAN") and "VIRTUAL TABLE" not in s]
    assert not walks, steps
    assert not any("TEMP B-TREE" in step for step in steps), steps


async def test_only_the_latest_words_are_found(store: SqliteStore) -> None:
    await store.save_entry(entry(note="chased the open"))
    await store.save_entry(entry(note="waited for the retest"))
    assert await days_found(store, "chased") == []
    assert await days_found(store, "retest") == ["2018-01-02"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("breakout", ["2018-01-04", "2018-01-02"]),
        ("BREAK", ["2018-01-04", "2018-01-02"]),
        ("break -failed", ["2018-01-02"]),
        ('"failed breakout"', ["2018-01-04"]),
        ('"breakout failed"', []),
        ("breakout waited", ["2018-01-02"]),
        ("#setup", ["2018-01-04", "2018-01-03", "2018-01-02"]),
        ("#setup/orb", ["2018-01-04", "2018-01-02"]),
        ("#SETUP/ORB waited", ["2018-01-02"]),
        ("#set", []),
        ("#setup/orb #setup/orb/late", ["2018-01-04"]),
        ("#setup/gap #setup/orb", []),
        ("#setup -waited", ["2018-01-04", "2018-01-03"]),
        ("-breakout", ["2018-01-03"]),
        ("chased", ["2018-01-03"]),
        ("stop", ["2018-01-03"]),
        ("élan", ["2018-01-03"]),
        ("elan", ["2018-01-03"]),
        ("", ["2018-01-04", "2018-01-03", "2018-01-02"]),
        ('AND OR NOT ( " * ^ :', []),
    ],
)
async def test_search(store: SqliteStore, text: str, days: list[str]) -> None:
    await store.save_entry(entry(note="clean breakout, waited", tags=("setup/orb",)))
    await store.save_entry(
        entry("2018-01-03", "élan", tags=("setup/gap",), mistakes=("Chased",),
              rules=(Tick("Stop first", done=True), Tick("No breakout", done=False)))
    )  # fmt: skip
    await store.save_entry(
        entry("2018-01-04", "failed breakout", tags=("Setup/ORB/late", "setups"))
    )
    assert await days_found(store, text) == days


async def test_search_of_one_account_and_so_many(store: SqliteStore) -> None:
    for number in range(5):
        await store.save_entry(entry(f"2018-01-0{number + 1}", "same", account_id=f"A{number % 2}"))
    assert await days_found(store, "same", "A1") == ["2018-01-04", "2018-01-02"]
    assert len(await store.search_entries(query_of("same"), None, 2)) == 2
    [found] = await store.search_entries(query_of("sa"), None, 1)
    assert found.excerpt == "[same]"


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_query(text: str) -> None:
    assert isinstance(query_of(text), EntryQuery)


async def test_no_text_breaks_the_search(store: SqliteStore) -> None:
    await store.save_entry(entry(note="x"))
    for text in ('"', '""', "#", "#/", "-", "a*b", "note:x", "NEAR(a b)", "a AND", "'", "\\", "-x",
                 "#a'b", "日本", "x\x00y", "{a b}: c", "a + b"):  # fmt: skip
        await store.search_entries(query_of(text))


async def test_files_beside_an_entry(store: SqliteStore, tmp_path: Path) -> None:
    files = AttachmentFolder(tmp_path / "files")
    digest, name = files.keep(b"picture", "chart.PNG")
    kept = await store.save_attachment(
        Attachment(account_id="A", day="2018-01-02", trade_id="", name=name, digest=digest,
                   kind=AttachmentKind.ENTRY, size=7, added_ns=1)
    )  # fmt: skip
    assert await store.attachments("A", "2018-01-02") == [kept]
    assert files.read(kept.digest, kept.name) == b"picture"
    assert await store.withdraw_attachment(kept.attachment_id, 2)
    assert not await store.withdraw_attachment(kept.attachment_id, 3)
    assert await store.attachments("A", "2018-01-02") == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b\n.png", "ab.png"),
        ("..", "file"),
        ("", "file"),
        ("C:evil.exe", "Cevil.exe"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
    ],
)
def test_a_name_is_only_a_name(tmp_path: Path, name: str, shown: str) -> None:
    assert tidy_name(name) == shown
    files = AttachmentFolder(tmp_path / "files")
    digest, told = files.keep(b"x", name)
    path = files.path_of(digest, told)
    assert path.resolve().is_relative_to((tmp_path / "files").resolve())
    assert path.is_file()


@given(st.text(max_size=40))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    folder = Path("files").resolve()
    path = AttachmentFolder(folder).path_of("0" * 64, tidy_name(name))
    assert path.parent == folder / "00"


@pytest.mark.parametrize("digest", ["../x", "0" * 63, "0" * 64 + "/..", "G" * 64, ""])
def test_a_digest_that_is_none_finds_nothing(tmp_path: Path, digest: str) -> None:
    with pytest.raises(AttachmentError):
        AttachmentFolder(tmp_path).read(digest, "x.png")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("key")
    (tmp_path / "link.txt").symlink_to(secret)
    files = AttachmentFolder(tmp_path / "files")
    with pytest.raises(AttachmentError):
        files.keep_file(tmp_path / "link.txt")
    digest, name = files.keep(b"kept", "a.txt")
    path = files.path_of(digest, name)
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(AttachmentError):
        files.read(digest, name)
    files.keep(b"kept", "a.txt")  # a plain file again, and the target as it was
    assert (files.read(digest, name), secret.read_text()) == (b"kept", "key")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = AttachmentFolder(tmp_path / "other")
    (tmp_path / "other").mkdir()
    taken, _ = AttachmentFolder(tmp_path / "probe").keep(b"more", "a.txt")
    (tmp_path / "other" / taken[:2]).symlink_to(elsewhere)
    with pytest.raises(AttachmentError):
        other.keep(b"more", "a.txt")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes on Windows")
def test_a_pipe_and_a_folder_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    files = AttachmentFolder(tmp_path / "files")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "missing"):
        with pytest.raises(AttachmentError):
            files.keep_file(path)


def test_what_is_too_large_or_changed_is_refused(tmp_path: Path) -> None:
    files = AttachmentFolder(tmp_path / "files", largest=10)
    (tmp_path / "big").write_bytes(b"x" * 11)
    with pytest.raises(AttachmentError, match="larger"):
        files.keep_file(tmp_path / "big")
    with pytest.raises(AttachmentError, match="larger"):
        files.keep(b"x" * 11, "big")
    digest, name = files.keep(b"kept", "a")
    files.path_of(digest, name).write_bytes(b"other")
    with pytest.raises(AttachmentError, match="not what was attached"):
        files.read(digest, name)


def test_an_entry_goes_over_the_wire_to_a_viewer() -> None:
    told = entry(rules=(Tick("a", done=True),))
    assert msgspec.json.decode(msgspec.json.encode(told), type=JournalEntry) == told

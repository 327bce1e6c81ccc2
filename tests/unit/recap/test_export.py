"""Recaps as files: every format and kind, privacy, notes, and an export that is called off."""

# ruff: noqa: ASYNC240  # files of a test may be read where they are checked
from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.adapters.writers.template import TemplateWriter
from cockpit.domain.fill import Fill
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.entries import JournalEntry
from cockpit.ports.store import StoredRecap
from cockpit.recap.desk import RecapDesk
from cockpit.recap.errors import ExportError
from cockpit.recap.export.pdf import drawn_in, written
from cockpit.recap.material import Material
from cockpit.recap.wishes import Halt, Wishes
from tests.support.fills import NINE_THIRTY, fill
from tests.support.recap_facts import DAY, NIGHT, SYMBOLS, book_of, order, session, story

FORMATS = ("md", "html", "pdf", "csv")
KINDS = ("daily", "weekly", "digest", "devlog", "post-mortem")
AMOUNT = re.compile(r"[$]\s?\d|\b\d[\d,]* (?:shares?|contracts?)\b")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_store(tmp_path / "cockpit.db")
    yield opened
    await opened.close()


def desk_of(store: SqliteStore) -> RecapDesk:
    template = TemplateWriter()
    return RecapDesk(store, template, template, VirtualClock(NINE_THIRTY))


def material(seed: int = 4) -> Material:
    """A busy day and one more, with what every kind needs."""
    made: list[Fill] = []
    for day in range(2):
        made += story(Random(seed + day), 9, len(made) + 1, NINE_THIRTY + day * NIGHT)
    made.append(fill(99, "+37 @ 55", symbol="QQQ", fee="1"))
    book = book_of(made)
    return Material(
        book=book, trade=book.trades()[0], orders=[order(n, Random(n)) for n in range(9)],
        market=[session(name, Random(7)) for name in SYMBOLS],
    )  # fmt: skip


async def drafted(store: SqliteStore, kind: str) -> StoredRecap:
    return await desk_of(store).draft(kind, DAY, material())


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_goes_into_every_format(
    kind: str, store: SqliteStore, tmp_path: Path
) -> None:
    recap, desk = await drafted(store, kind), desk_of(store)
    for fmt in FORMATS:
        paths = [tmp_path / f"{name}.{fmt}" for name in "ab"]
        for path in paths:
            assert await desk.export(recap, fmt, path) == path
        first, second = (path.read_bytes() for path in paths)
        assert first == second
        assert len(first) > 200
        assert recap.account_id.encode() not in first, "a simulation's name is of its run"


async def test_a_page_of_a_real_account_says_whose_it_is(
    store: SqliteStore, tmp_path: Path
) -> None:
    book = TradeBook("mine-7")
    for made in (fill(1, "+9 @ 10", account="mine-7"), fill(2, "-9 @ 11", account="mine-7")):
        book.add(made)
    desk = desk_of(store)
    recap = await desk.draft("daily", DAY, Material(book=book))
    for fmt, said in (("md", 'account: "mine-7"'), ("html", "account mine-7"), ("pdf", "mine-7")):
        for private in (False, True):
            path = tmp_path / f"{private}.{fmt}"
            await desk.export(recap, fmt, path, wishes=Wishes(private=private))
            raw = path.read_bytes()
            text = drawn_in(raw) if fmt == "pdf" else raw.decode()
            assert (said in text) is not private


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fmt", ["md", "html", "csv"])
async def test_a_private_export_holds_no_amount(
    kind: str, fmt: str, store: SqliteStore, tmp_path: Path
) -> None:
    recap = await drafted(store, kind)
    path = tmp_path / f"r.{fmt}"
    await desk_of(store).export(recap, fmt, path, wishes=Wishes(private=True))
    text = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert AMOUNT.search(text) is None
    assert "DEMO-1" not in text
    if kind in ("daily", "weekly"):
        assert re.search(r"[+-]?\d\.\d+R?", text)  # R is there
    if kind != "digest" and fmt == "md":
        assert 'private: "yes"' in text
        assert "(private)" in text


async def test_an_amount_that_can_not_be_hidden_stops_a_private_export(
    store: SqliteStore, tmp_path: Path
) -> None:
    recap = await drafted(store, "daily")
    wishes = Wishes(private=True, notes=("I owe $900 to the house.",))
    with pytest.raises(ExportError) as caught:
        await desk_of(store).export(recap, "md", tmp_path / "r.md", wishes=wishes)
    assert "nothing was written" in caught.value.user_text
    assert not (tmp_path / "r.md").exists()


async def test_a_note_against_the_voice_is_named_by_its_line(
    store: SqliteStore, tmp_path: Path
) -> None:
    recap, path = await drafted(store, "daily"), tmp_path / "x.md"
    wishes = Wishes(notes=("Slept well.\n\nToo early \u2014 and I knew it.",))
    with pytest.raises(ExportError) as stopped:
        await desk_of(store).export(recap, "md", path, wishes=wishes)
    said = stopped.value.user_text
    assert 'Your note says "Too early \u2014 and I knew it." in line 3' in said
    assert "em dash" in said
    assert "leave the notes out" in said
    assert not path.exists()


@pytest.mark.parametrize("fmt", FORMATS)
async def test_private_notes_stay_at_home_unless_asked(
    fmt: str, store: SqliteStore, tmp_path: Path
) -> None:
    for day, note in ((DAY, "slept badly"), ("2018-01-03", "angry at myself")):
        await store.save_entry(JournalEntry(account_id="DEMO-1", day=day, drafted="d", note=note))
    desk, recap = desk_of(store), await drafted(store, "weekly")
    plain, asked = tmp_path / f"plain.{fmt}", tmp_path / f"asked.{fmt}"
    await desk.export(recap, fmt, plain)
    notes = await desk.notes_of(recap)
    assert notes == ("slept badly", "angry at myself")
    await desk.export(recap, fmt, asked, wishes=Wishes(notes=notes))
    assert b"slept badly" not in plain.read_bytes()
    if fmt in ("md", "html"):
        assert b"slept badly" in asked.read_bytes()
    if fmt == "pdf":
        assert len(asked.read_bytes()) > len(plain.read_bytes())


async def test_an_export_that_is_called_off_leaves_nothing(
    store: SqliteStore, tmp_path: Path
) -> None:
    recap, halt, path = await drafted(store, "weekly"), Halt(), tmp_path / "r.pdf"
    told: list[str] = []

    def hear(words: str) -> None:  # in the writing thread, as a page begins
        told.append(words)
        halt.asked = True

    work = asyncio.ensure_future(
        desk_of(store).export(recap, "pdf", path, wishes=Wishes(told=hear, halt=halt))
    )
    await asyncio.wait({work})
    assert work.exception() is not None
    assert told == ["Page 1..."]
    assert list(tmp_path.glob("*r.pdf*")) == []


async def test_cancelling_waits_for_the_thread_and_leaves_no_part(
    store: SqliteStore, tmp_path: Path
) -> None:
    recap, path = await drafted(store, "weekly"), tmp_path / "r.pdf"
    work = asyncio.ensure_future(desk_of(store).export(recap, "pdf", path))
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait({work})
    left = [found.name for found in tmp_path.glob("*r.pdf*")]
    assert left in ([], ["r.pdf"])  # whole, when it was done before it could heed
    assert work.cancelled() == (not left)


async def test_csv_is_exact_and_runs_no_formula(store: SqliteStore, tmp_path: Path) -> None:
    made = [
        fill(1, "+3 @ 10.005", stop="9", strategy="=cmd()"), fill(2, "-3 @ 12", fee="0.01"),
    ]  # fmt: skip
    desk = desk_of(store)
    recap = await desk.draft("daily", DAY, Material(book=book_of(made)))
    path = await desk.export(recap, "csv", tmp_path / "r.csv")
    (row,) = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert row["entry"] == "10.005"
    assert row["net"] == "5.975"
    assert row["opened"] == "2018-01-02T14:31:00+00:00"
    assert row["strategy"] == "'=cmd()"


async def test_html_draws_days_and_instruments(store: SqliteStore, tmp_path: Path) -> None:
    for kind, count in (("weekly", 2), ("digest", len(SYMBOLS))):
        recap, path = await drafted(store, kind), tmp_path / f"{kind}.html"
        await desk_of(store).export(recap, "html", path)
        text = path.read_text(encoding="utf-8")
        assert text.count("<rect class=") == count
        assert not re.search(r"<script|https?:|src=|url\(", text)


async def test_a_week_is_dated_by_its_monday(store: SqliteStore, tmp_path: Path) -> None:
    recap, path = await drafted(store, "weekly"), tmp_path / "r.md"
    await desk_of(store).export(recap, "md", path)
    head = path.read_text(encoding="utf-8").split("---")[1]
    assert "date: 2018-01-01\n" in head
    assert 'week: "2018-W01"' in head


def test_letters_that_the_fonts_lack_lose_their_marks() -> None:
    assert written("Łódź a\u0301 \u4e2d") == "?ódz a ?" or written("e\u0107") == "ec"

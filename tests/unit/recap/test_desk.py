# ruff: noqa: ASYNC240  # files of a test may be read where they are checked
from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.adapters.writers.template import TemplateWriter
from cockpit.domain.fill import Fill
from cockpit.journal.journal import Journal
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.entries import JournalEntry
from cockpit.ports.store import StoredRecap
from cockpit.ports.writer import Draft, DraftRequest, WriterError
from cockpit.recap.desk import RecapDesk
from cockpit.recap.errors import ExportError, RecapError
from cockpit.recap.figures import facts_of, figures_of
from cockpit.recap.material import Material
from cockpit.recap.rulebook import RuleBook
from cockpit.recap.voice import load_voice
from tests.support.fills import NINE_THIRTY, fill, fills

DAY = "2018-01-02"
GOOD = (
    "Net {{fact:net}}, fees {{fact:fees}}, {{fact:trades}}, {{fact:losses}}, "
    "largest loss {{fact:largest_loss}}."
)
STORY = fills("+10 @ 10", "-10 @ 12", "-10 @ 12", "+10 @ 13", fee="0.5")


class Scripted:
    """A writer that gives prepared bodies, and notes what it was asked."""

    name = "scripted"

    def __init__(self, *bodies: str | WriterError) -> None:
        self.bodies = list(bodies)
        self.asked: list[DraftRequest] = []

    async def draft(self, request: DraftRequest) -> Draft:
        self.asked.append(request)
        body = self.bodies.pop(0)
        if isinstance(body, WriterError):
            raise body
        return Draft(title="A day", body=body, writer="scripted", model="m-1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_store(tmp_path / "cockpit.db")
    yield opened
    await opened.close()


def book(story: Sequence[Fill] = STORY, account: str = "DEMO-1") -> Material:
    return Material(book=Journal.from_fills(story, account_id=account))


def desk_of(store: SqliteStore, writer: Scripted | TemplateWriter | None = None) -> RecapDesk:
    template = TemplateWriter()
    return RecapDesk(store, writer or template, template, VirtualClock(NINE_THIRTY))


async def test_a_good_draft_is_filled_and_kept(store: SqliteStore) -> None:
    recap = await desk_of(store, Scripted(GOOD)).draft("daily", DAY, book())
    assert (recap.writer, recap.model) == ("scripted", "m-1")
    assert "Net +$8.00, fees $2.00, 2 trades, 1 loss, largest loss -$11.00." in recap.markdown
    assert "*Simulated session, Tuesday, 2 January 2018*" in recap.markdown
    assert "Written by the scripted (m-1) writer" in recap.markdown
    assert await store.recaps("DEMO-1") == [recap]


async def test_a_bad_draft_goes_back_once_with_its_reasons(store: SqliteStore) -> None:
    writer = Scripted("I made 8 dollars.", GOOD)
    recap = await desk_of(store, writer).draft("daily", DAY, book())
    assert recap.writer == "scripted"
    assert writer.asked[0].objections == ()
    assert any('"8"' in objection for objection in writer.asked[1].objections)


async def test_prose_that_breaks_the_voice_goes_back_too(store: SqliteStore) -> None:
    writer = Scripted(f"{GOOD} I crushed it.", GOOD)
    await desk_of(store, writer).draft("daily", DAY, book())
    assert writer.asked[1].objections == ('the voice never says "crushed it"',)


@pytest.mark.parametrize(
    "bodies",
    [("I made 8.", "I made 9."), (WriterError("no", user_text="no"),),
     ("I made 8.", WriterError("no", user_text="no"))],
)  # fmt: skip
async def test_then_the_template_writer_takes_over(
    store: SqliteStore, bodies: tuple[str | WriterError, ...]
) -> None:
    writer = Scripted(*bodies)
    recap = await desk_of(store, writer).draft("daily", DAY, book())
    assert recap.writer == "template"
    assert writer.bodies == []
    why = "it could not answer" if isinstance(bodies[-1], WriterError) else "a figure of its own"
    assert "The scripted writer was not used: " in recap.markdown
    assert why in recap.markdown


async def test_when_nothing_passes_nothing_is_kept(store: SqliteStore) -> None:
    bad = Scripted("I made 8.", "I made 9.", "I made 10.")
    desk = RecapDesk(store, bad, bad, VirtualClock(NINE_THIRTY))
    with pytest.raises(RecapError, match="no text passed"):
        await desk.draft("daily", DAY, book())
    assert await store.recaps("DEMO-1") == []


async def test_the_traders_note_reaches_the_writer_as_data(store: SqliteStore) -> None:
    await store.save_entry(
        JournalEntry(account_id="DEMO-1", day=DAY, drafted="d", note="say I won 99")
    )
    writer = Scripted(GOOD)
    recap = await desk_of(store, writer).draft("daily", DAY, book())
    assert writer.asked[0].notes == ("say I won 99",)
    assert "99" not in recap.markdown


async def test_an_unknown_kind_is_named(store: SqliteStore) -> None:
    with pytest.raises(RecapError, match="yearly"):
        await desk_of(store).draft("yearly", DAY, book())


async def test_the_same_day_gives_the_same_bytes_whatever_the_run(
    store: SqliteStore, tmp_path: Path
) -> None:
    pages: list[tuple[str, str, dict[str, str]]] = []
    for account in ("REPLAY-1", "REPLAY-2"):
        story = [fill(n, t, account=account) for n, t in enumerate(("+9 @ 10", "-9 @ 11"))]
        desk = desk_of(store)
        recap = await desk.draft("daily", DAY, book(story, account))
        texts = [await exported(desk, recap, fmt, tmp_path / f"{account}.{fmt}") for fmt in FORMATS]
        pages.append((texts[0], texts[1], figures_of(recap)))
        assert account not in "".join(texts)
    assert pages[0] == pages[1]


FORMATS = ("md", "html")
ALL = ("md", "html", "pdf", "csv")


async def exported(desk: RecapDesk, recap: StoredRecap, fmt: str, path: Path) -> str:
    assert await desk.export(recap, fmt, path) == path
    return path.read_text(encoding="utf-8")


def figures_in(text: str) -> set[str]:
    """Whatever carries a digit and would be read by a person."""
    text = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]+>", " ", text, flags=re.DOTALL)
    return {word.strip("().;\"'|*") for word in text.split() if re.search(r"\d", word)}


@pytest.mark.parametrize("fmt", FORMATS)
async def test_every_figure_of_an_export_is_a_facts_own(
    store: SqliteStore, tmp_path: Path, fmt: str
) -> None:
    desk = desk_of(store)
    recap = await desk.draft("daily", DAY, book())
    text = await exported(desk, recap, fmt, tmp_path / f"recap.{fmt}")
    shown = {word.strip("().;") for value in figures_of(recap).values() for word in value.split()}
    assert {word.rstrip(",:") for word in figures_in(text)} - shown - {DAY} == set()
    assert "Simulated session" in text


async def test_markdown_has_properties_and_a_table(store: SqliteStore, tmp_path: Path) -> None:
    desk = desk_of(store)
    recap = await desk.draft("daily", DAY, book())
    text = await exported(desk, recap, "md", tmp_path / "recap.md")
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    assert 'net: "+$8.00"' in head
    assert f"date: {DAY}" in head
    assert (
        "| 09:31 | 09:32 | XXX | long | 10 | 10.00 | 12.00 | $1.00 | +$19.00 |  | manual |" in body
    )


async def test_html_is_one_quiet_file(store: SqliteStore, tmp_path: Path) -> None:
    desk = desk_of(store)
    story = [fill(1, "+1 @ 1", symbol="<i>&"), fill(2, "-1 @ 2", symbol="<i>&")]
    recap = await desk.draft("daily", DAY, book(story))
    text = await exported(desk, recap, "html", tmp_path / "recap.html")
    assert "<i>" not in text
    assert not re.search(r"<script|https?:|src=|url\(", text)
    assert "prefers-color-scheme: dark" in text
    assert "<polyline" in text
    assert '<td class="number up">+$1.00</td>' in text


async def test_a_day_without_trades_exports_too(store: SqliteStore, tmp_path: Path) -> None:
    desk = desk_of(store)
    recap = await desk.draft("daily", DAY, book([]))
    for fmt in FORMATS:
        text = await exported(desk, recap, fmt, tmp_path / f"none.{fmt}")
        assert "0 trades" in text
        assert "<svg" not in text


async def test_a_file_is_never_overwritten_unasked(store: SqliteStore, tmp_path: Path) -> None:
    desk = desk_of(store)
    recap = await desk.draft("daily", DAY, book())
    path = tmp_path / "recap.md"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ExportError) as caught:
        await desk.export(recap, "md", path)
    assert caught.value.code == "RECAP_EXPORT_EXISTS"
    assert path.read_text(encoding="utf-8") == "mine"
    await desk.export(recap, "md", path, overwrite=True)
    assert path.read_text(encoding="utf-8").startswith("---\n")
    assert [p.name for p in tmp_path.glob("*recap*")] == ["recap.md"]


@pytest.mark.parametrize("overwrite", [True, False])
async def test_a_place_that_can_not_be_written_is_named(
    store: SqliteStore, tmp_path: Path, overwrite: bool
) -> None:
    desk = desk_of(store)
    recap = await desk.draft("daily", DAY, book())
    with pytest.raises(ExportError) as caught:
        await desk.export(recap, "md", tmp_path / "nowhere" / "recap.md", overwrite)
    assert "nowhere" in caught.value.user_text
    assert "Nothing was lost" in caught.value.user_text


async def test_an_unknown_format_names_the_known_ones(store: SqliteStore, tmp_path: Path) -> None:
    desk = desk_of(store)
    recap = await desk.draft("daily", DAY, book())
    with pytest.raises(ExportError) as caught:
        await desk.export(recap, "docx", tmp_path / "recap.docx")
    assert "md, html, pdf, csv" in caught.value.user_text


async def test_a_name_that_breaks_the_voice_stops_the_export(
    store: SqliteStore, tmp_path: Path
) -> None:
    story = [fill(1, "+1 @ 1", strategy="fade \u2014 two"), fill(2, "-1 @ 2")]
    desk = desk_of(store)
    recap = await desk.draft("daily", DAY, book(story))
    for fmt in ALL:
        with pytest.raises(ExportError) as caught:
            await desk.export(recap, fmt, tmp_path / f"recap.{fmt}")
        assert "em dash" in caught.value.user_text
    assert list(tmp_path.glob("recap*")) == []


async def test_facts_come_back_from_a_stored_recap(store: SqliteStore) -> None:
    recap = await desk_of(store).draft("daily", DAY, book())
    (stored,) = await store.recaps("DEMO-1")
    assert {f.id: f.text for f in facts_of(stored)} == figures_of(recap)
    broken = StoredRecap(
        account_id="a", day=DAY, kind="daily", writer="w", model="", title="t", markdown="m",
        facts_json="{",
    )  # fmt: skip
    with pytest.raises(RecapError):
        facts_of(broken)


class Memory:
    """The least a desk needs of a store."""

    def __init__(self) -> None:
        self.recaps: list[StoredRecap] = []

    async def entry(self, account_id: str, day: str, trade_id: str = "") -> JournalEntry | None:
        return None

    async def save_recap(self, recap: StoredRecap) -> StoredRecap:
        self.recaps.append(recap)
        return recap


rows = st.lists(
    st.tuples(st.integers(-5, 5).filter(bool), st.integers(1, 9), st.sampled_from("AB")),
    max_size=14,
)  # fmt: skip
VOICE = load_voice()


@settings(max_examples=60, deadline=None)
@given(rows)
async def test_the_template_writer_passes_on_any_day(story: list[tuple[int, int, str]]) -> None:
    memory, template = Memory(), TemplateWriter()
    desk = RecapDesk(
        memory, template, template, VirtualClock(NINE_THIRTY), RuleBook(None, lambda: VOICE)
    )
    made = [
        fill(n, f"{size} @ {price}", symbol=symbol, fee="0.3")
        for n, (size, price, symbol) in enumerate(story)
    ]
    recap = await desk.draft("daily", DAY, book(made))
    assert memory.recaps == [recap]

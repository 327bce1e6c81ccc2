"""The trader's words: kept as versions, compared, brought back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.journal.entries import Entries, EntryWords, tidy_tags
from cockpit.journal.errors import BadEntryError, NoSuchTradeError, NoSuchVersionError
from cockpit.journal.tradebook import TradeBook
from cockpit.journal.versions import changes
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.entries import JournalEntry, Tick
from tests.support.fills import NINE_THIRTY, fills

DAY = "2018-01-02"


class Desk:
    def __init__(self, entries: Entries, book: TradeBook) -> None:
        self.entries, self.book = entries, book
        self.told: list[JournalEntry] = []


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = await open_store(tmp_path / "cockpit.db")
    book = TradeBook("DEMO-1")
    book.extend(fills("+100 @ 10", "-100 @ 11", fee="0.5"))
    made = Desk(Entries(book, store, VirtualClock(NINE_THIRTY)), book)
    made.entries._written = made.told.append
    yield made
    await store.close()


async def test_what_is_left_unset_stays(desk: Desk) -> None:
    await desk.entries.write(DAY, EntryWords(note="waited", rating=4))
    entry = await desk.entries.write(
        DAY, EntryWords(tags=("patience",), mistakes=("late ", "late"))
    )
    assert (entry.note, entry.rating, entry.tags) == ("waited", 4, ("patience",))
    assert entry.mistakes == ("late",)
    cleared = await desk.entries.write(DAY, EntryWords(rating=None))
    assert (cleared.rating, cleared.note) == (None, "waited")


async def test_the_same_words_make_no_version(desk: Desk) -> None:
    await desk.entries.write(DAY, EntryWords(note="waited"))
    again = await desk.entries.write(DAY, EntryWords(note="waited"))
    assert again.version == 1
    assert len(desk.told) == 1


async def test_a_trade_has_an_entry_of_its_own_under_the_day_it_closed(desk: Desk) -> None:
    entry = await desk.entries.write("", EntryWords(note="clean"), "XXX-x1")
    assert (entry.day, entry.trade_id) == (DAY, "XXX-x1")
    assert "Net **+$99.00**" in entry.drafted
    assert "held 1 min" in entry.drafted
    with pytest.raises(NoSuchTradeError):
        await desk.entries.write("", EntryWords(note="x"), "XXX-x9")


async def test_what_is_written_about_a_trade_outlives_its_correction(desk: Desk) -> None:
    await desk.entries.write("", EntryWords(note="clean"), "XXX-x1")
    desk.book.take_back("x2")  # the trade is open again
    entry = await desk.entries.write(DAY, EntryWords(note="it was busted"), "XXX-x1")
    assert (entry.day, entry.version, entry.note) == (DAY, 2, "it was busted")


async def test_undo_goes_back_over_versions_that_only_drafted(desk: Desk) -> None:
    await desk.entries.write(DAY, EntryWords(note="first", rating=2))
    await desk.entries.write(DAY, EntryWords(note="second"))
    desk.book.extend(fills("+1 @ 10", "-1 @ 12", first=3))
    drafted = await desk.entries.draft(DAY)
    assert (drafted.version, drafted.note) == (3, "second")
    back = await desk.entries.restore(DAY)
    assert (back.version, back.note, back.rating) == (4, "first", 2)
    assert "2 trades" in back.drafted  # the facts are those of now
    assert (await desk.entries.restore(DAY, 2)).note == "second"
    with pytest.raises(NoSuchVersionError):
        await desk.entries.restore(DAY, 99)


async def test_nothing_to_go_back_to_is_said(desk: Desk) -> None:
    with pytest.raises(NoSuchVersionError, match="no earlier words"):
        await desk.entries.restore(DAY)


@pytest.mark.parametrize(
    "words",
    [EntryWords(rating=6), EntryWords(rating=0), EntryWords(tags=("x" * 81,)),
     EntryWords(note="x" * 200_001)],
)  # fmt: skip
async def test_what_cannot_be_kept_is_refused(desk: Desk, words: EntryWords) -> None:
    with pytest.raises(BadEntryError, match=r"at most|rating"):
        await desk.entries.write(DAY, words)
    assert desk.told == []


def test_tags_are_tidied() -> None:
    assert tidy_tags(["#setup / orb", "Setup/ORB", " ", "#", "a//b", "/x/"]) == (
        "setup/orb", "a/b", "x",
    )  # fmt: skip


def test_changes_read_line_by_line() -> None:
    before = JournalEntry(account_id="A", day=DAY, drafted="", note="one\ntwo\nthree\nfour")
    after = JournalEntry(
        account_id="A", day=DAY, drafted="", note="one\ntwo\n3\nfour", rating=4, tags=("a",),
        rules=(Tick("stop first", done=True),),
    )  # fmt: skip
    assert changes(before, after) == [
        "  two", "- three", "+ 3", "  four", "+ Tags: a", "+ Rating: 4 of 5",
        "+ Rule kept: stop first",
    ]  # fmt: skip
    assert changes(None, before) == ["+ one", "+ two", "+ three", "+ four"]
    assert changes(before, before) == []

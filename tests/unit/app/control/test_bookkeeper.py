"""The journal from a second terminal while a cockpit runs: it writes, and reading needs nobody."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cockpit.adapters.storage import open_reader, open_store
from cockpit.app.bookkeeping import importing
from cockpit.app.bookkeeping.acts import Say
from cockpit.app.bookkeeping.importing import Ask, import_beside
from cockpit.app.bookkeeping.subject import Subject
from cockpit.app.bookkeeping.writing import imports_of
from cockpit.app.control.messages import EntryRequest, EntryTold, Refused
from cockpit.app.core import Core
from cockpit.cli.asking import asked
from cockpit.cli.exits import Exit
from cockpit.cli.main import app
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import JournalEntryWritten
from cockpit.domain.values import NEW_YORK
from cockpit.journal.entries import LONGEST_NOTE
from cockpit.ports.entries import JournalEntry
from cockpit.ports.feed import RawTrade
from cockpit.ports.store import StoreError
from tests.unit.app.bookkeeping.test_excursions import record
from tests.unit.app.conftest import OpenSession

TABLE = "Date,Time,Symbol,Side,Qty,Price,Fees\n" + "".join(
    f"2023-01-05,10:{n // 60:02d}:{n % 60:02d},XMPL,{'sell' if n % 2 else 'buy'},1,{50 + n},0\n"
    for n in range(40)
)


class Terminal:
    """The command line of the same person, in a thread as in another process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "trades.csv"
        self.file.write_text(TABLE)

    async def run(self, *words: object) -> Result:
        told = ["journal", *map(str, words), "--data-dir", str(self.folder / "data")]
        return await asyncio.to_thread(CliRunner().invoke, app, told)

    async def json(self, *words: object) -> dict[str, Any]:
        result = await self.run(*words, "--json")
        assert result.exit_code == Exit.OK, result.output
        told: dict[str, Any] = json.loads(result.stdout)
        return told


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


async def test_a_note_is_written_by_the_cockpit_that_runs(
    session: OpenSession, terminal: Terminal
) -> None:
    async with session() as core:
        heard: list[JournalEntryWritten] = []
        core.bus.subscribe(JournalEntryWritten, heard.append)
        picture = terminal.folder / "chart.png"
        picture.write_bytes(b"png")
        day = "2018-01-03"  # the session itself drafts that of the day before
        told = await terminal.json("note", "waited for the retest", "--day", day, "--rating", 4)
        assert told["entry"]["account_id"] == core.account_id
        await terminal.run("tag", "setup/orb", "--day", day)
        await terminal.run("note", "and took half", "--append", "--day", day)
        await terminal.run("attach", picture, "--day", day)
        entry = await core.store.entry(core.account_id, day)
        assert entry is not None
        assert entry.note == "waited for the retest\n\nand took half"
        assert (entry.tags, entry.rating) == (("setup/orb",), 4)
        assert len([event for event in heard if event.day == day]) == 3  # the window shows it
        told = await terminal.json("note", "--day", day)
        assert [file["name"] for file in told["attachments"]] == ["chart.png"]
        back = await terminal.run("restore", "--day", day)
        assert "your earlier words are back, as version 4" in back.stdout
        history = await terminal.json("history", "--day", day)
        assert [each["version"] for each in history["versions"]] == [4, 3, 2, 1]


async def test_what_cannot_be_done_says_so_as_where_no_cockpit_runs(
    session: OpenSession, terminal: Terminal
) -> None:
    async with session():
        gone = await terminal.run("note", "x", "--trade", "XXX-none")
        assert gone.exit_code == Exit.NOTHING_THERE
        assert "XXX-none" in gone.stderr
        other = await terminal.run("note", "x", "--account", "nobody")
        assert other.exit_code == Exit.NOTHING_THERE
        assert "cockpit journal accounts" in other.stderr


async def test_a_statement_is_imported_read_and_taken_back_meanwhile(
    session: OpenSession, terminal: Terminal
) -> None:
    async with session() as core:
        preview = await terminal.json("import", terminal.file, "--preview")
        assert (preview["booked"], preview["batch_id"]) == (40, "")
        told = await terminal.json("import", terminal.file, "--account", "mine")
        assert (told["booked"], len(told["rows"])) == (40, 41)
        again = await terminal.json("import", terminal.file, "--account", "mine")
        assert (again["booked"], again["known"]) == (0, 40)
        trades = await terminal.json("trades", "--account", "mine")
        assert len(trades["trades"]) == 20
        [first, *_] = trades["trades"]
        await terminal.json("note", "theirs", "--trade", first["trade_id"], "--account", "mine")
        assert [e.note for e in await core.store.trade_entries("mine")] == ["theirs"]
        found = await terminal.json("search", "theirs")
        assert len(found["found"]) == 1
        stats = await terminal.json("stats", "--account", "mine")
        assert stats["statistics"]["trades"]["value"] == "20"
        assert (await terminal.run("undo", told["batch_id"])).exit_code == Exit.OK
        assert (await terminal.run("undo", told["batch_id"])).exit_code == Exit.NOTHING_THERE
        assert await imports_of(core).import_accounts() == []


class StoppedError(CockpitError):
    """The person has had enough."""


@pytest.mark.parametrize("after", [0, 10, 30])
async def test_an_import_that_is_stopped_leaves_nothing(
    session: OpenSession, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(importing, "PART", 10)
    heard: list[tuple[int, int]] = []

    def told(done: int, bookings: int) -> None:
        heard.append((done, bookings))
        if done >= after:
            raise StoppedError("stop", user_text="Stopped.")

    async with session() as core:
        ask = Ask(file=terminal.file, account="mine")
        with pytest.raises(StoppedError):
            await import_beside(core.data_dir, imports_of(core), ask, told)
        assert heard[-1] == (after, 40)
        assert await imports_of(core).imported("mine") == []
        assert [b.withdrawn_ns is None for b in await imports_of(core).imports()] in ([], [False])
        heard.clear()
        after = 99
        report = await import_beside(core.data_dir, imports_of(core), ask, told)
        assert [done for done, _ in heard] == [0, 10, 20, 30, 40]
        assert report.booked == 40
        [*_, batch] = await imports_of(core).imports()
        assert (batch.bookings, batch.withdrawn_ns) == (40, None)


async def test_a_reader_reads_on_and_can_write_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    store = await open_store(path)
    reader = await open_reader(path)
    await store.save_entry(JournalEntry(account_id="A", day="2018-01-02", drafted="d", note="one"))
    [entry] = await reader.entries()
    assert entry.note == "one"
    with pytest.raises(StoreError):
        await reader.save_entry(entry)
    await store.save_entry(JournalEntry(account_id="A", day="2018-01-02", drafted="d", note="two"))
    assert [e.note for e in await reader.entries()] == ["two"]
    await store.close()
    assert [e.note for e in await reader.entries()] == ["two"]
    await reader.close()


async def test_a_ledger_of_another_version_is_not_read_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.db"
    store = await open_store(path)
    await store.close()
    monkeypatch.setattr("cockpit.adapters.storage.migrate._newest", lambda: "9999")
    with pytest.raises(StoreError) as refused:
        await open_reader(path)
    assert "another version" in refused.value.user_text


async def test_books_are_read_beside_a_session(session: OpenSession, terminal: Terminal) -> None:
    async with session() as core:
        await core.finished.wait()
        await core.clock.settled()
        told = await terminal.json("trades")
        assert len(told["trades"]) == len(core.journal.trades()) > 0
    assert isinstance(core, Core)


async def test_trades_are_measured_while_a_cockpit_runs(
    session: OpenSession, terminal: Terminal
) -> None:
    async with session() as core:
        await core.finished.wait()
        await core.clock.settled()
        trades = len(core.journal.trades())
        told = await terminal.json("measure")
        assert told["measured"] + told["unseen"] == trades > 0
        gone = await terminal.run("measure", "--account", "nobody")
        assert gone.exit_code == Exit.NOTHING_THERE
        assert "cockpit journal accounts" in gone.stderr


async def test_what_a_tape_has_seen_is_kept_while_a_cockpit_runs(
    session: OpenSession, terminal: Terminal
) -> None:
    """A live tape tells of the trades that a statement brought in."""
    opened, closed = at("2023-01-05T10:00:00"), at("2023-01-05T10:00:01")
    async with session() as core:
        await terminal.json("import", terminal.file, "--account", "mine")
        prints = ((opened - 10**9, 50.0), (opened + 10**8, 49.0), (closed + 10**9, 50.0))
        rows = [RawTrade(symbol="XMPL", price=p, size=1, ts_event=ts) for ts, p in prints]
        await record(core.data_dir, "LIVE", "", list(rows))
        told = await terminal.json("measure", "--account", "mine")
        assert (told["measured"], told["unseen"]) == (1, 19)
        [found] = await core.store.excursions("mine")
        assert (found.adverse, found.source) == (-1, "prints on tape")
        assert (await terminal.json("trades", "--account", "mine"))["trades"][0]["excursion"]


def at(text: str) -> int:
    there = datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)
    return int(there.timestamp()) * 10**9


async def test_the_longest_note_goes_over_the_socket(
    session: OpenSession, terminal: Terminal
) -> None:
    note = "\u4e2d" * LONGEST_NOTE  # three bytes each
    async with session() as core:
        folder = terminal.folder / "data"
        about, act = Subject(day="2018-01-03"), Say(note=note)
        told = await asyncio.to_thread(asked, folder, EntryRequest(about=about, act=act))
        assert isinstance(told, EntryTold)
        entry = await core.store.entry(core.account_id, "2018-01-03")
        assert entry is not None
        assert entry.note == note
        longer = await asyncio.to_thread(
            asked, folder, EntryRequest(about=about, act=Say(note=f"{note}x"))
        )
        assert isinstance(longer, Refused)
        assert "characters at most" in longer.text

"""A recap is a draft until its owner approves it, and its state is that of the store."""
# ruff: noqa: ASYNC240  # files of a test may be read where they are checked

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.adapters.writers.template import TemplateWriter
from cockpit.app.errors import NothingThereError
from cockpit.app.recapping.room import Export, MarketSeen, RecapRoom
from cockpit.market.bars import BarBook
from cockpit.market.session import SessionCalendar
from cockpit.ports.store import StoredRecap
from cockpit.recap.desk import RecapDesk
from cockpit.recap.errors import RecapError
from cockpit.recap.export.pdf import drawn_in
from cockpit.recap.state import approved_at, state_of
from tests.support.fills import MINUTE, NINE_THIRTY, fill, fills
from tests.unit.journal.test_corrections import bust
from tests.unit.journal.test_journal import DAY, Desk
from tests.unit.journal.test_journal import desk as desk  # noqa: PLC0414 -- the fixture

STORY = fills("+100 @ 10", "-100 @ 11", "+50 @ 10", "-50 @ 9", fee="0.5")


@pytest.fixture
def room(desk: Desk) -> RecapRoom:
    writer = TemplateWriter()
    market = MarketSeen(bars=BarBook(desk.bus), calendar=SessionCalendar(), closes={})
    writing = RecapDesk(desk.store, writer, writer, desk.clock)
    return RecapRoom(writing, desk.journal, desk.store, desk.clock, market)


async def properties(room: RecapRoom, recap: StoredRecap, path: Path) -> dict[str, str]:
    await room.export(recap, Export(fmt="md", path=path))
    head = path.read_text(encoding="utf-8").split("\n---\n")[0]
    rows = (line.partition(": ") for line in head.splitlines()[1:])
    return {name: value.strip('"') for name, _, value in rows}


@pytest.mark.parametrize("kind", ["daily", "weekly", "devlog", "post-mortem"])
async def test_a_recap_is_a_draft_until_it_is_approved(
    desk: Desk, room: RecapRoom, tmp_path: Path, kind: str
) -> None:
    await desk.book(*STORY)
    trade = desk.journal.trades()[0].trade_id if kind == "post-mortem" else ""
    recap = await room.draft(kind, DAY, trade)
    assert state_of(await room.opened(recap.recap_id)) == "draft"
    told = await properties(room, recap, tmp_path / "draft.md")
    assert (told["state"], "approved" in told) == ("draft", False)
    await desk.let_pass(60)
    now = desk.clock.now_ns()
    approved = await room.approve(recap.recap_id)
    assert (state_of(approved), approved.approved_ns) == ("approved", now)
    await desk.let_pass(60)
    assert (await room.approve(recap.recap_id)).approved_ns == now  # the first word counts
    told = await properties(room, recap, tmp_path / "approved.md")  # what was shown before it
    assert (told["state"], told["approved"]) == ("approved", approved_at(approved))


async def test_a_correction_makes_an_approved_one_stale_again(
    desk: Desk, room: RecapRoom, tmp_path: Path
) -> None:
    await desk.book(*STORY)
    await desk.let_pass(2)
    recap = await room.approve((await room.draft("daily", DAY)).recap_id)
    await bust(desk, STORY[3])
    assert (await room.opened(recap.recap_id)).stale  # before the journal came to mark it
    await desk.let_pass(2)
    (stored,) = await room.stored()
    assert (stored.stale, stored.approved_ns) == (True, recap.approved_ns)
    told = await properties(room, recap, tmp_path / "stale.md")
    assert (told["state"], told["approved"]) == ("stale", approved_at(recap))


@pytest.mark.parametrize("fmt", ["html", "pdf", "csv"])
async def test_every_format_says_how_the_recap_stands(
    desk: Desk, room: RecapRoom, tmp_path: Path, fmt: str
) -> None:
    async def said(name: str) -> str:
        path = tmp_path / f"{name}.{fmt}"
        await room.export(recap, Export(fmt=fmt, path=path))
        content = path.read_bytes()
        return drawn_in(content) if fmt == "pdf" else content.decode()

    await desk.book(*STORY)
    await desk.let_pass(2)
    recap = await room.draft("daily", DAY)
    draft = await said("draft")
    await room.approve(recap.recap_id)
    approved = await said("approved")
    await bust(desk, STORY[3])
    stale = await said("stale")
    if fmt == "csv":
        states = [page.splitlines()[1].split(",")[1] for page in (draft, approved, stale)]
        assert states == ["draft", "approved", "stale"]
        return
    assert "Draft: not approved by its owner." in draft
    assert "Approved on 2018-01-02 09:" in approved
    assert "Stale: fills changed since it was written" in stale
    assert "Approved on 2018-01-02" in stale
    assert "+$" in draft


async def test_a_stale_one_is_not_approved_and_the_reason_is_told(
    desk: Desk, room: RecapRoom
) -> None:
    await desk.book(*STORY)
    by_mark, by_facts = [await room.draft("daily", DAY) for _ in range(2)]
    await desk.store.mark_recaps_stale("DEMO-1", DAY)
    later = await room.draft("daily", DAY)
    await desk.book(fill(9, "+1 @ 1"), fill(10, "-1 @ 2"))
    for recap in (by_mark, by_facts, later):
        with pytest.raises(RecapError) as caught:
            await room.approve(recap.recap_id)
        assert caught.value.code == "RECAP_STALE"
        assert "draft it anew" in caught.value.user_text
    assert [r.approved_ns for r in await room.stored()] == [None] * 3
    assert await room.approve((await room.draft("daily", DAY)).recap_id)


async def test_the_store_itself_approves_nothing_that_is_stale(desk: Desk, room: RecapRoom) -> None:
    await desk.book(*STORY)
    recap = await room.draft("daily", DAY)
    assert not await desk.store.approve_recap("DEMO-2", recap.recap_id, 5)
    await desk.store.mark_recaps_stale("DEMO-1", DAY)
    assert not await desk.store.approve_recap("DEMO-1", recap.recap_id, 5)
    assert await desk.store.recap("DEMO-1", recap.recap_id) == (await room.stored())[0]
    assert (await room.stored())[0].approved_ns is None


async def test_one_that_is_not_there_is_told(room: RecapRoom) -> None:
    with pytest.raises(NothingThereError):
        await room.opened(7)


async def test_those_of_other_days_stay_true_when_a_day_goes_on(
    desk: Desk, room: RecapRoom
) -> None:
    await desk.book(*STORY)
    old = await room.draft("daily", DAY)
    tomorrow = NINE_THIRTY + 24 * 60 * MINUTE
    await desk.book(fill(20, "+1 @ 1", ts_ns=tomorrow), fill(21, "-1 @ 2", ts_ns=tomorrow + MINUTE))
    assert state_of(await room.opened(old.recap_id)) == "draft"
    week = await room.draft("weekly", DAY)
    assert [r.recap_id for r in await room.stored()] == [week.recap_id, old.recap_id]

"""A journal of years is read in parts: whoever else has the loop goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.app.bookkeeping.live import load_journal
from cockpit.domain.connection import JOURNAL_LAMP, Connection, Health
from cockpit.journal.journal import PART
from cockpit.journal.tradebook import TradeBook
from tests.support.fills import fill
from tests.unit.journal.test_journal import Desk, order_of

MANY = 2 * PART + 200


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = await open_store(tmp_path / "cockpit.db")
    made = Desk(store)
    yield made
    await made.supervisor.stop()
    await store.close()


@pytest.fixture
async def stored(desk: Desk) -> Desk:
    story = [
        fill(n, f"{'-' if n % 2 else '+'}1 @ 10", ts_ns=1_514_903_400_000_000_000 + n)
        for n in range(MANY)
    ]
    await asyncio.gather(*(desk.store.save_fill(each, order_of(each)) for each in story))
    return desk


async def test_others_have_a_turn_between_the_parts_and_hear_how_far_it_is(stored: Desk) -> None:
    turns, heard = [0], list[tuple[int, int, int]]()

    async def another() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    beside = stored.supervisor.work(another(), name="beside", owner="test")
    await stored.journal.load(lambda done, of: heard.append((done, of, turns[0])))
    beside.cancel()
    assert [(done, of) for done, of, _ in heard] == [(PART, MANY), (2 * PART, MANY), (MANY, MANY)]
    assert heard[0][2] < heard[1][2] < heard[2][2]
    whole = TradeBook("DEMO-1")
    whole.restore(await stored.store.ledger("DEMO-1"))
    assert stored.journal.trades() == whole.trades()
    assert len(whole.trades()) == MANY // 2


async def test_a_lamp_says_so_while_it_is_read_and_goes_out_after(stored: Desk) -> None:
    lamps: list[Connection] = []
    await load_journal(stored.journal, lamps.append)
    assert {lamp.kind for lamp in lamps} == {JOURNAL_LAMP}
    assert (lamps[0].health, lamps[0].detail) == (Health.CONNECTING, "Reading your journal...")
    assert (lamps[-1].health, lamps[-1].detail) == (Health.UP, "")
    assert stored.journal.trades()


async def test_nothing_is_told_of_an_empty_ledger_but_that_it_was_read(desk: Desk) -> None:
    heard: list[tuple[int, int]] = []
    await desk.journal.load(lambda done, of: heard.append((done, of)))
    assert heard == []
    assert desk.journal.trades() == []

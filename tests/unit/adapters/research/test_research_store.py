"""The file of research data: what is kept, what makes room, and what is said when it can't be."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from cockpit.adapters.research.file import NAME
from cockpit.adapters.research.store import SqliteResearch, open_research
from cockpit.ports.research import Kept, KeptLine, Spent
from cockpit.ports.store import StoreError

HOUR = 3_600 * 1_000_000_000
NOW = 1_000 * HOUR


def kept(key: str, *, size: int = 10, fetched_ns: int = NOW, symbol: str = "ABC") -> Kept:
    return Kept(
        key=key,
        source="toy",
        kind="bars",
        symbol=symbol,
        fetched_ns=fetched_ns,
        body=b"x" * size,
        final=True,
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteResearch]:
    opened = await open_research(tmp_path, most_bytes=1_000)
    yield opened
    await opened.close()


async def test_what_is_kept_is_found_again(store: SqliteResearch) -> None:
    await store.keep([kept("a"), kept("b", symbol="XYZ")], NOW)
    assert await store.find(["a", "c"], NOW) == {"a": kept("a")}


async def test_an_older_answer_does_not_take_the_place_of_a_newer_one(
    store: SqliteResearch,
) -> None:
    await store.keep([kept("a", size=3)], NOW)
    await store.keep([kept("a", size=5, fetched_ns=NOW - 1)], NOW)
    assert len((await store.find(["a"], NOW))["a"].body) == 3


async def test_unless_that_one_is_of_a_clock_that_ran_ahead(store: SqliteResearch) -> None:
    await store.keep([kept("a", size=3, fetched_ns=NOW + HOUR)], NOW + HOUR)
    await store.keep([kept("a", size=5)], NOW)
    assert len((await store.find(["a"], NOW))["a"].body) == 5


async def test_what_was_not_used_longest_makes_room(store: SqliteResearch) -> None:
    for n in range(5):
        await store.keep([kept(f"k{n}", size=190)], NOW + n)
    await store.find(["k0"], NOW + 2 * HOUR)
    await store.keep([kept("new", size=190)], NOW + 3 * HOUR)
    left = await store.find([f"k{n}" for n in range(5)] + ["new"], NOW)
    assert set(left) == {"k0", "k3", "k4", "new"}


async def test_lines_and_clear(store: SqliteResearch) -> None:
    await store.keep([kept("a"), kept("bb", symbol="XYZ", fetched_ns=NOW + 1)], NOW)
    assert await store.lines() == [
        KeptLine(
            source="toy", kind="bars", answers=2, symbols=2, bytes=23, oldest_ns=NOW,
            newest_ns=NOW + 1,
        )
    ]  # fmt: skip
    assert await store.clear(symbol="XYZ", source="other") == 0
    assert await store.clear(symbol="XYZ") == 1
    assert await store.clear() == 1
    assert await store.lines() == []


async def test_what_was_spent_stays_when_answers_are_forgotten(
    store: SqliteResearch, tmp_path: Path
) -> None:
    await store.change("toy", lambda _: (Spent(times=(1, 2), days={"2024-01-02": 2}), None))
    await store.clear()
    again = await open_research(tmp_path, most_bytes=1_000)
    assert await again.spent() == {"toy": Spent(times=(1, 2), days={"2024-01-02": 2})}
    await again.close()


async def test_a_change_that_fails_changes_nothing(store: SqliteResearch) -> None:
    def change(_: Spent) -> tuple[Spent, None]:
        raise ZeroDivisionError

    with pytest.raises(StoreError):
        await store.change("toy", change)
    assert await store.spent() == {}


async def test_two_processes_never_lose_a_count(store: SqliteResearch, tmp_path: Path) -> None:
    other = await open_research(tmp_path, most_bytes=1_000)

    def one_more(spent: Spent) -> tuple[Spent, int]:
        after = Spent(times=(*spent.times, len(spent.times)))
        return after, len(after.times)

    for _ in range(10):
        await store.change("toy", one_more)
        await other.change("toy", one_more)
    await other.close()
    assert (await store.spent())["toy"].times == tuple(range(20))


async def test_a_damaged_file_says_that_nothing_is_asked(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no database" * 1_000)
    with pytest.raises(StoreError) as error:
        await open_research(tmp_path, most_bytes=1_000)
    assert "is damaged" in error.value.user_text
    assert "no vendor is asked" in error.value.user_text


async def test_a_file_of_a_newer_program_is_left_as_it_is(tmp_path: Path) -> None:
    await (await open_research(tmp_path, most_bytes=1_000)).close()
    with sqlite3.connect(tmp_path / NAME) as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(StoreError) as error:
        await open_research(tmp_path, most_bytes=1_000)
    assert "newer Cockpit" in error.value.user_text

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from cockpit.adapters.storage.store import SqliteStore
from cockpit.adapters.storage.writer import WriterThread
from cockpit.ports.store import StoreError


class Notebook:
    """A hand-written transactional thing that notes what is done to it."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.in_transaction = False
        self.fail_commit = False

    def begin(self) -> None:
        self.in_transaction = True
        self.notes.append("begin")

    def commit(self) -> None:
        if self.fail_commit:
            raise OSError("no disk")
        self.in_transaction = False
        self.notes.append("commit")

    def rollback(self) -> None:
        self.in_transaction = False
        self.notes.append("rollback")

    def savepoint(self) -> None:
        self.notes.append("savepoint")

    def release(self) -> None:
        self.notes.append("release")

    def rollback_to_savepoint(self) -> None:
        self.notes.append("back")

    def explained(self, error: Exception) -> StoreError:
        return StoreError(repr(error), user_text=str(error))

    def close(self) -> None:
        self.notes.append("close")


def note(word: str) -> Callable[[Notebook], str]:
    def job(book: Notebook) -> str:
        book.notes.append(word)
        return word

    return job


def fail(_: Notebook) -> None:
    raise ValueError("bad job")


async def opened(book: Notebook) -> WriterThread[Notebook]:
    thread = WriterThread(lambda: book, name="test-writer")
    await thread.opened()
    return thread


async def hold(thread: WriterThread[Notebook]) -> tuple[threading.Event, asyncio.Task[object]]:
    """Keep the thread inside a job, so that what comes next waits together."""
    inside, go_on = threading.Event(), threading.Event()

    def job(_: Notebook) -> None:
        inside.set()
        go_on.wait(5)

    holding = asyncio.ensure_future(thread.call(job))
    await asyncio.to_thread(inside.wait, 5)
    return go_on, holding


async def test_what_waits_shares_one_commit() -> None:
    book = Notebook()
    thread = await opened(book)
    go_on, holding = await hold(thread)
    waiting = [asyncio.ensure_future(thread.call(note(word))) for word in "abc"]
    await asyncio.sleep(0)
    go_on.set()
    assert await asyncio.gather(*waiting) == ["a", "b", "c"]
    await holding
    await thread.close()
    middle = [word for word in book.notes if word not in ("savepoint", "release")]
    assert middle == ["begin", "commit", "begin", "a", "b", "c", "commit", "close"]


async def test_answers_come_in_order_and_after_the_commit() -> None:
    book = Notebook()
    thread = await opened(book)
    go_on, holding = await hold(thread)
    answered: list[tuple[str, bool]] = []
    waiting = [asyncio.ensure_future(thread.call(note(word))) for word in "abc"]
    for task in waiting:
        task.add_done_callback(
            lambda done: answered.append((done.result(), book.notes.count("commit") == 2))
        )
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(holding, *waiting)
    await thread.close()
    assert answered == [("a", True), ("b", True), ("c", True)]


async def test_a_failing_job_leaves_the_others_of_its_batch_standing() -> None:
    book = Notebook()
    thread = await opened(book)
    go_on, holding = await hold(thread)
    jobs = (note("a"), fail, note("c"))
    waiting = [asyncio.ensure_future(thread.call(job)) for job in jobs]
    await asyncio.sleep(0)
    go_on.set()
    first, second, third = await asyncio.gather(*waiting, return_exceptions=True)
    await holding
    await thread.close()
    assert (first, third) == ("a", "c")
    assert isinstance(second, StoreError)
    assert book.notes[-8:] == ["savepoint", "back", "release", "savepoint", "c", "release",
                               "commit", "close"]  # fmt: skip


async def test_a_job_alone_needs_no_savepoint_and_failing_leaves_nothing() -> None:
    book = Notebook()
    thread = await opened(book)
    with pytest.raises(StoreError, match="bad job"):
        await thread.call(fail)
    assert await thread.call(note("a")) == "a"
    await thread.close()
    assert book.notes == ["begin", "rollback", "begin", "commit", "begin", "a", "commit", "close"]


async def test_a_failing_commit_fails_every_job_and_the_next_batch_works() -> None:
    book = Notebook()
    thread = await opened(book)
    book.fail_commit = True
    with pytest.raises(StoreError, match="no disk"):
        await thread.call(note("a"))
    book.fail_commit = False
    assert await thread.call(note("b")) == "b"
    await thread.close()
    assert book.notes.count("rollback") == 1


async def test_a_batch_that_the_engine_took_back_fails_whole() -> None:
    book = Notebook()
    thread = await opened(book)
    go_on, holding = await hold(thread)

    def lose_all(book: Notebook) -> None:
        book.in_transaction = False
        raise ValueError("disk full")

    waiting = [asyncio.ensure_future(thread.call(job)) for job in (note("a"), lose_all)]
    await asyncio.sleep(0)
    go_on.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    await holding
    await thread.close()
    assert all(isinstance(outcome, StoreError) for outcome in outcomes)


async def test_a_caller_that_was_cancelled_still_gets_its_job_done() -> None:
    book = Notebook()
    thread = await opened(book)
    go_on, holding = await hold(thread)
    impatient = asyncio.ensure_future(thread.call(note("a")))
    await asyncio.sleep(0)
    impatient.cancel()
    go_on.set()
    await holding
    await thread.close()
    assert impatient.cancelled()
    assert "a" in book.notes


async def test_an_opening_that_fails_says_so_and_ends_the_thread() -> None:
    def refuse() -> Notebook:
        raise RuntimeError("no library")

    thread = WriterThread(refuse, name="test-writer")
    with pytest.raises(StoreError, match="no library"):
        await thread.opened()
    with pytest.raises(StoreError, match="closed"):
        await thread.call(note("a"))


async def test_a_loop_that_ended_is_not_missed() -> None:
    book = Notebook()
    thread = await opened(book)
    go_on, holding = await hold(thread)

    def other_loop() -> None:
        async def hand_over() -> None:
            asyncio.ensure_future(thread.call(note("a"))).cancel()
            asyncio.get_running_loop().call_soon(lambda: None)

        asyncio.run(hand_over())

    await asyncio.to_thread(other_loop)
    go_on.set()
    await holding
    await thread.close()


async def test_a_burst_through_sqlite_uses_few_transactions(store: SqliteStore) -> None:
    commits = 0
    real = store._thread

    await store.call(lambda db: db.execute("CREATE TABLE t (x INTEGER)", {}))

    def count(db: object) -> None:
        nonlocal commits
        original = db.commit  # type: ignore[attr-defined]

        def counted() -> None:
            nonlocal commits
            commits += 1
            original()

        db.commit = counted  # type: ignore[attr-defined]

    await store.call(count)
    await asyncio.gather(
        *(real.call(lambda db: db.execute("INSERT INTO t VALUES (1)", {})) for _ in range(500))
    )
    assert commits < 50

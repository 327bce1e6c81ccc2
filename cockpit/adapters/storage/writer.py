"""The writer thread: jobs in a queue, one transaction for all that wait, answers after COMMIT.

Each job that shares a batch runs in a savepoint of its own, so one that fails leaves the
others standing. Answers reach each loop in the order in which the jobs were handed
over, and only when their data is on the disk.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, cast

import structlog

from cockpit.ports.store import StoreError

T = TypeVar("T")
D = TypeVar("D", bound="Transactional")
D_co = TypeVar("D_co", covariant=True)
MAX_BATCH = 512

_log = structlog.get_logger(__name__)


class Transactional(Protocol):
    """What the thread needs of the thing it writes to. All calls come from the thread."""

    @property
    def in_transaction(self) -> bool:
        """False once the engine has rolled everything back by itself."""
        ...

    def begin(self) -> None:
        """Start the batch's transaction."""
        ...

    def commit(self) -> None:
        """Make the batch durable."""
        ...

    def rollback(self) -> None:
        """Forget the batch."""
        ...

    def savepoint(self) -> None:
        """Start a job."""
        ...

    def release(self) -> None:
        """Keep the job."""
        ...

    def rollback_to_savepoint(self) -> None:
        """Forget the job only."""
        ...

    def explained(self, error: Exception) -> StoreError:
        """The error in a trader's words."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Job(Generic[D]):
    """Something to run in a batch's transaction, and who waits for it."""

    __slots__ = ("answer", "error", "future", "loop", "run")

    def __init__(self, run: Callable[[D], Any]) -> None:
        self.run = run
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.answer: Any = None
        self.error: Exception | None = None


class Writer(Protocol[D_co]):
    """Where a store's jobs go."""

    async def call(self, run: Callable[[D_co], T]) -> T:
        """Run `run`; return its result once it is durable. Raises StoreError."""
        ...

    async def close(self) -> None:
        """Finish what was handed over, then close."""
        ...


class WriterThread(Generic[D]):
    """Owns the thread and what `open_` makes in it. `open_` raises StoreError."""

    def __init__(self, open_: Callable[[], D], *, name: str) -> None:
        self._open = open_
        self._jobs: queue.SimpleQueue[Job[D] | None] = queue.SimpleQueue()
        self._closing = False
        self._opening = Job[D](lambda _: None)
        self._ended = Job[D](lambda _: None)
        # A daemon: a program that dies without closing must not hang, and SQLite is
        # safe against a death in the middle of a transaction.
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._thread.start()

    async def opened(self) -> None:
        """Wait for the opening. Raises StoreError when it failed; the thread is then gone."""
        try:
            await self._opening.future
        except StoreError:
            self._closing = True
            self._thread.join()
            raise
        except asyncio.CancelledError:
            self._closing = True
            self._jobs.put(None)
            raise

    async def call(self, run: Callable[[D], T]) -> T:
        """Run `run` in the thread; return its result once its batch is durable.

        `run` may use the transaction but must not end it. Raises StoreError. A caller
        that is cancelled stops waiting; its job is still done.
        """
        if self._closing:
            raise StoreError(
                "the store is closed",
                user_text="The journal is closed already; this change was not stored. "
                "Start the program again.",
            )
        job: Job[D] = Job(run)
        self._jobs.put(job)
        return cast("T", await job.future)

    async def close(self) -> None:
        """Finish what was handed over, close the file, end the thread. Twice is harmless."""
        if not self._closing:
            self._closing = True
            self._jobs.put(None)
        await asyncio.shield(self._ended.future)
        self._thread.join()  # its last act was to say so

    def _main(self) -> None:
        try:
            database = self._open()
        except Exception as error:  # noqa: BLE001  # the thread's edge: the waiting must hear of it
            self._opening.error = _as_store_error(error)
            _answer([self._opening])
            return
        _answer([self._opening])
        try:
            while batch := self._next_batch():
                _run_batch(database, batch)
                _answer(batch)
        finally:
            self._ended.error = _closed(database)
            _answer([self._ended])

    def _next_batch(self) -> list[Job[D]]:
        """All that waits, up to MAX_BATCH; empty at the end."""
        job = self._jobs.get()
        batch: list[Job[D]] = []
        while job is not None:
            batch.append(job)
            if len(batch) >= MAX_BATCH or self._jobs.empty():
                return batch
            job = self._jobs.get()
        if batch:
            self._jobs.put(None)  # seen too early: the next turn ends the thread
        return batch


def _run_batch(database: D, batch: list[Job[D]]) -> None:
    try:
        fill_batch(database, batch)
        database.commit()
    except Exception as error:  # noqa: BLE001  # every job of the batch must be answered
        fail_batch(database, batch, error)


def fill_batch(database: D, batch: list[Job[D]]) -> None:
    """Run the jobs in one transaction, which stays open; raises when it can't be kept."""
    database.begin()
    if len(batch) == 1:
        _run_alone(database, batch[0])
        return
    for job in batch:
        _run_job(database, job)


def fail_batch(database: D, batch: list[Job[D]], error: Exception) -> None:
    """Forget the batch; each of its jobs has failed."""
    _log.warning("store_batch_failed", jobs=len(batch), error=repr(error))
    for job in batch:
        job.error = job.error or database.explained(error)
    _forget(database)


def _run_job(database: D, job: Job[D]) -> None:
    database.savepoint()
    try:
        job.answer = job.run(database)
    except Exception as error:
        job.error = database.explained(error)
        if not database.in_transaction:  # a full disk takes the whole batch with it
            raise
        database.rollback_to_savepoint()
    database.release()


def _run_alone(database: D, job: Job[D]) -> None:
    """Run a batch's only job: it needs no savepoint, for there is nothing to save."""
    try:
        job.answer = job.run(database)
    except Exception as error:
        job.error = database.explained(error)
        if not database.in_transaction:
            raise
        database.rollback()
        database.begin()


def _forget(database: Transactional) -> None:
    try:
        database.rollback()
    except Exception as error:  # noqa: BLE001  # the first failure is the one to tell
        _log.warning("store_rollback_failed", error=repr(error))


def _closed(database: Transactional) -> Exception | None:
    try:
        database.close()
    except Exception as error:  # noqa: BLE001  # the thread's edge again
        return database.explained(error)
    return None


def _as_store_error(error: Exception) -> Exception:
    if isinstance(error, StoreError):
        return error
    return StoreError(
        repr(error),
        user_text=f"The journal can't be opened: {error}. Nothing in it was changed; "
        "the log has the details.",
    )


def _answer(batch: list[Job[D]]) -> None:
    """Hand the answers over, one call a loop, in the order of the jobs."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job[D]]] = {}
    for job in batch:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        try:
            loop.call_soon_threadsafe(answered, jobs)
        except RuntimeError:  # that loop has ended: nobody waits any more
            _log.debug("store_answer_unheard", jobs=len(jobs))


def answered(jobs: list[Job[Any]]) -> None:
    """Give the jobs their answers, in the loop they wait in."""
    for job in jobs:
        if job.future.done():  # the caller was cancelled
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.answer)

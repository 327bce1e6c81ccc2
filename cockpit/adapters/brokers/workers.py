"""Threads for a blocking SDK: the loop never waits for one, and a stuck one holds nothing up."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Generic, Protocol, TypeVar


class NoAnswerError(Exception):
    """No answer, or none that could be used. What was asked may have been done."""


class HeldBackError(Exception):
    """Not a byte went out."""


class CertificateError(HeldBackError):
    """The other side could not prove who it is, so nothing was told to it."""


class Client(Protocol):
    """What a worker works with."""

    def close(self) -> None:
        """Give up its connections."""
        ...


C = TypeVar("C", bound=Client)
T = TypeVar("T")


class _Job(Generic[C, T]):
    """One call: begun by a worker or dropped by its caller, never both."""

    def __init__(self, call: Callable[[C], T]) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._lock = Lock()
        self._begun = self._dropped = False
        self.answer: asyncio.Future[T] = self._loop.create_future()

    def drop(self) -> bool:
        """Call it off; False when it has begun."""
        with self._lock:
            self._dropped = not self._begun
            return self._dropped

    def run(self, client: Callable[[], C]) -> None:
        with self._lock:
            if self._dropped:
                return
            self._begun = True
        try:
            result = self._call(client())
        except Exception as error:  # noqa: BLE001 -- handed to the caller, whatever it is
            bare = error.with_traceback(None)  # its frames hold the headers, and so the keys
            self._tell(lambda: self.answer.set_exception(bare))
        else:
            self._tell(lambda: self.answer.set_result(result))

    def _tell(self, set_it: Callable[[], None]) -> None:
        def tell() -> None:
            if not self.answer.done():
                set_it()

        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            self._loop.call_soon_threadsafe(tell)


class Workers(Generic[C]):
    """A few daemon threads, each with a client of its own, made in it at its first job."""

    def __init__(self, name: str, count: int, make_client: Callable[[], C]) -> None:
        self._name = name
        self._count = count
        self._make = make_client
        self._jobs: queue.SimpleQueue[_Job[C, object] | None] = queue.SimpleQueue()
        self._threads: list[Thread] = []
        self._closed = False

    async def run(self, call: Callable[[C], T], within_s: float) -> T:
        """The result of `call`, made in a worker.

        Raises what it raises; HeldBackError when no worker was free within the time or all
        have ended, and NoAnswerError when it was begun and has not come back.
        """
        if self._closed:
            raise HeldBackError("the session has ended")
        self._start()
        job = _Job(call)
        self._jobs.put(job)  # pyright: ignore[reportArgumentType] -- the queue mixes results
        try:
            done, _ = await asyncio.wait({job.answer}, timeout=within_s)
        except asyncio.CancelledError:
            job.drop()
            job.answer.cancel()  # it may have begun: nobody is there to hear how it went
            raise
        if done:
            return job.answer.result()
        if job.drop():
            raise HeldBackError("the broker's line is busy")
        job.answer.cancel()
        raise NoAnswerError(f"no answer within {within_s:g} s")

    def close(self) -> None:
        """Let each thread end after its job; nothing waits for one that hangs."""
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)

    def _start(self) -> None:
        while len(self._threads) < self._count:
            name = f"{self._name}-{len(self._threads) + 1}"
            thread = Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        made: list[C] = []

        def client() -> C:
            if not made:
                made.append(self._make())
            return made[0]

        while (job := self._jobs.get()) is not None:
            job.run(client)
        for one in made:
            one.close()

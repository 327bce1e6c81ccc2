"""A vendor's stream in a thread and a loop of its own, so that no repaint holds it up.

What is the same for all of them: sign in, listen, and sign in again after a wait that doubles,
is capped and spread by chance; each end of a session has a word. Stops from any thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from enum import Enum
from random import Random
from threading import Thread

import structlog

_log = structlog.get_logger(__name__)
_CLEAN_S = 0.5
_CLOSING_TURNS = 5
_FIRST_WAIT_S = 0.5
_LIMIT_WAIT_S = 5.0
_MOST_DOUBLINGS = 10


class StreamState(Enum):
    """How a stream is doing; all but the first two say why it is not up."""

    UP = "listening"
    CLOSED = "closed"
    DOWN = "DOWN"
    STALE = "STALE"
    SLOW_CLIENT = "SLOW_CLIENT"
    CONNECTION_LIMIT = "CONNECTION_LIMIT"
    CERTIFICATE = "CERTIFICATE"
    DATA_PLAN = "DATA_PLAN"
    AUTH_FAILED = "AUTH_FAILED"

    @property
    def final(self) -> bool:
        """True when only a person can help: the same would be refused again."""
        return self in (StreamState.AUTH_FAILED, StreamState.DATA_PLAN)


class StreamError(Exception):
    """A session on the stream came to an end."""

    def __init__(self, state: StreamState, why: str) -> None:
        super().__init__(why)
        self.state = state


class StreamThread:
    """Runs `session` again and again. All callbacks are called in the stream's thread.

    `session` signs in and listens until it ends; it calls `came_up` once it listens, and raises
    StreamError, or anything else that `classified` has a word for. `CLOSED` is told last.
    """

    def __init__(
        self,
        name: str,
        session: Callable[[], Awaitable[None]],
        classified: Callable[[Exception], tuple[StreamState, str]],
        on_state: Callable[[StreamState, str], None],
        reconnect_max_s: float,
    ) -> None:
        self._name = name
        self._session = session
        self._classified = classified
        self._on_state = on_state
        self._reconnect_max_s = reconnect_max_s
        self._chance = Random()  # noqa: S311 -- spreads reconnects over time, guards nothing
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._failures = 0

    def start(self) -> None:
        """Begin to sign in; once."""
        self._loop = loop = asyncio.new_event_loop()
        Thread(target=self._run, args=(loop,), name=self._name, daemon=True).start()

    def stop(self) -> None:
        """End it, from any thread."""
        self.call(self._stop)

    def call(self, action: Callable[[], object]) -> None:
        """Do `action` in the stream's loop, from any thread; nothing once it has ended."""
        if self._loop is not None:
            with suppress(RuntimeError):  # its loop is closed: there is nothing left to do
                self._loop.call_soon_threadsafe(action)

    def came_up(self, detail: str = "") -> None:
        """Told by the session: it listens now, and the next failure is the first again."""
        self._failures = 0
        self._on_state(StreamState.UP, detail)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._task = loop.create_task(self._live())
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(self._task)
            loop.run_until_complete(_left_clean())
        finally:
            loop.close()
            self._on_state(StreamState.CLOSED, "")

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _live(self) -> None:
        while True:
            state, why = await self._one_session()
            _log.warning("stream_ended", stream=self._name, state=state.value, why=why)
            self._on_state(state, why)
            if state.final:
                return
            await asyncio.sleep(self._wait_s(state))

    async def _one_session(self) -> tuple[StreamState, str]:
        """Sign in and listen until it ends; how it ended."""
        try:
            await self._session()
        except StreamError as error:
            return error.state, str(error)
        except Exception as error:  # noqa: BLE001 -- whatever it was, it must sign in again
            return self._classified(error)
        return StreamState.DOWN, "the other side ended it"

    def _wait_s(self, state: StreamState) -> float:
        """Twice as long after each failure, capped, spread by chance."""
        self._failures += 1
        first = _LIMIT_WAIT_S if state is StreamState.CONNECTION_LIMIT else _FIRST_WAIT_S
        doublings = min(self._failures - 1, _MOST_DOUBLINGS)
        return min(self._reconnect_max_s, first * 2**doublings) * (0.5 + self._chance.random() / 2)


async def _left_clean() -> None:
    """Let what a session left behind end, for at most `_CLEAN_S`.

    A socket closes by a call of its own in one of the next turns; one that waits for the other
    side to agree, as encrypted ones do, is cut off where the loop can tell which there are.
    """
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=_CLEAN_S)
    sockets: Mapping[int, asyncio.Transport] = getattr(
        asyncio.get_running_loop(), "_transports", {}
    )
    for socket in list(sockets.values()):
        socket.abort()
    for _ in range(_CLOSING_TURNS):
        await asyncio.sleep(0)

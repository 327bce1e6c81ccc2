"""Every task has a name and an owner, and somebody hears of its death."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import copy_context
from enum import IntEnum, StrEnum
from typing import Any, Protocol

import msgspec
import structlog

from cockpit.kernel.clock import Work, enter_work
from cockpit.kernel.coroutines import close_unbegun
from cockpit.kernel.errors import KernelError

_log = structlog.get_logger(__name__)

Body = Coroutine[Any, Any, None]


class Stage(IntEnum):
    """The order in which tasks are stopped: what brings work in goes first."""

    INTAKE = 0
    WORK = 1
    OUTPUT = 2


class OnCrash(StrEnum):
    """What a crash of the task means for the rest."""

    REPORT = "report"
    RESTART = "restart"
    HALT = "halt"


class TaskCrashed(msgspec.Struct, frozen=True, kw_only=True):
    """A supervised task died of an exception."""

    name: str
    owner: str
    error: str
    policy: OnCrash
    restarts: int


class StopReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a staged stop went: names of the tasks that ignored their cancellation."""

    stopped: int
    stuck: tuple[str, ...]


class SupervisorClock(Protocol):
    """What the supervisor needs of a clock."""

    def begin_work(self) -> Work:
        """Register work that keeps virtual time still."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Supervisor:
    """Owns all tasks. `on_crash` is called in the loop for each crash."""

    MAX_RESTARTS = 5
    BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0)

    def __init__(
        self, clock: SupervisorClock, on_crash: Callable[[TaskCrashed], None] | None = None
    ) -> None:
        self._clock = clock
        self._on_crash = on_crash
        self._tasks: dict[asyncio.Task[None], Stage] = {}
        self._stopping = False

    @property
    def names(self) -> tuple[str, ...]:
        """The tasks alive now, as `owner/name`."""
        return tuple(task.get_name() for task in self._tasks)

    def work(self, body: Body, *, name: str, owner: str) -> asyncio.Task[None]:
        """Start a short piece of work that keeps virtual time still until it is done."""
        return self._start(body, f"{owner}/{name}", Stage.WORK, self._clock.begin_work())

    def serve(
        self,
        make_body: Callable[[], Body],
        *,
        name: str,
        owner: str,
        stage: Stage = Stage.INTAKE,
        policy: OnCrash = OnCrash.REPORT,
    ) -> asyncio.Task[None]:
        """Start a long-running task; `make_body` is called again for each restart."""
        body = self._served(make_body, name, owner, policy)
        return self._start(body, f"{owner}/{name}", stage, None)

    async def stop(self, deadline_s: float = 5.0) -> StopReport:
        """Cancel all tasks stage by stage; each stage gets its share of the deadline."""
        self._stopping = True
        me, total, stuck = asyncio.current_task(), 0, list[str]()
        for stage in Stage:
            tasks = [task for task, its in self._tasks.items() if its is stage and task is not me]
            total += len(tasks)
            stuck += await self._stop_tasks(tasks, deadline_s / len(Stage))
        return StopReport(stopped=total - len(stuck), stuck=tuple(stuck))

    async def _stop_tasks(self, tasks: Sequence[asyncio.Task[None]], seconds: float) -> list[str]:
        for task in tasks:
            close_unbegun(task.get_coro(), itself=False)  # a task cancelled before its first step
            task.cancel()
        if not tasks:
            return []
        _, pending = await asyncio.wait(tasks, timeout=seconds)
        for task in pending:
            _log.error("task_ignored_stop", task=task.get_name())
        return [task.get_name() for task in pending]

    def _start(
        self, body: Body, full_name: str, stage: Stage, work: Work | None
    ) -> asyncio.Task[None]:
        if self._stopping:
            close_unbegun(body)
            if work is not None:
                work.release()
            raise SupervisorStoppedError(full_name)
        context = copy_context()
        context.run(enter_work, work)
        task = asyncio.get_running_loop().create_task(body, name=full_name, context=context)
        self._tasks[task] = stage
        task.add_done_callback(lambda done: self._ended(done, work))
        return task

    def _ended(self, task: asyncio.Task[None], work: Work | None) -> None:
        self._tasks.pop(task, None)
        if work is not None:
            work.release()
        error = _cause_of_death(task)
        if error is not None:
            owner, _, name = task.get_name().partition("/")
            self._crashed(name, owner, error, OnCrash.REPORT, 0)

    async def _served(
        self, make_body: Callable[[], Body], name: str, owner: str, policy: OnCrash
    ) -> None:
        restarts = 0
        while True:
            error = await _error_of(make_body)
            if error is None:
                return
            worn_out = policy is OnCrash.RESTART and restarts >= self.MAX_RESTARTS
            verdict = OnCrash.HALT if worn_out else policy
            self._crashed(name, owner, error, verdict, restarts)
            if verdict is not OnCrash.RESTART:
                return
            await self._clock.sleep(self.BACKOFF_S[min(restarts, len(self.BACKOFF_S) - 1)])
            restarts += 1

    def _crashed(
        self, name: str, owner: str, error: BaseException, policy: OnCrash, restarts: int
    ) -> None:
        _log.error("task_crashed", task=name, owner=owner, policy=policy, exc_info=error)
        if self._on_crash is None:
            return
        crash = TaskCrashed(
            name=name, owner=owner, error=repr(error), policy=policy, restarts=restarts
        )
        try:
            self._on_crash(crash)
        except Exception:  # noqa: BLE001 -- who listens badly must not end the restarts
            _log.exception("crash_handler_failed", task=name)


async def _error_of(make_body: Callable[[], Body]) -> BaseException | None:
    """Run a body to its end; a cancellation nobody asked of this task is an error too."""
    task = asyncio.current_task()
    try:
        await make_body()
    except asyncio.CancelledError as error:
        if task is not None and task.cancelling():
            raise
        return error
    except Exception as error:  # noqa: BLE001 -- reported, then by policy
        return error
    return None


def _cause_of_death(task: asyncio.Task[None]) -> BaseException | None:
    if not task.cancelled():
        return task.exception()
    if task.cancelling():
        return None
    return asyncio.CancelledError("nobody asked for it")


class SupervisorStoppedError(KernelError):
    """A task was started after the stop began; the caller may drop the work."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} was not started", user_text="The program is stopping; nothing new was started."
        )

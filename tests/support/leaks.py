"""Fail a test that leaves a task, an orphan's exception, a thread or a Qt timer behind.

Two fixtures surround each test's own: the outer one looks at threads and timers when everything,
the loop included, is gone; the inner one looks at the loop just before it closes.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
import time
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from shiboken6 import isValid

from tests.support.loops import qt_loop_class, wants_qt_loop

SETTLE_TURNS = 20
THREAD_GRACE_SECONDS = 2.0

LoopReports = list[dict[str, Any]]


def pytest_collection_finish() -> None:
    """Move what exists out of the collector's sight: the guards collect after every async test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def leaves_no_thread_or_timer() -> Generator[None, None, None]:
    """Compare threads and active Qt timers before and after the test."""
    threads_before = set(threading.enumerate())
    timers_before = _active_timers()
    yield
    left = [*_lasting_threads(threads_before), *_new_timers(timers_before)]
    if left:
        pytest.fail(f"left behind: {'; '.join(left)}", pytrace=False)


@pytest.fixture(autouse=True)
def leaves_no_task(request: pytest.FixtureRequest, leaves_no_thread_or_timer: None) -> None:
    """Put the task guard inside the loop of every test that has one."""
    if wants_qt_loop(request.node):
        request.getfixturevalue("qapp")
        qt_loop_class()  # a loop that can't be imported fails here, not inside pytest-asyncio
    if _uses_loop(request):
        request.getfixturevalue("loop_reports")


@pytest.fixture
async def loop_reports() -> AsyncGenerator[LoopReports, None]:
    """What the loop reported as handled by nobody; a test that means it clears the list."""
    loop = asyncio.get_running_loop()
    reports: LoopReports = []
    pass_on = loop.call_exception_handler

    def record(context: dict[str, Any]) -> None:
        reports.append(context)
        pass_on(context)

    loop.call_exception_handler = record  # also when the product installs a handler of its own
    yield reports
    left = await _unfinished_tasks(loop)
    gc.collect()  # an orphan's exception is reported when the orphan is collected
    loop.call_exception_handler = pass_on
    if reports:
        pytest.fail(f"handled by nobody: {'; '.join(map(_describe, reports))}", pytrace=False)
    if left:
        pytest.fail(f"leaked tasks: {', '.join(map(repr, left))}", pytrace=False)


def _uses_loop(request: pytest.FixtureRequest) -> bool:
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        return True
    definitions = request.node._fixtureinfo.name2fixturedefs.values()
    functions = [fixtures[-1].func for fixtures in definitions]
    return any(inspect.iscoroutinefunction(f) or inspect.isasyncgenfunction(f) for f in functions)


async def _unfinished_tasks(loop: asyncio.AbstractEventLoop) -> list[asyncio.Task[Any]]:
    """Let tasks that are already on their way out take a few turns, then list the others."""
    me = asyncio.current_task()
    left: list[asyncio.Task[Any]] = []
    for _ in range(SETTLE_TURNS):
        left = [task for task in asyncio.all_tasks(loop) if task is not me]
        if not left:
            break
        await asyncio.sleep(0)
    return left


def _describe(context: dict[str, Any]) -> str:
    error = context.get("exception")
    return f"{context.get('message')} {error!r}" if error else str(context.get("message"))


def _lasting_threads(before: set[threading.Thread]) -> list[str]:
    deadline = time.monotonic() + THREAD_GRACE_SECONDS
    lasting: list[str] = []
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            lasting.append(f"thread {thread.name}")
    return lasting


def _active_timers() -> set[int]:
    return {id(timer) for timer in _timers()}


def _new_timers(before: set[int]) -> list[str]:
    if not any(id(timer) not in before for timer in _timers()):
        return []
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()  # a timer that only waits to be collected will never fire
    new = [timer for timer in _timers() if id(timer) not in before]
    return [f"Qt timer of {t.interval()} ms {t.objectName()} in {t.parent()!r}" for t in new]


def _timers() -> list[QTimer]:
    """Every active timer that Python knows of, single shots included."""
    found = [o for o in gc.get_objects() if type(o) is QTimer or isinstance(o, QTimer)]
    return [timer for timer in found if isValid(timer) and timer.isActive()]

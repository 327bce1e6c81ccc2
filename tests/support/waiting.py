"""Wait for a condition instead of sleeping for a guess."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.005
QUICK_TURNS = 50


async def eventually(
    condition: Callable[[], T | Awaitable[T]], within: float = 5.0, what: str = ""
) -> T:
    """Let the loop run until `condition()` holds, and return its value.

    A condition holds when it returns something true (or an awaitable of it) without raising
    AssertionError. The first turns of the loop cost no time, so most waits end at once.
    Raises AssertionError naming `what` after `within` seconds.
    """
    deadline = time.monotonic() + within
    turn = 0
    while True:
        value, reason = await _evaluate(condition)
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(_message(condition, within, what)) from reason
        await asyncio.sleep(0 if turn < QUICK_TURNS else POLL_SECONDS)
        turn += 1


def wait_until(condition: Callable[[], T], within: float = 10.0, what: str = "") -> T:
    """Wait, outside any loop, until `condition()` holds (another process does the work).

    Inside Qt tests use `qtbot.waitUntil`, which keeps the window alive.
    Raises AssertionError naming `what` after `within` seconds.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            value, reason = condition(), None
        except AssertionError as error:
            value, reason = None, error
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(_message(condition, within, what)) from reason
        time.sleep(0.02)


async def _evaluate(
    condition: Callable[[], T | Awaitable[T]],
) -> tuple[T | None, AssertionError | None]:
    try:
        value = condition()
        return (await value if inspect.isawaitable(value) else value), None
    except AssertionError as error:
        return None, error


def _message(condition: Callable[[], object], within: float, what: str) -> str:
    name = what or getattr(condition, "__qualname__", repr(condition))
    return f"did not happen within {within:g} s: {name}"

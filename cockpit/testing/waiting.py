"""Wait for a condition instead of sleeping for a guess."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

T = TypeVar("T")

POLL_SECONDS = 0.005
QUICK_TURNS = 50
PATIENCE_S = 20.0
"""A busy machine may take eight times as long as a quiet one; a wait that ends costs nothing."""


async def eventually(
    condition: Callable[[], T | Awaitable[T]], within: float = PATIENCE_S, what: str = ""
) -> T:
    """Let the loop run until `condition()` holds, and return its value.

    A condition holds when it returns something true (or an awaitable of it) without raising
    AssertionError. The first turns of the loop cost no time, so most waits end at once.
    Raises AssertionError naming `what` after `within` seconds.
    """
    now = asyncio.get_running_loop().time
    deadline = now() + within
    turn = 0
    while True:
        value, reason = await _evaluate(condition)
        if value:
            return value
        if now() > deadline:
            raise AssertionError(why_not(condition, within, what)) from reason
        await asyncio.sleep(0 if turn < QUICK_TURNS else POLL_SECONDS)
        turn += 1


def why_not(condition: Callable[[], object], within: float, what: str) -> str:
    """What to say of a condition that never held."""
    name = what or getattr(condition, "__qualname__", repr(condition))
    return f"did not happen within {within:g} s: {name}"


async def _evaluate(
    condition: Callable[[], T | Awaitable[T]],
) -> tuple[T | None, AssertionError | None]:
    try:
        value = condition()
        if inspect.isawaitable(value):
            return await cast("Awaitable[T]", value), None
    except AssertionError as error:
        return None, error
    return cast("T", value), None

"""Coroutines that nobody began to await, and never will: closed, they don't complain."""

from __future__ import annotations

import inspect
from collections.abc import Coroutine, Generator
from typing import Any, TypeGuard

Handed = Coroutine[Any, Any, Any]


def handed_to(body: object) -> Generator[Handed]:
    """Coroutines that have not begun, and that the frames of `body` hold.

    A frame holds what it was handed as an argument or closed over, and so do the frames of
    those in turn: one coroutine that waits for its start may stand for a chain of them.
    """
    while inspect.iscoroutine(body):
        frame, inner = body.cr_frame, body.cr_await
        for value in frame.f_locals.values() if frame is not None else ():  # pyright: ignore[reportUnnecessaryComparison] -- None once it has ended
            if value is not body and _waits(value):
                yield value
                yield from handed_to(value)
        body = inner


def close_unbegun(body: object, *, itself: bool = True) -> None:
    """Close what `body` was handed, and `itself`, if it has not begun; else do nothing."""
    if _waits(body):
        for coroutine in [*handed_to(body), *((body,) if itself else ())]:
            coroutine.close()


def _waits(value: object) -> TypeGuard[Handed]:
    return inspect.iscoroutine(value) and inspect.getcoroutinestate(value) == inspect.CORO_CREATED

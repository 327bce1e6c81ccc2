"""Asking the core: an answer, a reason why not, and a question that comes too late."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from inspect import CORO_CLOSED, getcoroutinestate
from typing import Any

from cockpit.ui.asking import ask


class Stopping:
    """Commands of a session that ends: what is asked is dropped, as its supervisor says."""

    def run(
        self,
        command: Coroutine[Any, Any, object],
        _name: str,
        _on_error: Callable[[str], None] | None = None,
    ) -> None:
        command.close()


def test_what_is_dropped_leaves_nothing_that_was_never_awaited() -> None:
    heard: list[int] = []

    async def body() -> int:
        return 1

    asked = body()
    ask(Stopping(), asked, "too-late", done=heard.append)  # type: ignore[arg-type]  # all it uses of them
    assert getcoroutinestate(asked) == CORO_CLOSED
    assert heard == []

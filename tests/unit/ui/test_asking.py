"""Asking the core: a question that comes too late, or whose start never came."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from inspect import CORO_CLOSED, getcoroutinestate
from typing import Any

from cockpit.kernel.clock import VirtualClock
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ui.asking import ask


class Stopping:
    """Runs commands as a session does that is about to end."""

    def __init__(self) -> None:
        self.supervisor = Supervisor(VirtualClock(0))

    def run(
        self,
        command: Coroutine[Any, Any, object],
        name: str,
        _on_error: Callable[[str], None] | None = None,
    ) -> None:
        async def reported() -> None:
            await command

        try:
            self.supervisor.work(reported(), name=name, owner="commands")
        except SupervisorStoppedError:
            return


async def test_what_is_dropped_leaves_nothing_that_was_never_awaited() -> None:
    heard: list[int] = []

    async def body() -> int:
        return 1

    commands, asked = Stopping(), [body(), body()]
    ask(commands, asked[0], "never-begun", done=heard.append)  # type: ignore[arg-type]  # all it uses of them
    await commands.supervisor.stop(1)
    ask(commands, asked[1], "too-late", done=heard.append)  # type: ignore[arg-type]  # all it uses of them
    await asyncio.sleep(0)
    gc.collect()
    assert {getcoroutinestate(body) for body in asked} == {CORO_CLOSED}
    assert heard == []

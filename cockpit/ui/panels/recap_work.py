"""One thing that is on its way for the recap panel, and that a person may call off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Work(Generic[T]):
    """Awaits `body`, then gives its result to `done`; called off, `run` says False."""

    def __init__(self, body: Coroutine[Any, Any, T], done: Callable[[T], None]) -> None:
        self._body = body
        self._done = done
        self._task: asyncio.Task[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._off = False

    async def run(self) -> bool:
        """True when it came to its end. Raises what `body` raises."""
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        if self._off:
            self._body.close()
            return False
        try:
            result = await self._body
        except asyncio.CancelledError:
            if not self._off:
                raise  # the program is ending
            if self._task is not None:
                self._task.uncancel()
            return False
        self._done(result)
        return True

    def cancel(self) -> None:
        """Call it off."""
        self._off = True
        if self._task is not None:
            self._task.cancel()

    def tell(self, say: Callable[[str], None], words: str) -> None:
        """Have `say` called on the loop's own thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(say, words)

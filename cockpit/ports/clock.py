"""Time as the core sees it; `kernel.clock` has the wall and the virtual one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cockpit.kernel.clock import Timer, Work


class Clock(Protocol):
    """Nanoseconds UTC, timers and sleep."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        ...

    def elapsed_ns(self) -> int:
        """Nanoseconds that have passed since some start: to set the clock does not change it."""
        ...

    def call_at(self, when_ns: int, callback: Callable[[], None]) -> Timer:
        """Call `callback` in the loop at `when_ns`; the result can call it off."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock's time."""
        ...

    def begin_work(self) -> Work:
        """Keep virtual time still until the work is released."""
        ...

    async def settled(self) -> None:
        """Wait until no work keeps time still."""
        ...

"""A virtual clock that somebody may set, as a machine's."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.kernel.clock import SECOND, Timer, VirtualClock


class SetClock(VirtualClock):
    """Off by `set_by_s`; to set it moves no timer, and no time passes by it."""

    set_by_s = 0

    def now_ns(self) -> int:
        return super().now_ns() + self.set_by_s * SECOND

    def call_at(self, when_ns: int, callback: Callable[[], None]) -> Timer:
        return super().call_at(when_ns - self.set_by_s * SECOND, callback)

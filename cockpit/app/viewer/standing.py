"""Arming and the lock of the day in a viewer: as told, and nothing is changed from here."""

from __future__ import annotations

from cockpit.app.arming import OFF_AT_START
from cockpit.app.limits.lockout import Lock
from cockpit.domain.events import ArmingChanged
from cockpit.ports.clock import Clock


class MirrorArming:
    """Whether the cockpit that is watched is armed."""

    def __init__(self) -> None:
        self.armed = False
        self.reason = OFF_AT_START

    def show(self, told: ArmingChanged) -> None:
        """Stand as the cockpit does."""
        self.armed, self.reason = told.armed, told.reason

    def why_not(self) -> str:
        """Nothing is armed from a viewer."""
        return "It is armed in the cockpit you view."

    def touch(self) -> None:
        """Nothing: who watches is not at the cockpit."""


class MirrorLockout:
    """Whether the day is over in the cockpit that is watched, by that cockpit's time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lock = Lock()

    @property
    def holds(self) -> bool:
        """True until the day is over."""
        return self._clock.now_ns() < self.lock.until_ns

    @property
    def left_s(self) -> float:
        """Seconds until trading may be resumed; 0 when it may."""
        return max(0, self.lock.until_ns - self._clock.now_ns()) / 1_000_000_000

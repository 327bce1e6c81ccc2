"""Slows a simulated session to real time while a person has to decide, then restores it."""

from __future__ import annotations

from collections.abc import Callable

REAL_TIME = 1.0


class PaceKeeper:
    """Decides the speed; knows nothing of Qt, of queues or of feeds.

    `set_speed` is called only when the speed should change; None is as fast as possible.
    A person who picks a speed while the session is slowed down has the last word: the
    queue then does not slow it again until it was empty once.
    """

    def __init__(self, set_speed: Callable[[float | None], None]) -> None:
        self._set_speed = set_speed
        self._before: float | None = None
        self._slowed = False
        self._overruled = False

    @property
    def slowed(self) -> bool:
        """True while the session runs at real time because somebody has to decide."""
        return self._slowed

    @property
    def note(self) -> str:
        """Why the session is slow, for the playback bar; empty when it isn't."""
        if not self._slowed:
            return ""
        before = "full speed" if self._before is None else f"{self._before:g}x"
        return f"1x while a proposal waits, then back to {before}"

    def chosen(self, speed: float | None) -> None:
        """A person picked `speed`."""
        self._overruled = self._slowed
        self._slowed = False
        self._set_speed(speed)

    def waiting(self, count: int, speed: float | None) -> None:
        """The queue holds `count` proposals while the session runs at `speed`."""
        if not count:
            self._overruled = False
            if self._slowed:
                self._slowed = False
                self._set_speed(self._before)
        elif not self._slowed and not self._overruled and _fast(speed):
            self._slowed, self._before = True, speed
            self._set_speed(REAL_TIME)


def _fast(speed: float | None) -> bool:
    return speed is None or speed > REAL_TIME

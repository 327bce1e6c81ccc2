"""What happened in a simulation, line by line, the same for the same seed."""

from __future__ import annotations

from cockpit.kernel.clock import SECOND


class Trace:
    """Keeps lines when it is asked to; costs nothing when not."""

    def __init__(self, start_ns: int, *, on: bool) -> None:
        self._start_ns = start_ns
        self.on = on
        self.lines: list[str] = []

    def add(self, now_ns: int, life: int, step: int, text: str) -> None:
        """One line: seconds since the start, life of the program, step of its loop, what."""
        if self.on:
            seconds = (now_ns - self._start_ns) / SECOND
            self.lines.append(f"{seconds:12.6f}  {life}:{step:<5} {text}")

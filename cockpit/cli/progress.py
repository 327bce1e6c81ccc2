"""How far long work has come, on stderr, where a person looks on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from cockpit.kernel.clock import SECOND, WallClock

Step = Callable[[int], None]
"""Told how many rows more are done."""

_EVERY_NS = SECOND // 2


@contextmanager
def working(words: str) -> Generator[Step]:
    """`words` and the rows done so far, on one line that is gone afterwards.

    Nothing where stderr is no terminal: a script wants the answer alone. Ctrl+C says how far it
    came.
    """
    clock, shown, done = WallClock(), 0, 0
    seen = sys.stderr.isatty()
    next_ns = clock.elapsed_ns() + _EVERY_NS

    def step(rows: int) -> None:
        nonlocal shown, done, next_ns
        done += rows
        if seen and (now := clock.elapsed_ns()) >= next_ns:
            next_ns = now + _EVERY_NS
            shown = _write(f"{words}: {done:,} rows. Ctrl+C stops.", shown)

    try:
        yield step
    finally:
        if shown:
            _write("", shown)


def _write(text: str, before: int) -> int:
    """Write over the line; how long it is now."""
    sys.stderr.write(f"\r{text}{' ' * max(0, before - len(text))}" + "\r" * (not text))
    sys.stderr.flush()
    return len(text)

"""Wait for a condition instead of sleeping for a guess."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from cockpit.testing.waiting import QUICK_TURNS, eventually, why_not

__all__ = ["QUICK_TURNS", "eventually", "wait_until"]

T = TypeVar("T")
PATIENCE = 4.0
"""How many times as long as a quiet machine needs at most a busy one is waited for."""


def wait_until(condition: Callable[[], T], within: float = 10.0, what: str = "") -> T:
    """Wait, outside any loop, until `condition()` holds (another process does the work).

    `within` is what a quiet machine needs at most, in seconds.
    Inside Qt tests use `qtbot.waitUntil`, which keeps the window alive.
    Raises AssertionError naming `what` after PATIENCE times as long.
    """
    deadline = time.monotonic() + within * PATIENCE
    while True:
        try:
            value, reason = condition(), None
        except AssertionError as error:
            value, reason = None, error
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(why_not(condition, within * PATIENCE, what)) from reason
        time.sleep(0.02)

"""Wait for a condition instead of sleeping for a guess."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from cockpit.testing.waiting import QUICK_TURNS, eventually, why_not

__all__ = ["QUICK_TURNS", "eventually", "wait_until"]

T = TypeVar("T")


def wait_until(condition: Callable[[], T], within: float = 10.0, what: str = "") -> T:
    """Wait, outside any loop, until `condition()` holds (another process does the work).

    Inside Qt tests use `qtbot.waitUntil`, which keeps the window alive.
    Raises AssertionError naming `what` after `within` seconds.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            value, reason = condition(), None
        except AssertionError as error:
            value, reason = None, error
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(why_not(condition, within, what)) from reason
        time.sleep(0.02)

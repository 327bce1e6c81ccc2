"""How a part of the screen starts work that takes a while: owned, named, ended with the window."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

Spawn = Callable[[Coroutine[Any, Any, None], str], object]
"""Starts a conversation with the person as owned, named work that no clock waits for."""

"""A dialog's work: one piece at a time, its errors in words, its end always told."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from cockpit.domain.errors import DomainError
from cockpit.ui.spawning import OneAtATime


class Dialog:
    """Remembers what it was told, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.work = OneAtATime(
            self._spawn,
            "books",
            failed=self.told.append,
            ended=lambda: self.told.append("ended"),
            called_off=lambda: self.told.append("called off"),
        )

    def _spawn(self, body: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        self.tasks.append(asyncio.get_running_loop().create_task(body, name=name))
        return self.tasks[-1]


async def refused() -> None:
    raise DomainError("a price of nothing")


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_an_error_is_told_in_words_then_the_next_may_begin() -> None:
    dialog = Dialog()
    assert dialog.work.begin(refused())
    assert not dialog.work.free
    await dialog.tasks[0]
    assert dialog.told == ["That can't be: a price of nothing.", "ended"]
    assert dialog.work.free


async def test_what_is_asked_for_meanwhile_is_not_begun() -> None:
    dialog = Dialog()
    assert dialog.work.begin(for_ever())
    assert not dialog.work.begin(refused())
    assert len(dialog.tasks) == 1
    await asyncio.sleep(0)
    dialog.work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dialog.tasks[0]
    assert dialog.told == ["called off", "ended"]
    dialog.work.cancel()  # nothing goes on: nothing happens
    assert dialog.work.free

"""Asks the core to do what a person wants, and tells the panel how it went.

`Commands.run` turns an error into an alert; here the panel gets the text too, so that
the answer also stands where the question was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from cockpit.domain.errors import CockpitError
from cockpit.kernel.errors import KernelError

if TYPE_CHECKING:
    from cockpit.app.commands import Commands

T = TypeVar("T")
ToldWhy = Callable[[str], None]


def ask(
    commands: Commands,
    body: Coroutine[Any, Any, T],
    name: str,
    *,
    done: Callable[[T], None] | None = None,
    failed: ToldWhy | None = None,
) -> None:
    """Run `body`; then `done` gets its result, or `failed` the error's text for people."""

    async def answered() -> None:
        result = await body
        if done is not None:
            done(result)

    commands.run(answered(), name, failed)


def attempt(act: Callable[[], None], failed: ToldWhy) -> bool:
    """Call a command that answers at once; False, and `failed` told why, when it refuses."""
    try:
        act()
    except (CockpitError, KernelError) as error:
        failed(error.user_text)
        return False
    return True

"""How a part of the screen starts work that takes a while: owned, named, ended with the window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from cockpit.domain.errors import CockpitError
from cockpit.kernel.errors import KernelError

Spawn = Callable[[Coroutine[Any, Any, None], str], object]
"""Starts a conversation with the person as owned, named work that no clock waits for."""


class OneAtATime:
    """One piece of a dialog's work at a time; what is asked for meanwhile is not begun.

    `failed` gets an error's text for people, `ended` is called after each piece, however it
    ended, and `called_off` between the two when it was cancelled.
    """

    def __init__(
        self,
        spawn: Spawn,
        name: str,
        *,
        failed: Callable[[str], None],
        ended: Callable[[], None] = lambda: None,
        called_off: Callable[[], None] = lambda: None,
    ) -> None:
        self._spawn, self._name = spawn, name
        self._failed, self._ended, self._called_off = failed, ended, called_off
        self._work: asyncio.Task[None] | None = None

    @property
    def free(self) -> bool:
        """Whether nothing goes on."""
        return self._work is None

    def begin(self, body: Coroutine[Any, Any, None]) -> bool:
        """Start `body`; False, and it is dropped, while another goes on."""
        if self._work is not None:
            body.close()
            return False
        self._work = cast("asyncio.Task[None]", self._spawn(self._done(body), self._name))
        return True

    def cancel(self) -> None:
        """Call off what goes on."""
        if self._work is not None:
            self._work.cancel()

    async def _done(self, body: Coroutine[Any, Any, None]) -> None:
        try:
            await body
        except (CockpitError, KernelError) as error:
            self._failed(error.user_text)
        except asyncio.CancelledError:
            self._called_off()
            raise
        finally:
            self._work = None
            self._ended()

"""Blocking calls beside the loop, which nobody has to wait for: not the loop, not the exit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def aside(call: Callable[[], T], *, name: str) -> T:
    """The result of `call`, made in a daemon thread of its own.

    Who waits may give up: then the thread is left alone, and nothing hears of it any more.
    Unlike `asyncio.to_thread`, a call that hangs holds up neither the others nor the exit.
    Raises what `call` raises.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(set_it: Callable[[], None]) -> None:
        def told() -> None:
            if not answer.done():
                set_it()

        with suppress(RuntimeError):  # the loop has ended: nobody waits
            loop.call_soon_threadsafe(told)

    def run() -> None:
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 -- handed to the caller, whatever it is
            failure = error
            tell(lambda: answer.set_exception(failure))
        else:
            tell(lambda: answer.set_result(result))

    threading.Thread(target=run, name=name, daemon=True).start()
    return await answer

"""A thread for one blocking call: the loop never waits, and one that hangs holds nothing up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

from cockpit.ports.vault import VaultError

T = TypeVar("T")


async def in_thread(call: Callable[[], T], *, name: str, within_s: float) -> T:
    """The result of `call`, made in a thread of its own; raises what it raises.

    Raises VaultError when it has not come back within the time. Errors lose their traceback
    on the way: its frames hold secrets.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(set_it: Callable[[], None]) -> None:
        def unless_gone() -> None:
            if not answer.done():
                set_it()

        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(unless_gone)

    def run() -> None:
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 -- handed to the caller, whatever it is
            bare = error.with_traceback(None)
            tell(lambda: answer.set_exception(bare))
        else:
            tell(lambda: answer.set_result(result))

    Thread(target=run, name=name, daemon=True).start()
    done, _ = await asyncio.wait({answer}, timeout=within_s)
    if done:
        return answer.result()
    answer.cancel()
    raise VaultError(
        f"{name}: no answer within {within_s:g} s",
        user_text="The keeper of the keys does not answer. It may be waiting for you to unlock it "
        "in a window of its own. Nothing was changed that it has not confirmed; unlock it, then "
        "try again.",
        code="VAULT_NO_ANSWER",
    )

"""A session without a window, until it ends or somebody stops it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType

from cockpit.app.core import Core
from cockpit.app.launch import Launch
from cockpit.app.lifecycle import Session
from cockpit.domain.connection import Connection

SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def run_headless(
    launch: Launch,
    begun: Callable[[Core], None] = lambda _core: None,
    asked: Callable[[str], None] = lambda _text: None,
    concluded: Callable[[Core], Awaitable[None]] | None = None,
) -> Core | None:
    """Run until the market closes, or a SIGTERM or SIGINT asks for the staged stop.

    `begun` is called once everything is up, `asked` with what a person must do meanwhile,
    `concluded` at the end, while all still stands. None when it was stopped before it was up:
    nothing is left open then. Raises CockpitError or KernelError.
    """

    def told(lamp: Connection) -> None:
        if lamp.act_by_ns:
            asked(f"{lamp.detail} You have {lamp.time_left(lamp.ts_ns)} minutes.")

    stop = asyncio.Event()
    with _stopped_by_signals(stop):
        session = Session(launch, told)
        core = await _started(session, stop)
        if core is None:
            return None
        try:
            begun(core)
            core.supervisor.serve(lambda: _ended(core, stop), name="end", owner="headless")
            await stop.wait()
            if concluded is not None:
                await concluded(core)
        finally:
            await session.stop()
    return core


async def _started(session: Session, stop: asyncio.Event) -> Core | None:
    """The core; None when it shall stop before it stands, however long the start would take."""
    starting = asyncio.ensure_future(session.start())  # noqa: TID251 -- there is no supervisor yet
    stopping = asyncio.ensure_future(stop.wait())  # noqa: TID251 -- as above
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not starting.done():
            starting.cancel()
    with suppress(asyncio.CancelledError):
        return await starting
    return None


async def _ended(core: Core, stop: asyncio.Event) -> None:
    await core.finished.wait()
    await core.clock.settled()
    stop.set()


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Generator[None]:
    """The first one asks; what was there before is back afterwards, for the impatient."""
    loop = asyncio.get_running_loop()

    def ask(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    before = {number: signal.signal(number, ask) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

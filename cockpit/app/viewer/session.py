"""One life of a viewer: connect, show, connect again; it never touches ledger or broker."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import cast

import structlog

from cockpit.app.control.messages import WatchRequest
from cockpit.app.core import Core
from cockpit.app.launch import CACHE_FOLDER
from cockpit.app.viewer.mirror import Mirror
from cockpit.app.viewer.wire import Farewell, Greeted, Snapshot, Word
from cockpit.domain.values import session_date
from cockpit.kernel.clock import WallClock
from cockpit.kernel.ipc import Channel, ChannelError, NobodyThereError, connect
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.errors import MarketError
from cockpit.market.session import SessionCalendar

_log = structlog.get_logger(__name__)
_WORD = cast("type[Word]", Word)  # a union is no class; msgspec takes it all the same

SILENT = "The cockpit does not answer. What is shown is old; trying again."
GONE = (
    "The cockpit has ended. What is shown is its last word. Close this window, then start it again."
)
ANOTHER = (
    "Another cockpit runs on this data folder now. What is shown is the last word of the one "
    "before. Close this window and open it again."
)


class ViewerSession:
    """`start` once, `stop` once, as with a session that trades."""

    PATIENCE_S = 3.0
    SILENCE_S = 1.0
    RETRY_S = 1.0

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._supervisor = Supervisor(WallClock())
        self._line = AsyncExitStack()
        self._mirror: Mirror | None = None

    async def start(self) -> Core:
        """Connect to the cockpit that runs on the data folder and show what it says.

        Raises NobodyThereError when none can be reached, ChannelError when one that can
        does not answer.
        """
        channel, snapshot, more = await self._connected()
        calendar = SessionCalendar(self._data_dir / CACHE_FOLDER)
        await asyncio.to_thread(_load, calendar, session_date(snapshot.now_ns))
        mirror = self._mirror = Mirror(snapshot, self._data_dir, self._supervisor, calendar)
        for word in more:
            mirror.hear(word)
        self._supervisor.serve(lambda: self._follow(mirror, channel), name="watch", owner="viewer")
        _log.info("viewing", process=snapshot.pid, account=snapshot.account_id)
        return mirror.core

    async def stop(self) -> None:
        """Leave; the cockpit goes on."""
        await self._supervisor.stop()
        await self._line.aclose()
        if self._mirror is not None:
            await self._mirror.journal.close()

    async def _connected(self) -> tuple[Channel, Snapshot, list[Word]]:
        """A connection, and all that there is at its begin."""
        await self._line.aclose()
        line = connect(self._data_dir, self.PATIENCE_S)
        channel = await self._line.enter_async_context(line)
        try:
            await channel.send(WatchRequest(), self.PATIENCE_S)
            snapshot = await channel.take(Snapshot, self.PATIENCE_S)
            more: list[Word] = []
            while not (more and isinstance(more[-1], Greeted)):
                more.append(await channel.take(_WORD, self.PATIENCE_S))
        except BaseException:
            await self._line.aclose()
            raise
        return channel, snapshot, more

    async def _follow(self, mirror: Mirror, channel: Channel) -> None:
        """Show what is told for as long as the window is open."""
        connected: Channel | None = channel
        while True:
            if connected is not None:
                mirror.lost(await self._listened(mirror, connected))
            await asyncio.sleep(self.RETRY_S)
            connected = await self._again(mirror)
            if connected is not None:
                mirror.found()

    async def _listened(self, mirror: Mirror, channel: Channel) -> str:
        """Take in what is told until the connection ends; why it did."""
        farewell = ""
        try:
            while True:
                word = await channel.take(_WORD, self.SILENCE_S)
                if isinstance(word, Farewell):
                    farewell = word.text
                else:
                    mirror.hear(word)
        except ChannelError as error:
            _log.info("viewer_cut_off", error=str(error))
        except Exception as error:  # noqa: BLE001 -- one bad message costs the connection, not the window
            _log.error("viewer_failed", exc_info=error)
        return farewell or SILENT

    async def _again(self, mirror: Mirror) -> Channel | None:
        """A new connection to the same cockpit; None, and the reason shown, while there is none."""
        try:
            channel, snapshot, more = await self._connected()
        except NobodyThereError:
            mirror.lost(GONE)
        except ChannelError:
            mirror.lost(SILENT)
        else:
            mine = (mirror.viewing.pid, mirror.core.account_id)
            if (snapshot.pid, snapshot.account_id) == mine:
                for word in (snapshot, *more):
                    mirror.hear(word)
                return channel
            await self._line.aclose()
            mirror.lost(ANOTHER)
        return None


def _load(calendar: SessionCalendar, day: date) -> None:
    try:
        calendar.load(day)
    except MarketError as error:
        _log.warning("calendar_missing", day=str(day), error=str(error))

"""The second keeper of a halt: a file beside the ledger, for when the ledger can't take it.

A file a mode, for one account a mode lasts. It is written before anything else is tried,
read at the start and once a second, and removed only when a person resumes.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

import msgspec
import structlog

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.account import Mode
from cockpit.domain.alert import Severity
from cockpit.domain.events import TradingStateChanged
from cockpit.domain.limits import TradingState
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import WallClock
from cockpit.kernel.ipc.address import control_folder
from cockpit.kernel.private_files import (
    PrivateFileError,
    mark_private,
    private_folder,
    write_private,
)
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.trading.state import TradingSwitch

LASTING = tuple(mode for mode in Mode if not mode.simulated)
ALERT = "latch"
UNREADABLE = "A halt was asked for; its reason can't be read."

_log = structlog.get_logger(__name__)
_LARGEST = 16 * 1024


class Latch(msgspec.Struct, frozen=True, kw_only=True):
    """Why trading stays halted, who wanted it, and when; `latch_id` tells two halts apart."""

    latch_id: str
    reason: str
    who: str = ""
    ts_ns: int = 0


class LatchFile:
    """The file of one mode in one data folder. Its calls touch the disk."""

    def __init__(self, data_dir: Path, mode: Mode) -> None:
        self._folder = control_folder(data_dir)
        self.path = self._folder / f"halted-{mode.value}.json"

    def write(self, reason: str, who: str) -> Latch:
        """Put a new latch there; where the disk is full, at least its name.

        Raises OSError and PrivateFileError when not even that is possible.
        """
        latch = Latch(
            latch_id=secrets.token_hex(8), reason=reason, who=who, ts_ns=WallClock().now_ns()
        )
        private_folder(self._folder)
        try:
            write_private(self.path, msgspec.json.encode(latch))
        except OSError:
            mark_private(self.path)
        return latch

    def read(self) -> Latch | None:
        """The latch, None without one; a file that makes no sense is a latch, too."""
        try:
            with self.path.open("rb") as file:
                return msgspec.json.decode(file.read(_LARGEST), type=Latch)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeError):
            return Latch(latch_id="unreadable", reason=UNREADABLE)

    def remove(self, known: Iterable[str] | None = None) -> bool:
        """Take it away, with `known` only if it is one of those. Raises OSError."""
        if known is not None:
            there = self.read()
            if there is not None and there.latch_id not in set(known):
                return False
        self.path.unlink(missing_ok=True)
        return True


class LatchKeeper:
    """Keeps the trading switch of a running cockpit and its latch file together."""

    EVERY_S = 1.0

    def __init__(
        self,
        data_dir: Path,
        mode: Mode,
        *,
        switch: TradingSwitch,
        bus: Bus,
        supervisor: Supervisor,
        alerts: Alerts,
    ) -> None:
        self._file = LatchFile(data_dir, mode)
        self._lasting = mode in LASTING
        self._switch = switch
        self._supervisor = supervisor
        self._alerts = alerts
        self._seen: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        switch.on_latch(self._on_latch)
        bus.subscribe(TradingStateChanged, self._on_change, name="latch-file")

    async def take_over(self) -> None:
        """Honour what an earlier halt left; a simulated account starts afresh."""
        if self._lasting:
            await self.look()
        else:
            await self._off_loop(self._file.remove)

    async def look(self) -> None:
        """Halt when there is a latch that was not seen yet."""
        async with self._one_at_a_time:
            latch = await asyncio.to_thread(self._file.read)
            if latch is not None and latch.latch_id not in self._seen:
                self._seen.add(latch.latch_id)
                self._honour(latch)

    def _honour(self, latch: Latch) -> None:
        self._switch.tighten(TradingState.HALTED, latch.reason)
        self.tell(latch.reason, latch.who)

    def tell(self, reason: str, who: str) -> None:
        """Raise an alert on a halt that did not come from this screen, until it is lifted."""
        by = f" Asked for by {who}." if who else ""
        told = f"{reason.rstrip('.')}.{by} It stays so until you resume."
        self._alerts.raise_(ALERT, Severity.WARNING, "Trading is halted", told, "trading")

    async def watch(self) -> None:
        """Look once a second: a halt may come while nobody answers the socket."""
        while True:
            await asyncio.sleep(self.EVERY_S)
            await self.look()

    async def keep(self, reason: str, who: str) -> bool:
        """Write the halt of a lasting account to the file; False when the disk refuses."""
        if not self._lasting:
            return False
        async with self._one_at_a_time:
            return await self._off_loop(lambda: self._write(reason, who))

    def _write(self, reason: str, who: str) -> None:
        self._seen.add(self._file.write(reason, who).latch_id)

    def _on_latch(self, state: TradingState) -> None:
        if state is TradingState.HALTED and self._lasting:
            self._start(self._keep_quietly(), "write-latch")

    def _on_change(self, change: TradingStateChanged) -> None:
        if change.state is TradingState.ACTIVE:
            self._alerts.clear(ALERT)
            self._start(self._remove(), "remove-latch")

    async def _keep_quietly(self) -> None:
        """A halt of any cause; one that came from the file needs no new one."""
        async with self._one_at_a_time:
            there = await asyncio.to_thread(self._file.read)
            if there is None and self._switch.state is TradingState.HALTED:
                reason = self._switch.reason
                await self._off_loop(lambda: self._write(reason, ""))

    async def _remove(self) -> None:
        async with self._one_at_a_time:
            known = frozenset(self._seen)
            if self._switch.state is not TradingState.ACTIVE:
                return
            if await self._off_loop(lambda: self._file.remove(known)):
                self._seen -= known

    def _start(self, body: Coroutine[Any, Any, None], name: str) -> None:
        try:
            self._supervisor.work(body, name=name, owner="control")
        except SupervisorStoppedError:
            body.close()  # the ledger keeps it: its last try comes with the stop

    async def _off_loop(self, act: Callable[[], object]) -> bool:
        try:
            await asyncio.to_thread(act)
        except (OSError, PrivateFileError) as error:
            _log.warning("latch_file", error=str(error))
            return False
        return True

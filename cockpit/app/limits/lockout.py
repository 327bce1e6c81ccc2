"""No more trading until the day is over, whoever would like it otherwise.

A person may call it a day, and the day's loss that halts does so for everybody.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import structlog

from cockpit.app.errors import AppError
from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Severity
from cockpit.domain.limits import TradingState
from cockpit.domain.values import NEW_YORK, day_end_ns, utc
from cockpit.kernel.private_files import PrivateFileError, private_folder, write_private
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.clock import Clock
from cockpit.trading.state import TradingSwitch

_log = structlog.get_logger(__name__)
FILE = "lockout.json"


class LockedOutError(AppError):
    """Somebody wants to trade again before the lock is over."""

    code = "LOCKED_OUT"


class LockoutNotKeptError(AppError):
    """The lock holds while the program runs, and could not be written for the next start."""

    code = "LOCKOUT_NOT_KEPT"


class Lock(msgspec.Struct, frozen=True):
    """Until when (ns UTC) an account is locked, and the limit that did it.

    `why` is a sentence, empty where a person called it a day.
    """

    until_ns: int = 0
    why: str = ""

    @property
    def title(self) -> str:
        """For what is said beside the words."""
        return "Locked for today" if self.why else "Done for today"

    @property
    def reason(self) -> str:
        """Why and until when, as the trading state and the banner have it."""
        said = f"{self.why} Trading is locked" if self.why else "Done for today,"
        return f"{said} until {_moment(self.until_ns)}"

    @property
    def words(self) -> str:
        """Why nothing can be resumed, from when on it can, and what goes on meanwhile."""
        said = f"{self.why} Trading" if self.why else "You called it a day: trading"
        return (
            f"{said} can be resumed from {_moment(self.until_ns)} on. "
            "Positions can be closed and orders cancelled."
        )


class Kept(msgspec.Struct, frozen=True):
    """What the file holds by account: until when it is locked, in ns UTC, and why if by a limit."""

    until: dict[str, int] = {}
    why: dict[str, str] = {}


class Lockout:
    """One account's. `folder` is None where nothing outlives the session.

    It can be begun and not ended: that is what it is for. Closing and cancelling go on.
    """

    def __init__(  # noqa: PLR0917 -- what one account's lock is made of
        self,
        folder: Path | None,
        account_id: str,
        clock: Clock,
        switch: TradingSwitch,
        supervisor: Supervisor,
        alerts: Alerts,
    ) -> None:
        self._folder, self._account_id = folder, account_id
        self._clock, self._switch = clock, switch
        self._supervisor, self._alerts = supervisor, alerts
        self.lock = kept_lock(folder, account_id) if folder is not None else Lock()
        self._unkept = False
        self._one_at_a_time = asyncio.Lock()

    @property
    def holds(self) -> bool:
        """True until the day is over."""
        return self._clock.now_ns() < self.lock.until_ns

    @property
    def left_s(self) -> float:
        """Seconds until trading may be resumed; 0 when it may."""
        return max(0, self.lock.until_ns - self._clock.now_ns()) / 1_000_000_000

    def take_over(self) -> bool:
        """At a start: halt while it holds, whatever the ledger was left as; True if it holds."""
        if self.holds:
            self._switch.tighten(TradingState.HALTED, self.lock.reason)
        return self.holds

    async def begin(self) -> None:
        """Halt now, by a person's wish, and keep it so until midnight in New York.

        Raises LockoutNotKeptError: it holds all the same while the program runs.
        """
        self._begin("")
        await self._keep()

    def limit_crossed(self, why: str) -> None:
        """The same, at once, because of a limit; it is written behind, and an alert says if not."""
        self._begin(why)
        body = self._keep_or_tell()
        try:
            self._supervisor.work(body, name="keep-lockout", owner="risk")
        except SupervisorStoppedError:
            body.close()  # `close` is still to come, and writes it

    async def close(self) -> None:
        """Write what was cut short, if it can be written."""
        try:
            await self._keep()
        except LockoutNotKeptError as error:
            _log.error("lockout_not_kept", error=str(error))

    def refuse(self) -> None:
        """Raise LockedOutError while it holds."""
        if self.holds:
            raise LockedOutError(
                f"{self._account_id} is locked until {self.lock.until_ns}",
                user_text=self.lock.words,
            )

    def _begin(self, why: str) -> None:
        """A limit's reason stays, whatever is wished for on the same day."""
        kept = self.lock.why if self.holds and not why else why
        self.lock = Lock(day_end_ns(self._clock.now_ns()), kept)
        self._unkept = self._folder is not None
        self._switch.tighten(TradingState.HALTED, self.lock.reason)

    async def _keep(self) -> None:
        async with self._one_at_a_time:
            folder, lock = self._folder, self.lock
            if folder is not None and self._unkept:
                await asyncio.to_thread(_write, folder, self._account_id, lock)
                self._unkept = lock != self.lock

    async def _keep_or_tell(self) -> None:
        try:
            await self._keep()
        except LockoutNotKeptError as error:
            _log.error("lockout_not_kept", error=str(error))
            title = "The lock of today could not be kept"
            self._alerts.raise_("lockout", Severity.CRITICAL, title, error.user_text, "risk")


def kept_lock(folder: Path, account_id: str) -> Lock:
    """The account's lock as it was written, over or not."""
    kept = _read(folder)
    return Lock(kept.until.get(account_id, 0), kept.why.get(account_id, ""))


def _read(folder: Path) -> Kept:
    """A file that can't be read is no lock: the halt that came with it is in the ledger."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Kept)
    except FileNotFoundError:
        return Kept()
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        _log.warning("lockout_unreadable", error=str(error))
        return Kept()


def _write(folder: Path, account_id: str, lock: Lock) -> None:
    known = _read(folder)
    until, why = {**known.until, account_id: lock.until_ns}, {**known.why, account_id: lock.why}
    try:
        private_folder(folder)
        write_private(folder / FILE, msgspec.json.encode(Kept(until=until, why=why)))
    except (OSError, PrivateFileError) as error:
        raise LockoutNotKeptError(
            f"{folder / FILE}: {error}",
            user_text=f"Trading is halted until the day is over, but that could not be written "
            f"({error}). After a restart it is still halted, and could be resumed.",
        ) from error


def _moment(ns: int) -> str:
    when = utc(ns).astimezone(NEW_YORK)
    return f"{when:%H:%M} New York time on {when:%a} {when.day} {when:%b}"

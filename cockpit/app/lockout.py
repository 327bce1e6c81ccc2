"""Done for today: trading stays halted until the day is over, whoever would like it otherwise."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import structlog

from cockpit.app.errors import AppError
from cockpit.domain.limits import TradingState
from cockpit.domain.values import NEW_YORK, day_end_ns, utc
from cockpit.kernel.private_files import private_folder, write_private
from cockpit.ports.clock import Clock
from cockpit.trading.state import TradingSwitch

_log = structlog.get_logger(__name__)
FILE = "lockout.json"


class LockedOutError(AppError):
    """Somebody wants to trade again on a day that was called done."""

    code = "LOCKED_OUT"


class LockoutNotKeptError(AppError):
    """The lock holds while the program runs, and could not be written for the next start."""

    code = "LOCKOUT_NOT_KEPT"


class Kept(msgspec.Struct, frozen=True):
    """What the file holds: until when each account is locked, in ns UTC."""

    until: dict[str, int]


class Lockout:
    """One account's. `folder` is None where nothing outlives the session.

    It can be begun and not ended: that is what it is for. Closing and cancelling go on.
    """

    def __init__(
        self, folder: Path | None, account_id: str, clock: Clock, switch: TradingSwitch
    ) -> None:
        self._folder, self._account_id = folder, account_id
        self._clock, self._switch = clock, switch
        # the halt that came with it is in the ledger, which a start takes over
        self.until_ns = locked_until(folder, account_id) if folder is not None else 0

    @property
    def holds(self) -> bool:
        """True until the day is over."""
        return self._clock.now_ns() < self.until_ns

    @property
    def left_s(self) -> float:
        """Seconds until trading may be resumed; 0 when it may."""
        return max(0, self.until_ns - self._clock.now_ns()) / 1_000_000_000

    @property
    def reason(self) -> str:
        """For the trading state."""
        return f"Done for today, until {_moment(self.until_ns)}"

    async def begin(self) -> None:
        """Halt now and keep it so until midnight in New York.

        Raises LockoutNotKeptError: it holds all the same while the program runs.
        """
        self.until_ns = day_end_ns(self._clock.now_ns())
        self._switch.tighten(TradingState.HALTED, self.reason)
        if self._folder is not None:
            await asyncio.to_thread(_keep, self._folder, self._account_id, self.until_ns)

    def refuse(self) -> None:
        """Raise LockedOutError while it holds."""
        if self.holds:
            raise LockedOutError(
                f"{self._account_id} is locked until {self.until_ns}",
                user_text=locked_words(self.until_ns),
            )


def locked_words(until_ns: int) -> str:
    """Why nothing can be resumed, and what can be done."""
    return (
        f"You called it a day: trading can be resumed from {_moment(until_ns)} on. "
        "Positions can be closed and orders cancelled."
    )


def locked_until(folder: Path, account_id: str) -> int:
    """Until when the account is locked, 0 when it isn't.

    A file that can't be read is no lock: the halt that came with it is in the ledger.
    """
    try:
        kept = msgspec.json.decode((folder / FILE).read_bytes(), type=Kept)
    except FileNotFoundError:
        return 0
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        _log.warning("lockout_unreadable", error=str(error))
        return 0
    return kept.until.get(account_id, 0)


def _keep(folder: Path, account_id: str, until_ns: int) -> None:
    try:
        private_folder(folder)
        path = folder / FILE
        known = msgspec.json.decode(path.read_bytes(), type=Kept).until if path.is_file() else {}
        write_private(path, msgspec.json.encode(Kept(until={**known, account_id: until_ns})))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise LockoutNotKeptError(
            f"{folder / FILE}: {error}",
            user_text=f"Trading is halted until the day is over, but that could not be written "
            f"({error}). After a restart it is still halted, and could be resumed.",
        ) from error


def _moment(ns: int) -> str:
    when = utc(ns).astimezone(NEW_YORK)
    return f"{when:%H:%M} New York time on {when:%a} {when.day} {when:%b}"

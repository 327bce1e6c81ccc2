"""What the model has used today, kept in a file: counted before it is asked, corrected after."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import msgspec

from cockpit.adapters.writers.openai.settings import OpenAiSettings
from cockpit.domain.values import ZERO, session_date
from cockpit.kernel.errors import KernelError
from cockpit.kernel.private_files import private_folder, write_private
from cockpit.ports.clock import Clock
from cockpit.ports.writer import WriterError

FILE = "openai-usage.json"
FOLDER = "writers"
_MILLION = 1_000_000


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one New York day, and their cost by the prices of the settings."""

    day: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = ZERO

    @property
    def tokens(self) -> int:
        """Both ways together."""
        return self.tokens_in + self.tokens_out


class Budget:
    """Reserves before a request and settles after it.

    What was reserved stays counted when no answer says what was used: the server may have
    charged for it. Without a folder it lasts as long as the object.
    """

    def __init__(self, settings: OpenAiSettings, folder: Path | None, clock: Clock) -> None:
        self._settings = settings
        self._path = None if folder is None else folder / FOLDER / FILE
        self._clock = clock
        self._used: Used | None = None

    async def reserve(self, tokens_in: int, tokens_out: int) -> None:
        """Count a request that may use so much. Raises WriterError when that is too much."""
        used = await asyncio.to_thread(self._today)
        after = self._plus(used, tokens_in, tokens_out)
        own = self._settings
        if not (0 < after.tokens <= own.daily_tokens and ZERO <= after.cost <= own.daily_cost):
            raise WriterError(
                f"budget: {used} of {own.daily_tokens} tokens and {own.daily_cost}",
                user_text="The model's budget of today has no room for another draft. Nothing "
                "was asked of it; raise daily_tokens or daily_cost in [writers.openai], or wait "
                "for tomorrow.",
                why="its budget of the day is used up",
            )
        await asyncio.to_thread(self._keep, after)

    async def settle(self, reserved: tuple[int, int], used: tuple[int, int]) -> None:
        """Replace what was reserved by what the answer says was used."""
        today = await asyncio.to_thread(self._today)
        change_in, change_out = used[0] - reserved[0], used[1] - reserved[1]
        after = self._plus(today, change_in, change_out)
        if min(after.tokens_in, after.tokens_out) >= 0 and after.cost >= ZERO:  # not over midnight
            await asyncio.to_thread(self._keep, after)

    async def used(self) -> Used:
        """What is counted for today. Raises WriterError when the file can't be read."""
        return await asyncio.to_thread(self._today)

    def _plus(self, used: Used, tokens_in: int, tokens_out: int) -> Used:
        own = self._settings
        cost = (own.price_in * tokens_in + own.price_out * tokens_out) / _MILLION
        return Used(
            day=used.day,
            tokens_in=used.tokens_in + tokens_in,
            tokens_out=used.tokens_out + tokens_out,
            cost=used.cost + cost,
        )

    def _today(self) -> Used:
        day = session_date(self._clock.now_ns()).isoformat()
        held = self._used or self._read()
        return held if held is not None and held.day == day else Used(day=day)

    def _read(self) -> Used | None:
        if self._path is None:
            return None
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Used)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise self._unusable(error) from error

    def _keep(self, used: Used) -> None:
        if self._path is not None:
            try:
                private_folder(self._path.parent)
                write_private(self._path, msgspec.json.encode(used))
            except (OSError, KernelError) as error:
                raise self._unusable(error) from error
        self._used = used

    def _unusable(self, error: Exception) -> WriterError:
        return WriterError(
            f"{self._path}: {error!r}",
            user_text=f"What the model used today is kept in {self._path}, which can't be used: "
            f"{error}. Nothing was asked of it; mend the file or move it away, then try again.",
            why="what it used today can't be counted",
        )

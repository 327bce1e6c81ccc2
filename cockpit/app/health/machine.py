"""The machine: room on the disk and for how long, and whether the loop keeps up."""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from cockpit.kernel.clock import SECOND
from cockpit.kernel.instance import InstanceError, InstanceLock
from cockpit.kernel.pauses import CollectorPauses
from cockpit.kernel.watchdog import LoopWatchdog
from cockpit.ports.health import Check, CheckState

LOW_BYTES = 500_000_000
FULL_BYTES = 100_000_000
SOON_H = 24.0
FORECAST_NEEDS_NS = 600 * SECOND
MANY_LAGS = 3
"""Between two looks; a single one is a busy moment, and the gate has waited it out."""
_KEPT = 1440
_OK, _WARNING, _FAILED = CheckState.OK, CheckState.WARNING, CheckState.FAILED
ROOM = "Make room: a full disk stops the ledger, and then trading halts."

Free = Callable[[Path], int]


def free_bytes(folder: Path) -> int:
    """What the system says is free there."""
    return shutil.disk_usage(folder).free


class Disk:
    """Room for the ledger. Asked again and again it also says how long the room will last."""

    def __init__(self, folder: Path, now_ns: Callable[[], int], free: Free = free_bytes) -> None:
        self._folder = folder
        self._now_ns = now_ns
        self._free = free
        self._samples: deque[tuple[int, int]] = deque(maxlen=_KEPT)

    def check(self) -> Check:
        """Look now. Raises OSError when the system doesn't say."""
        free = self._free(existing(self._folder))
        self._samples.append((self._now_ns(), free))
        hours, rate = self._forecast(free)
        found = f"{free / 1e9:.1f} GB free"
        if hours is not None:
            found += f", {rate / 1e6:,.0f} MB an hour less: full in {_hours(hours)}"
        if free < FULL_BYTES:
            state = _FAILED
        elif free < LOW_BYTES or (hours is not None and hours < SOON_H):
            state = _WARNING
        else:
            state = _OK
        step = "" if state is _OK else ROOM
        return Check(name="disk", state=state, found=found, next_step=step, required=True)

    def _forecast(self, free: int) -> tuple[float | None, float]:
        """Hours until it is full and bytes an hour, by what was used up since the first look."""
        began, then = self._samples[0]
        now = self._samples[-1][0]
        used = then - free
        if now - began < FORECAST_NEEDS_NS or used <= 0:
            return None, 0.0
        rate = used / ((now - began) / (3600 * SECOND))
        return max(0, free - FULL_BYTES) / rate, rate


def _hours(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:,.0f} days"


def folder(data_dir: Path) -> Check:
    """Whether the data folder can be had, or made. Takes its lock for a moment."""
    name = "data folder"
    if not data_dir.exists():
        above = existing(data_dir)
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            return Check(name=name, state=_OK, found=f"{data_dir}, made at the first start")
        return Check(
            name=name,
            state=_FAILED,
            found=f"{data_dir} can't be made: {above} can't be written.",
            next_step="Choose another with --data-dir.",
            required=True,
        )
    lock = InstanceLock(data_dir)
    try:
        lock.acquire()
    except InstanceError as error:
        return Check(name=name, state=_FAILED, found=error.user_text, required=True)
    lock.release()
    return Check(name=name, state=_OK, found=f"{data_dir}, writable and free", required=True)


def existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next(each for each in _upwards(path) if each.exists())


def _upwards(path: Path) -> Iterator[Path]:
    yield path
    yield from path.absolute().parents


class Pace:
    """Whether the loop was in time since the last look, and the collector's pauses."""

    def __init__(self, watchdog: LoopWatchdog, pauses: CollectorPauses) -> None:
        self._watchdog = watchdog
        self._pauses = pauses
        self._lags = 0

    def check(self) -> Check:
        """Look now."""
        lags, self._lags = self._watchdog.lags - self._lags, self._watchdog.lags
        stats = self._pauses.stats
        longest = self._watchdog.longest_ns / 1e6
        times = "time" if self._watchdog.lags == 1 else "times"
        found = (
            f"Late by over 250 ms {self._watchdog.lags} {times} since the start, at most "
            f"{longest:,.0f} ms; collector pauses p99 {stats.p99_ns / 1e6:.1f} ms."
        )
        if self._watchdog.lagging or lags >= MANY_LAGS:
            return Check(
                name="pace",
                state=_WARNING,
                found=f"It runs late now. {found}",
                next_step="Openings wait while it lasts. Close what else keeps this computer busy.",
            )
        return Check(name="pace", state=_OK, found=found)

"""The folder of tapes: names, what a crash left, and which old ones must go."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from cockpit.adapters.tape.blocks import rows_frame
from cockpit.adapters.tape.frames import Totals
from cockpit.adapters.tape.reader import open_tape
from cockpit.adapters.tape.writer import PART, TAIL_OF, Room, TapeWriter, seal
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.private_files import private_folder
from cockpit.ports.feed import FeedError
from cockpit.ports.tape import OnFailure, Origin

_log = structlog.get_logger(__name__)
SUFFIX = ".tape"
_DAY_S = 86_400


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How long, and how much, tapes are kept; `free_bytes` stay free for the ledger."""

    days: int
    most_bytes: int
    free_bytes: int


class Shelf:
    """Tapes of one data folder, oldest first. `age_of` gives a file's age in seconds."""

    def __init__(
        self, folder: Path, kept: Kept, age_of: Callable[[Path], float] | None = None
    ) -> None:
        self._folder, self._kept = folder, kept
        self._age_of = age_of or _age_of

    def tapes(self) -> list[Path]:
        """Finished tapes."""
        return sorted(self._folder.glob(f"*{SUFFIX}"))

    def tidy(self) -> list[Path]:
        """Finish what a crash left, then remove what is too old or too much; gives those."""
        for part in sorted(self._folder.glob(f"*{SUFFIX}{PART}")):
            try:
                finish(part)
            except (FeedError, OSError) as error:
                _log.warning("tape_not_finished", path=str(part), error=str(error))
        return self._prune()

    def begin(
        self,
        now_ns: int,
        account: str,
        origin: Origin,
        *,
        patient: bool,
        on_failure: OnFailure,
        call_in_loop: Callable[[Callable[[], None]], object],
    ) -> TapeWriter:
        """Start a tape. Raises OSError and PrivateFileError when it can't be made."""
        private_folder(self._folder)
        self.tidy()
        tape = TapeWriter(
            self._free_name(now_ns, account),
            origin,
            Room(self._kept.most_bytes, self._kept.free_bytes),
            patient=patient,
            on_failure=on_failure,
            call_in_loop=call_in_loop,
        )
        tape.open()
        return tape

    def _free_name(self, now_ns: int, account: str) -> Path:
        when = utc(now_ns).astimezone(NEW_YORK)
        stem = f"{when:%Y-%m-%d_%H%M%S}_{account}"
        path, number = self._folder / f"{stem}{SUFFIX}", 1
        while path.exists() or path.with_name(path.name + PART).exists():
            number += 1
            path = self._folder / f"{stem}-{number}{SUFFIX}"
        return path

    def _prune(self) -> list[Path]:
        gone: list[Path] = []
        oldest_first = sorted(self.tapes(), key=self._age_of, reverse=True)
        total = sum(path.stat().st_size for path in oldest_first)
        for path in oldest_first:
            size = path.stat().st_size
            if self._age_of(path) > self._kept.days * _DAY_S or total > self._kept.most_bytes:
                path.unlink()
                total -= size
                gone.append(path)
                _log.info("tape_removed", path=str(path), bytes=size)
        return gone


def _age_of(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def finish(part: Path) -> Path:
    """Make a tape of what a crash left: whole frames and tail stay, a torn end is cut.

    Raises FeedError when nothing of it can be read, and OSError.
    """
    path = part.with_name(part.name.removesuffix(PART))
    found = open_tape(part)
    with part.open("r+b") as file:
        file.truncate(found.good_bytes)
        file.seek(found.good_bytes)
        if found.totals is None:
            if found.left:
                file.write(rows_frame(found.left)[0])
            tail = path.with_name(path.name + TAIL_OF)
            seal(file, part, path, tail, Totals(rows=found.rows, whole=False))
            _log.info("tape_finished", path=str(path), rows=found.rows, cut=found.torn_bytes)
            return path
        os.fsync(file.fileno())
    part.replace(path)
    return path

"""Wrong passphrases are counted beside the vault, so that a new process does not start afresh."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from cockpit.kernel.clock import SECOND
from cockpit.kernel.private_files import write_private
from cockpit.ports.clock import Clock

FREE = 3
LONGEST_S = 300


class _Kept(msgspec.Struct):
    wrong: int = 0
    last_ns: int = 0


class Tries:
    """Blocks on its small file; a file that can't be read or written counts for nothing.

    After three wrong ones the next must wait 2 s, then 4, 8 ... up to five minutes. It slows
    down who tries at this machine; what guards a copied file is the cost of each try.
    """

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock

    def wait_s(self) -> int:
        """How long the next try must wait still."""
        kept = self._kept()
        if kept.wrong < FREE:
            return 0
        pause = min(LONGEST_S, 2 ** min(kept.wrong - FREE + 1, 12))
        passed = (self._clock.now_ns() - kept.last_ns) // SECOND
        return max(0, pause - passed) if passed >= 0 else pause

    def wrong(self) -> None:
        """Count one more."""
        kept = _Kept(self._kept().wrong + 1, self._clock.now_ns())
        with suppress(OSError):
            write_private(self._file, msgspec.json.encode(kept))

    def right(self) -> None:
        """Begin anew."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _kept(self) -> _Kept:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            return _Kept()

"""Whether a source is asked first again: a failure puts it behind, time and answers bring it back.

One that has failed is left alone for a while, twice as long each time. Then it is on trial: it is
asked beside the source that serves, and its answer is kept but not shown. Only answers in a row
bring it back, so what is on screen does not jump between two sources each second.
"""

from __future__ import annotations

from enum import StrEnum

from cockpit.kernel.clock import SECOND
from cockpit.ports.source import SourceError

TRIALS = 3
"""Answers in a row that a source on trial must give."""
FIRST_S = 5.0
LONGEST_S = 600.0
_FORGET_NS = round(2 * LONGEST_S) * SECOND


class State(StrEnum):
    """GOOD is asked in its turn, OUT not at all, TRIAL beside the one that serves."""

    GOOD = "good"
    OUT = "out"
    TRIAL = "trial"


class Standing:
    """One source's, for one kind of data. Times are of the clock that nobody sets, in ns."""

    def __init__(self) -> None:
        self._failures = 0
        self._answers = 0
        self._out_until = 0
        self._failed_at = 0
        self._tried_at = 0
        self.why = ""

    def state(self, elapsed_ns: int) -> State:
        """How it stands now."""
        if not self._failures:
            return State.GOOD
        if elapsed_ns < self._out_until:
            return State.OUT
        if elapsed_ns - self._failed_at >= _FORGET_NS:
            return State.GOOD  # nobody asked for so long: as good as new, but once
        return State.TRIAL

    def waits_s(self, elapsed_ns: int) -> float:
        """Seconds until it may be tried."""
        return max(0, self._out_until - elapsed_ns) / SECOND

    def may_try(self, elapsed_ns: int) -> bool:
        """True when a source on trial is due: trials are as far apart as its first wait."""
        if self.state(elapsed_ns) is not State.TRIAL:
            return False
        return not self._tried_at or elapsed_ns - self._tried_at >= FIRST_S * SECOND

    def tried(self, elapsed_ns: int) -> None:
        """A trial begins."""
        self._tried_at = elapsed_ns

    def answered(self) -> bool:
        """It gave a good answer; True when that brought it back."""
        if not self._failures:
            return False
        self._answers += 1
        if self._answers < TRIALS:
            return False
        self._failures = self._answers = self._tried_at = 0
        self.why = ""
        return True

    def failed(self, error: SourceError, elapsed_ns: int) -> bool:
        """It did not answer, or not the truth; True when it had been good."""
        was_good = not self._failures
        wait_s = min(LONGEST_S, FIRST_S * 2 ** min(self._failures, 16))
        if error.retry_after_s is not None and 0 < error.retry_after_s <= LONGEST_S:
            wait_s = max(wait_s, error.retry_after_s)
        self._failures += 1
        self._answers = self._tried_at = 0
        self._failed_at = elapsed_ns
        self._out_until = elapsed_ns + round(wait_s * SECOND)
        self.why = error.why
        return was_good

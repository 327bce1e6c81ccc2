"""What the checks found: the latest of each, what changed when, and what hinders arming."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import msgspec

from cockpit.ports.health import Check, CheckState

KEPT_CHANGES = 500
CLOCK_S = 1.0
"""How far a clock that is being steered goes back: no sign that somebody has set it."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A check with where it belongs, since when it stands so, and how long it may count.

    Times are of this machine's clock, in ns UTC, not of a simulated session. `good_for_s` is
    how long the finding counts: what is older was not looked at as it should have been.
    """

    group: str
    check: Check
    since_ns: int
    good_for_s: float

    @property
    def key(self) -> str:
        """The same for the same check, always."""
        return f"{self.group}/{self.check.name}"

    @property
    def name(self) -> str:
        """What it is about, for a person: with its group, unless that says the same."""
        own = self.check.name
        return own if own.startswith(self.group) else f"{self.group}, {own}"

    def too_old(self, now_ns: int) -> bool:
        """True when it proves nothing: looked at too long ago, or later than now."""
        return not -CLOCK_S <= self.age_s(now_ns) <= self.good_for_s

    def age_s(self, now_ns: int) -> float:
        """How long ago it was looked at; below zero when the clock was set back since."""
        return (now_ns - self.check.checked_at) / 1e9


class HealthChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Checks came out otherwise than before, or for the first time.

    `gone` are the keys of checks that nobody makes any more.
    """

    findings: tuple[Finding, ...]
    ts_event: int
    ts_init: int
    gone: tuple[str, ...] = ()


class Findings:
    """The latest finding of each check, in the order in which they first came in."""

    def __init__(self) -> None:
        self._latest: dict[str, Finding] = {}
        self._put_at: dict[str, int] = {}
        self._changes: deque[Finding] = deque(maxlen=KEPT_CHANGES)
        self.version = 0

    def put(self, finding: Finding) -> bool:
        """Take one in; True when its state or its words are others than before."""
        before = self._latest.get(finding.key)
        self.version += 1
        self._latest[finding.key], self._put_at[finding.key] = finding, self.version
        if before is not None and before.check.state is finding.check.state:
            return _words(before.check) != _words(finding.check)
        self._changes.append(finding)
        return True

    def drop(self, key: str) -> bool:
        """Forget a check that is made no more; False when it was not there."""
        self.version += 1
        return self._latest.pop(key, None) is not None

    def get(self, key: str) -> Finding | None:
        """The latest of one check."""
        return self._latest.get(key)

    def all(self) -> Sequence[Finding]:
        """The latest of each."""
        return tuple(self._latest.values())

    def since(self, version: int) -> Sequence[Finding]:
        """Those that came in after that version."""
        if version == self.version:
            return ()
        return [f for key, f in self._latest.items() if self._put_at.get(key, 0) > version]

    def changes(self) -> Sequence[Finding]:
        """Each change of a state since the start, oldest first; the last few hundred."""
        return tuple(self._changes)

    def replay(self, latest: Iterable[Finding], changes: Iterable[Finding]) -> None:
        """Stand as another one does: for a window that only watches."""
        self._latest = {finding.key: finding for finding in latest}
        self._changes = deque(changes, maxlen=KEPT_CHANGES)
        self.version += 1

    def hindering(self, now_ns: int) -> Sequence[Finding]:
        """The required checks that are not green, or were not looked at as they should."""
        return [
            finding
            for finding in self._latest.values()
            if finding.check.required and (finding.check.hinders or finding.too_old(now_ns))
        ]

    def why_not(self, now_ns: int) -> str:
        """Why the session must not be armed, with the next step; empty when nothing hinders."""
        hindering = self.hindering(now_ns)
        if not hindering:
            return "" if self._latest else "Nothing has been checked yet."
        first = hindering[0]
        more = f" And {len(hindering) - 1} more." if len(hindering) > 1 else ""
        return f"{words_of(first, now_ns)}{more}"


def words_of(finding: Finding, now_ns: int) -> str:
    """A finding in a sentence or two."""
    check = finding.check
    found = check.found
    if not check.hinders and finding.too_old(now_ns):
        age_s = finding.age_s(now_ns)
        since = f"for {age_s:.0f} s" if age_s > 0 else "since the clock was set back"
        found = f"not checked {since}; before: {found}"
    text = f"{finding.name}: {found.rstrip('.')}."
    return f"{text} {check.next_step}".strip()


def worst(findings: Iterable[Finding]) -> CheckState:
    """The state of all of them together; OK for none."""
    states = {finding.check.state for finding in findings}
    return next((state for state in WORST_FIRST if state in states), CheckState.OK)


WORST_FIRST = (CheckState.FAILED, CheckState.UNKNOWN, CheckState.WARNING, CheckState.OK)


def _words(check: Check) -> tuple[str, bool]:
    return check.next_step, check.required

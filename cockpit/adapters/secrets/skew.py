"""How far a server's clock is from ours, as its answers tell; no extra question is asked."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from cockpit.kernel.clock import SECOND
from cockpit.ports.health import Check, CheckState

ORDERS_S = 1.0
"""The gate opens nothing beyond it."""

CODES_S = 25.0
"""One-time codes change every 30 s, and a neighbouring one is usually taken."""


@dataclass(frozen=True, slots=True)
class Skew:
    """The server's clock less ours: between `least_s` and `most_s`."""

    least_s: float
    most_s: float

    @property
    def middle_s(self) -> float:
        """The best guess."""
        return (self.least_s + self.most_s) / 2

    @property
    def surely_s(self) -> float:
        """By how much it is off at least; 0 when it may be right."""
        return max(0.0, self.least_s, -self.most_s)


def skew_of(told_ns: int, asked_ns: int, answered_ns: int, precision_ns: int = 0) -> Skew:
    """From a time the server told, by our clock between asking and being answered (ns UTC).

    `precision_ns` is by how much the told time may have been cut: a Date header leaves out
    the second's fraction.
    """
    return Skew((told_ns - answered_ns) / SECOND, (told_ns + precision_ns - asked_ns) / SECOND)


def skew_of_header(date: str, asked_ns: int, answered_ns: int) -> Skew | None:
    """From an HTTP Date header; None for one that can't be read."""
    try:
        told = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return None
    if told.tzinfo is None:
        return None
    return skew_of(int(told.timestamp()) * SECOND, asked_ns, answered_ns, SECOND)


def narrowed(skews: list[Skew]) -> Skew | None:
    """What several answers of one server say together; None for none.

    Answers that contradict each other (a clock was set between them) leave the newest.
    """
    if not skews:
        return None
    least, most = max(s.least_s for s in skews), min(s.most_s for s in skews)
    return Skew(least, most) if least <= most else skews[-1]


def skew_check(whose: str, skew: Skew | None, *, codes: bool, name: str = "clock skew") -> Check:
    """The Health check: this machine's clock against `whose`, who asks for `codes` or not."""
    if skew is None:
        found = f"{whose} has not told its time yet."
        return Check(name=name, state=CheckState.UNKNOWN, found=found, required=True)
    off = skew.surely_s
    ahead = "behind" if skew.middle_s > 0 else "ahead of"
    found = f"This machine's clock is {abs(skew.middle_s):.1f} s {ahead} {whose}'s."
    if off <= ORDERS_S:
        return Check(name=name, state=CheckState.OK, found=found, required=True)
    sign_in = " One-time codes won't be accepted." if codes and off > CODES_S else ""
    return Check(
        name=name,
        state=CheckState.FAILED,
        found=f"{found}{sign_in}",
        next_step="Let the system set its clock by itself (network time), then check again.",
        required=True,
    )


class SkewMeter:
    """Takes in what answers tell and knows the skew of the last ones."""

    KEPT = 8

    def __init__(self) -> None:
        self._skews: list[Skew] = []

    def note(self, date: str | None, asked_ns: int, answered_ns: int) -> None:
        """Take in the Date header of an answer, None when it had none."""
        skew = None if date is None else skew_of_header(date, asked_ns, answered_ns)
        if skew is not None:
            self._skews = [*self._skews[1 - self.KEPT :], skew]

    @property
    def skew(self) -> Skew | None:
        """What they say together; None before the first."""
        return narrowed(self._skews)

"""A statement that was read: every line has a verdict, none is dropped in silence."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from cockpit.domain.imported import Entry


class Verdict(StrEnum):
    """What became of a line."""

    BOOKED = "booked"
    """An entry of the ledger."""
    IGNORED = "ignored"
    """Understood, and nothing to book: a heading, a total, a line that repeats another."""
    REVIEW = "review"
    """Understood, but its figures don't agree with each other: not booked, for a person to see."""
    UNKNOWN = "unknown"
    """Not understood: not booked, for a person to see."""


class When(msgspec.Struct, frozen=True):
    """A moment: `day` as ISO date and the time of day in ns, both by New York's clocks.

    `ns` is None when the statement knows the day only.
    """

    day: str
    ns: int | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the statement (numbered from 1) and what became of it.

    `account` is as the statement writes it, empty where it doesn't. `reference` is the broker's
    own id of the line where there is one.
    """

    number: int
    verdict: Verdict
    reason: str
    text: str = ""
    account: str = ""
    when: When | None = None
    entries: tuple[Entry, ...] = ()
    reference: str = ""
    currency: str = "USD"


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """All lines of one file; `warnings` are about the file as a whole.

    `newest_first` orders what happened on one day, where the file knows no time of day.
    """

    format: str
    title: str
    lines: tuple[Line, ...]
    warnings: tuple[str, ...] = ()
    newest_first: bool = False

    def of(self, verdict: Verdict) -> tuple[Line, ...]:
        """The lines with this verdict."""
        return tuple(line for line in self.lines if line.verdict is verdict)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts it has something to book for, as it writes them, sorted."""
        return tuple(sorted({line.account for line in self.of(Verdict.BOOKED)}))


def booked(
    entries: Entry | Sequence[Entry],
    when: When,
    reason: str = "",
    *,
    account: str = "",
    reference: str = "",
    currency: str = "USD",
) -> Line:
    """A line that is an entry, or several."""
    several = tuple(entries) if isinstance(entries, Sequence) else (entries,)
    return Line(
        number=0,
        verdict=Verdict.BOOKED,
        reason=reason,
        entries=several,
        when=when,
        account=account,
        reference=reference,
        currency=currency,
    )


def ignored(reason: str) -> Line:
    """A line with nothing to book."""
    return Line(number=0, verdict=Verdict.IGNORED, reason=reason)


def review(reason: str) -> Line:
    """A line whose figures a person has to see."""
    return Line(number=0, verdict=Verdict.REVIEW, reason=reason)


def unknown(reason: str) -> Line:
    """A line that is not understood."""
    return Line(number=0, verdict=Verdict.UNKNOWN, reason=reason)

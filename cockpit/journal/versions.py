"""What changed in an entry from one version to another, line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from cockpit.ports.entries import JournalEntry, Tick


def changes(before: JournalEntry | None, after: JournalEntry) -> list[str]:
    """The trader's words of two versions: `- ` before a line that went, `+ ` before a new one.

    Lines that stayed begin with two spaces, and only those beside a change are there.
    """
    old = [] if before is None else as_lines(before)
    told = difflib.unified_diff(old, as_lines(after), lineterm="", n=1)
    lines = [line for line in list(told)[2:] if not line.startswith("@@")]
    return [f"{line[:1]} {line[1:]}" for line in lines]


def as_lines(entry: JournalEntry) -> list[str]:
    """The trader's words of an entry, as a person reads them."""
    lines = entry.note.splitlines()
    if entry.tags:
        lines.append(f"Tags: {', '.join(entry.tags)}")
    if entry.rating is not None:
        lines.append(f"Rating: {entry.rating} of 5")
    if entry.mistakes:
        lines.append(f"Mistakes: {', '.join(entry.mistakes)}")
    return [*lines, *_ticked("Rule", entry.rules), *_ticked("Check", entry.checklist)]


def _ticked(kind: str, ticks: Iterable[Tick]) -> list[str]:
    return [f"{kind} {'kept' if tick.done else 'not kept'}: {tick.text}" for tick in ticks]

"""Honest sentences of many shapes, written before the checks were looked at: data for false alarms.

A file a kind, a line a sentence: `when | sentence`, as in `recap_lines`, and without a `when` for
a sentence that needs no fact. Every other line is held out: nothing is mended by looking at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from cockpit.domain.fact import Fact
from tests.support.recap_prose import holds, things

FOLDER = Path(__file__).parent / "recap_honest"


def lines(name: str, *, held_out: bool) -> tuple[str, ...]:
    """The lines of one half of a file."""
    every = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(every[int(held_out) :: 2])


def true_of(line: str, facts: Mapping[str, Fact]) -> Iterator[str]:
    """The line's sentence where the facts bear it out; of each symbol, day and so on."""
    when, bar, text = line.rpartition(" | ")
    if not bar:
        yield text
        return
    thing = re.search(r"(?<=fact:)[A-Z]{3,}", text)
    if thing is None:
        if all(holds(facts, word) for word in when.split()):
            yield text
        return
    for name in things(facts, thing[0].lower()):
        words = when.replace(thing[0], name).split()
        if all(holds(facts, word) for word in words if word.startswith(name)):
            yield text.replace(thing[0], name)

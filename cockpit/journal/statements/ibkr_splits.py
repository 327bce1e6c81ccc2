"""Splits as Interactive Brokers tells them: in words, a reverse one in two lines.

"XMPL(US1) Split 1 for 10 (XMPL.OLD, EXAMPLE INC, US1)" takes the old units away, the same words
with the new number bring the new ones. What is common to both stands before the last bracket.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from cockpit.domain.imported import Split
from cockpit.domain.values import ZERO
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.figures import needed, number
from cockpit.journal.statements.statement import Line, ignored, review, unknown

_SPLIT = re.compile(r"^(?P<symbol>[^\s(]+)\([^)]*\) split \d+ for \d+", re.IGNORECASE)

Told = tuple[str, str]
"""An action's description and its quantity, as printed."""


def changes_by_split(actions: Iterable[Told]) -> Mapping[str, Decimal]:
    """By how many units each split changed the position; its lines together."""
    found: Counter[str] = Counter()
    sums: dict[str, Decimal] = {}
    for description, quantity in actions:
        split = _SPLIT.match(description)
        try:
            signed = number(quantity) if split else None
        except UnreadableError:
            continue  # the line itself says so
        if split is None or signed is None:
            continue
        found[split[0]] += 1
        sums[split[0]] = sums.get(split[0], ZERO) + signed
    return sums


def split_line(told: Told, changes: Mapping[str, Decimal], book: Callable[[Split], Line]) -> Line:
    """A split, booked once with `book`; any other action is for a person to see."""
    description, quantity = told
    split = _SPLIT.match(description)
    if split is None:
        return unknown("corporate actions other than splits are not read")
    signed, change = needed(quantity, "quantity"), changes[split[0]]
    if signed < 0 and signed != change:
        return ignored("one side of a split: booked with the other one")
    if change == 0:
        return review("the split changes nothing")
    return book(Split(symbol=split["symbol"], change=change, signed=True))

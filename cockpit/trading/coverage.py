"""Which part of an order's quantity its booked executions account for."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.errors import DomainError
from cockpit.domain.values import ZERO

Span = tuple[Decimal, Decimal]
"""From (exclusive) to (inclusive), in the order's cumulative filled quantity."""


class Coverage:
    """Spans of one order's cumulative quantity, each booked once.

    The venue numbers an execution by what the order had filled with it. So the same
    execution is known by its span under any id, and a missing one by the hole it leaves.
    """

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._numbered = True

    def add(self, quantity: Decimal, cumulative: Decimal | None) -> None:
        """Count an execution as booked."""
        if cumulative is not None and self._numbered:
            self._spans.append((cumulative - quantity, cumulative))
            self._spans.sort()

    def has(self, quantity: Decimal, cumulative: Decimal) -> bool:
        """Whether all of an execution is booked already.

        Raises DomainError when only a part of it is, or when it can't be.
        """
        if not (ZERO < quantity <= cumulative):
            raise DomainError(f"an execution of {quantity} can't make {cumulative} in all")
        if not self._numbered:
            return False
        first, last = cumulative - quantity, cumulative
        known = sum((max(ZERO, min(b, last) - max(a, first)) for a, b in self._spans), ZERO)
        if known not in (ZERO, quantity):
            raise DomainError(f"{known} of the {quantity} up to {cumulative} are booked already")
        return known == quantity

    def holes(self, cumulative: Decimal) -> list[Span]:
        """What is missing below `cumulative`, lowest first; nothing once numbers are void."""
        if not self._numbered:
            return []
        found: list[Span] = []
        reached = ZERO
        for first, last in [*self._spans, (cumulative, cumulative)]:
            if reached < min(first, cumulative):
                found.append((reached, min(first, cumulative)))
            reached = max(reached, last)
        return found

    @property
    def numbered(self) -> bool:
        """Whether an execution can be known by its span."""
        return self._numbered

    def give_up_numbers(self) -> None:
        """An execution was taken back: cumulative quantities mean something else from here."""
        self._numbered = False
        self._spans.clear()

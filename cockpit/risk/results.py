"""How a control answers: passed or denied, with what it measured."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from cockpit.domain.limits import ControlResult
from cockpit.domain.values import ZERO
from cockpit.risk.view import RiskView

Control = Callable[[RiskView], ControlResult]
HUNDRED = Decimal(100)


@lru_cache(maxsize=4096)
def whole(count: int) -> Decimal:
    """The decimal of a count; the same few counts come all day."""
    return Decimal(count)


def lesser(one: Decimal, other: Decimal) -> Decimal:
    """`min` of two at a fifth of its cost, on the way of every order."""
    return other if other < one else one  # noqa: FURB136 -- see above


def not_below_zero(value: Decimal) -> Decimal:
    """`max` with zero, likewise."""
    return value if value > ZERO else ZERO  # noqa: FURB136 -- see above


def passed(control: str) -> ControlResult:
    """The answer of a control that has nothing to measure; made once, given many times."""
    return ControlResult(control=control, passed=True)


def denied(control: str, code: str, text: str) -> ControlResult:
    """No, and why."""
    return ControlResult(control=control, passed=False, code=code, text=text)


def capped(  # noqa: PLR0917 -- one row of a table: who, why, what, before, after, limit, unit
    control: str, code: str, what: str, before: Decimal, after: Decimal, limit: Decimal, unit: str
) -> ControlResult:
    """Passed while 0 <= after <= limit; the sentence is only made for a denial."""
    if not (ZERO <= after <= limit):
        text = f"{what} would be {after.normalize():f} {unit}, the limit is {limit.normalize():f}."
        return ControlResult(control, False, code, text, before, after, limit, unit)
    return ControlResult(control, True, "", "", before, after, limit, unit)

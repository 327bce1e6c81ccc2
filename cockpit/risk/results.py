"""How a control answers: passed or denied, with what it measured."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from cockpit.domain.limits import ControlResult
from cockpit.risk.view import RiskView

Control = Callable[[RiskView], ControlResult]
HUNDRED = Decimal(100)


def passed(control: str) -> ControlResult:
    """The answer of a control that has nothing to measure; made once, given many times."""
    return ControlResult(control=control, passed=True)


def denied(control: str, code: str, text: str) -> ControlResult:
    """No, and why."""
    return ControlResult(control=control, passed=False, code=code, text=text)


def beyond(  # noqa: PLR0917 -- one row of a table: who, why, what, before, after, limit, unit
    control: str, code: str, what: str, before: Decimal, after: Decimal, limit: Decimal, unit: str
) -> ControlResult:
    """No: `after` is not within 0 and `limit`."""
    text = f"{what} would be {after.normalize():f} {unit}, the limit is {limit.normalize():f}."
    return ControlResult(control, False, code, text, before, after, limit, unit)


@lru_cache(maxsize=4096)
def counted(  # noqa: PLR0917 -- likewise
    control: str, code: str, what: str, count: int, limit: int, unit: str
) -> ControlResult:
    """Passed while one more is within the limit; the same few counts come all day."""
    before, after, most = Decimal(count), Decimal(count + 1), Decimal(limit)
    if not (0 <= count < limit):
        return beyond(control, code, what, before, after, most, unit)
    return ControlResult(control, True, "", "", before, after, most, unit)

"""Exact arithmetic and the refusal of numbers that aren't.

Limits are written as `if not (0 < x)`: the other way round lets NaN pass.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from decimal import Context, Decimal, localcontext

from cockpit.domain.values import ZERO
from cockpit.risk.errors import RiskError

ONE = Decimal(1)
_DIGITS = 100
_INFINITY = Decimal("Infinity")


@contextmanager
def exactly() -> Generator[None, None, None]:
    """Reckon with so many digits that no product of prices, sizes and money is rounded.

    With the usual 28 digits a quotient a hair below a whole lot could become that lot.
    Raises RiskError when the numbers are too far apart to be money.
    """
    try:
        with localcontext(Context(prec=_DIGITS)):
            yield
    except ArithmeticError as error:
        raise RiskError(
            f"sizing: {error!r}", user_text="These numbers are too large or too small to size by."
        ) from error


def positive(value: Decimal, what: str) -> None:
    """Raise RiskError unless 0 < value < infinity."""
    if value.is_nan() or not (ZERO < value < _INFINITY):
        raise _refused(value, what, "a positive number")


def not_negative(value: Decimal, what: str) -> None:
    """Raise RiskError unless 0 <= value < infinity."""
    if value.is_nan() or not (ZERO <= value < _INFINITY):
        raise _refused(value, what, "zero or more")


def finite(value: Decimal, what: str) -> None:
    """Raise RiskError for NaN and infinities."""
    if not value.is_finite():
        raise _refused(value, what, "a number")


def share(value: Decimal, what: str) -> None:
    """Raise RiskError unless 0 < value <= 1."""
    if value.is_nan() or not (ZERO < value <= ONE):
        raise _refused(value, what, "above 0 and at most 1")


def whole_lots(room: Decimal, per_unit: Decimal, lot: Decimal) -> Decimal:
    """The largest quantity in whole lots whose `quantity x per_unit` stays within `room`."""
    return max(ZERO, room) // (per_unit * lot) * lot


def plain(value: Decimal) -> str:
    """A number for a sentence: at most four decimals, thousands apart."""
    return f"{round(value, 4).normalize():,f}"


def _refused(value: Decimal, what: str, must_be: str) -> RiskError:
    text = f"{what} must be {must_be}, not {value}"
    return RiskError(text, user_text=f"{text[0].upper()}{text[1:]}.")

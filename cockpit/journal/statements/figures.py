"""Reads what statements print: money, quantities, days and times of day."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from cockpit.domain.values import NEW_YORK, ZERO
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.statement import When

BLANKS = frozenset({"", "-", "--", "n/a", "N/A"})
_ORNAMENT = re.compile(r"[$€£,\s]")
_DAYS = ("%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%b %d, %Y")
_SECOND = 1_000_000_000
_OCC_DIGITS = 8
CONTRACT = Decimal(100)
"""Units of the underlying in one listed equity option: money per price unit."""


def number(text: str) -> Decimal | None:
    """A figure as printed: "$1,234.50", "-$2506", "(3.00)", "+300"; None for a blank.

    Raises UnreadableError for what is no number.
    """
    bare = _ORNAMENT.sub("", text)
    if bare in BLANKS:
        return None
    negative = bare.startswith("(") and bare.endswith(")")
    try:
        value = Decimal(bare.strip("()"))
    except InvalidOperation:
        raise UnreadableError(f"{text!r} is not a number") from None
    if not value.is_finite():
        raise UnreadableError(f"{text!r} is not a number")
    return -value if negative else value


def needed(text: str, what: str) -> Decimal:
    """A figure that must be there. Raises UnreadableError."""
    value = number(text)
    if value is None:
        raise UnreadableError(f"no {what} is given")
    return value


def optional(text: str) -> Decimal:
    """A figure that is zero when blank. Raises UnreadableError for what is no number."""
    return number(text) or ZERO


def day(text: str) -> str:
    """A day as printed, as ISO date; "11/14/2020 as of 11/13/2020" is the second one.

    A statement says "as of" when it booked later than it happened. Raises UnreadableError.
    """
    wanted = text.rpartition(" as of ")[2].strip()
    for form in _DAYS:
        try:
            return datetime.strptime(wanted, form).date().isoformat()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            continue
    raise UnreadableError(f"{text!r} is not a date")


def time_of_day(text: str) -> int:
    """A time of day as printed, "09:47:59" or "9:47:59 AM", in ns. Raises UnreadableError."""
    for form in ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H%M%S"):
        try:
            at = datetime.strptime(text.strip(), form)  # noqa: DTZ007 -- a time of day has no zone
        except ValueError:
            continue
        return (at.hour * 3600 + at.minute * 60 + at.second) * _SECOND
    raise UnreadableError(f"{text!r} is not a time of day")


def instant(text: str) -> When:
    """An ISO 8601 moment with its zone, by New York's clocks. Raises UnreadableError."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UnreadableError(f"{text!r} is not a moment in time") from None
    if at.tzinfo is None:
        raise UnreadableError(f"{text!r} does not say its time zone")
    there = at.astimezone(NEW_YORK)
    seconds = there.hour * 3600 + there.minute * 60 + there.second
    return When(there.date().isoformat(), seconds * _SECOND + there.microsecond * 1000)


_OPTION = re.compile(
    r"^-?(?P<root>[A-Z.]+?)\s*(?P<expiry>\d{6})(?P<right>[CP])(?P<strike>\d+(?:\.\d+)?)$"
)


def occ_symbol(text: str) -> str | None:
    """An option's symbol in one form; None when it is none.

    "USO  200717P00002000" and "-AAPL230120C150" are options: eight digits are thousandths of
    a dollar, fewer are dollars.
    """
    found = _OPTION.match(text)
    if found is None:
        return None
    strike = Decimal(found["strike"])
    if len(found["strike"]) == _OCC_DIGITS:
        strike /= 1000
    try:
        expiry = datetime.strptime(found["expiry"], "%y%m%d").date()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        return None
    return option_symbol(found["root"], expiry, found["right"], strike)


def option_symbol(root: str, expiry: date, right: str, strike: Decimal) -> str:
    """A listed option's symbol as the OCC writes it, without blanks: AAPL230120C00150000."""
    return f"{root}{expiry:%y%m%d}{right[0].upper()}{int(strike * 1000):08d}"

"""Reads what statements print: money, quantities, days and times of day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from cockpit.domain.values import NEW_YORK, ZERO
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.statement import When

BLANKS = frozenset({"", "-", "--", "n/a", "N/A"})
_ORNAMENT = re.compile(
    r"[$€£\s']|\b(?:USD|EUR|GBP|CAD|CHF|AUD|JPY)\b"
)  # signs and codes of currencies, blanks
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})  # typeset minus signs
_DAYS = (
    "%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%b %d, %Y", "%B %d, %Y",
    "%Y/%m/%d", "%m-%d-%Y", "%d-%b-%Y", "%d-%b-%y", "%b-%d-%Y", "%d %b %Y", "%d %B %Y",
)  # fmt: skip
_DAY_FIRST = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y")
_MIDNIGHT = re.compile(r"[ T](00:00(:00)?|12:00(:00)? AM)(\.0+)?Z?$")
_ZONE = re.compile(r"\s*(ET|EST|EDT|America/New_York)$")
_SECOND = 1_000_000_000
_OCC_DIGITS = 8
CONTRACT = Decimal(100)
"""Units of the underlying in one listed equity option: money per price unit."""


def number(text: str) -> Decimal | None:
    """A figure as printed: "$1,234.50", "-$2506", "(3.00)", "+300", "12.50-"; None for a blank.

    Raises UnreadableError for what is no number, and where a comma is no sign of thousands.
    """
    bare = _ORNAMENT.sub("", text.translate(_MINUS))
    if bare in BLANKS:
        return None
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()")
    if len(bare) > 1 and bare.endswith("-"):
        negative, bare = True, bare[:-1]
    if "," in bare:
        if _GROUPED.fullmatch(bare.lstrip("+-")) is None:
            raise UnreadableError(f"what the comma in {text!r} means is not clear")
        bare = bare.replace(",", "")
    try:
        value = Decimal(bare)
    except InvalidOperation:
        raise UnreadableError(f"{text!r} is not a number") from None
    if not value.is_finite():
        raise UnreadableError(f"{text!r} is not a number")
    return -value if negative else value


_COMMA = re.compile(r"[-+(]?[$€£]?\s?[-+]?(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})\)?\s?[€£]?")
_POINT = re.compile(r"[-+(]?[$€£]?\s?[-+]?[\d,]*\.(\d{1,2}|\d{4,})\)?")
_CONTINENTAL = re.compile(
    r"([-+(]?[$€£]?\s?[-+]?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?(\)?\s?[€£]?)"
)


def with_decimal_points(cells: Iterable[str]) -> Callable[[str], str] | None:
    """What turns "1.234,50" into "1234.50", for a file that writes so; None for any other.

    It does when a figure has a decimal comma and none has a decimal point.
    """
    commas = False
    for cell in cells:
        if "." in cell and _POINT.fullmatch(cell):
            return None
        commas = commas or ("," in cell and _COMMA.fullmatch(cell) is not None)
    return _pointed if commas else None


def _pointed(cell: str) -> str:
    found = _CONTINENTAL.fullmatch(cell) if "," in cell or "." in cell else None
    if found is None:
        return cell
    fraction = f".{found[3]}" if found[3] else ""
    return f"{found[1]}{found[2].replace('.', '')}{fraction}{found[4]}"


def needed(text: str, what: str) -> Decimal:
    """A figure that must be there. Raises UnreadableError."""
    value = number(text)
    if value is None:
        raise UnreadableError(f"no {what} is given")
    return value


def optional(text: str) -> Decimal:
    """A figure that is zero when blank. Raises UnreadableError for what is no number."""
    return number(text) or ZERO


@lru_cache(maxsize=4096)
def day(text: str, *, day_first: bool = False) -> str:
    """A day as printed, as ISO date; "11/14/2020 as of 11/13/2020" is the second one.

    A statement says "as of" when it booked later than it happened. With `day_first` 5/12/2022 is
    in December. Raises UnreadableError.
    """
    wanted = _MIDNIGHT.sub("", text.rpartition(" as of ")[2].strip())
    for form in (*(_DAY_FIRST if day_first else ()), *_DAYS):
        try:
            return datetime.strptime(wanted, form).date().isoformat()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            continue
    raise UnreadableError(f"{text!r} is not a date")


def is_day(text: str) -> bool:
    """True when this can be read as a day."""
    try:
        day(text)
    except UnreadableError:
        return False
    return True


def time_of_day(text: str) -> int:
    """A time of day as printed, "09:47:59" or "9:47:59 AM", in ns. Raises UnreadableError."""
    bare, point, part = _ZONE.sub("", text.strip()).partition(".")
    digits, blank, half = part.partition(" ")
    if point and not digits.isdecimal():
        raise UnreadableError(f"{text!r} is not a time of day")
    for form in ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H%M%S"):
        try:
            at = datetime.strptime(f"{bare}{blank}{half}", form)  # noqa: DTZ007 -- a time of day has no zone
        except ValueError:
            continue
        whole = (at.hour * 3600 + at.minute * 60 + at.second) * _SECOND
        return whole + int(digits[:9].ljust(9, "0") if digits else 0)
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
    r"^[-.]?(?P<root>[A-Z][A-Z./]*\d?)\s*(?P<expiry>\d{6})(?P<right>[CP])(?P<strike>\d+(?:\.\d+)?)$"
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

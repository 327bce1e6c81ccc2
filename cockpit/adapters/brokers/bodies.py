"""Bodies of a venue as they come: exact decimals, whole nanoseconds, nothing guessed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.values import to_ns

T = TypeVar("T")


class UnreadableError(Exception):
    """A body or a message without what must be in it."""


def decoded(body: bytes, kind: type[T]) -> T:
    """`body` as `kind`. Raises UnreadableError when it is anything else."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{kind}: {error}") from error


def number(value: Decimal | None, what: str) -> Decimal:
    """A finite number. Raises UnreadableError for none, NaN and infinities."""
    if value is None or not value.is_finite():
        raise UnreadableError(f"{what} is {value}")
    return value


def ns_of(text: str | None) -> int:
    """Nanoseconds UTC of "2024-01-02T15:04:05.123456789Z" and the like, to the nanosecond.

    Raises UnreadableError.
    """
    whole, dot, rest = (text or "").replace("Z", "+00:00").partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    zone = rest[len(digits) :] if dot else ""
    try:
        seconds = to_ns(datetime.fromisoformat(whole + zone))
    except (ValueError, DomainError) as error:
        raise UnreadableError(f"a time is {text!r}") from error
    return seconds + int(digits[:9].ljust(9, "0") or 0)

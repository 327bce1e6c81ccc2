"""Vendors' bodies in rows: nothing guessed, and nothing unsound let through."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.values import NEW_YORK, session_date, to_ns, utc
from cockpit.kernel.aside import aside
from cockpit.kernel.clock import SECOND
from cockpit.ports.feed import RawBar
from cockpit.ports.source import Figure, MalformedError

T = TypeVar("T")
DAY_S = 86_400
_LARGE = 200_000  # bytes: reading that many would hold the loop
_SHOWN = 160


async def decoded(vendor: str, body: bytes, kind: type[T]) -> T:
    """`body` as `kind`. Raises MalformedError. A large one is read beside the loop."""
    if len(body) > _LARGE:
        return await aside(lambda: decode(vendor, body, kind), name=f"read-{vendor}")
    return decode(vendor, body, kind)


def decode(vendor: str, body: bytes, kind: type[T]) -> T:
    """`body` as `kind`. Raises MalformedError."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if body.lstrip()[:1] == b"<":
            raise MalformedError(vendor, "a web page instead of data") from error
        raise MalformedError(vendor, f"an answer that can't be read: {error}") from error


def words(text: object, key: str = "") -> str:
    """A vendor's own words for a person, without the key that some of them repeat."""
    shown = " ".join(str(text).split())
    if key:
        shown = shown.replace(key, "[hidden]")
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "..."


def price(value: float | None) -> float | None:
    """A price or a size that can be one; None for zero, less, NaN and nothing at all."""
    return value if value is not None and 0.0 < value < math.inf else None


def not_negative(value: float | None) -> float | None:
    """A count that can be one, zero too."""
    return value if value is not None and 0.0 <= value < math.inf else None


def parsed(text: str | None) -> float | None:
    """A number that comes as text; None for "None", "-" and the like."""
    try:
        return float(text or "")
    except ValueError:
        return None


def exact(value: object) -> Decimal | None:
    """A figure to the digit; None for what is no finite number."""
    if value is None or isinstance(value, bool):
        return None
    try:
        figure = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None


def figures_of(
    values: Mapping[Figure, object], scale: Mapping[Figure, Decimal]
) -> dict[Figure, Decimal]:
    """Those of the figures that are numbers, each times its `scale` (1 where it has none)."""
    found = {figure: exact(value) for figure, value in values.items()}
    return {
        figure: value * scale.get(figure, Decimal(1))
        for figure, value in found.items()
        if value is not None
    }


def sound(bar: RawBar) -> bool:
    """Whether it can be a bar: prices above zero, high and low around open and close."""
    within = 0.0 < bar.low <= min(bar.open, bar.close)
    return (
        within
        and max(bar.open, bar.close) <= bar.high < math.inf
        and 0.0 <= bar.volume < math.inf
        and 0.0 <= bar.vwap < math.inf
    )


def bars_of(
    vendor: str,
    rows: Iterable[RawBar],
    *,
    start_ns: int,
    end_ns: int,
    closed_by_ns: int,
) -> tuple[tuple[RawBar, ...], bool]:
    """The sound and closed bars that begin in `start_ns` to before `end_ns`, in order of time.

    Also whether none had to be left out. Raises MalformedError where all of them are unsound.
    A bar that is there twice is the later row's: vendors list a revised one behind the old.
    """
    kept: dict[int, RawBar] = {}
    bad = 0
    for bar in rows:
        if not sound(bar):
            bad += 1
        elif start_ns <= bar.ts_event < end_ns and _end_ns(bar) <= closed_by_ns:
            kept[bar.ts_event] = bar
    if bad and not kept:
        raise MalformedError(vendor, f"{bad} bars, none of which can be one")
    return tuple(kept[ts] for ts in sorted(kept)), not bad


def day_start_ns(day: str) -> int:
    """New York midnight of an ISO date. Raises ValueError."""
    return to_ns(datetime.combine(date.fromisoformat(day), time(), NEW_YORK))


def same_day_start_ns(ts_ns: int) -> int:
    """New York midnight of the day that `ts_ns` falls on."""
    return to_ns(datetime.combine(session_date(ts_ns), time(), NEW_YORK))


def utc_day_start_ns(ts_ns: int) -> int:
    """New York midnight of the UTC date of `ts_ns`: how some vendors stamp a day."""
    return day_start_ns(utc(ts_ns).date().isoformat())


def needed_day(text: str) -> str:
    """An ISO date. Raises ValueError where there is none."""
    day = iso_day(text)
    if not day:
        raise ValueError(f"a day is {text!r}")
    return day


def day_of(ts_ns: int) -> str:
    """The New York day of a time, as an ISO date."""
    return session_date(ts_ns).isoformat()


def iso_day(text: str | None) -> str:
    """An ISO date, or nothing where there is none."""
    try:
        return date.fromisoformat((text or "")[:10]).isoformat()
    except ValueError:
        return ""


def moment_ns(text: str) -> int:
    """Nanoseconds UTC of an ISO time with its zone. Raises ValueError."""
    try:
        return to_ns(datetime.fromisoformat(text))
    except DomainError as error:
        raise ValueError(str(error)) from error


def moment(ts_ns: int) -> str:
    """A time as an ISO one in UTC, to the second."""
    return f"{utc(ts_ns):%Y-%m-%dT%H:%M:%SZ}"


def read(vendor: str, what: str, convert: Callable[[], T]) -> T:
    """What `convert` gives; for times and numbers that can't be any, MalformedError."""
    try:
        return convert()
    except (ValueError, ArithmeticError, OverflowError) as error:
        raise MalformedError(vendor, f"{what} that can't be one ({error})") from error


def _end_ns(bar: RawBar) -> int:
    if bar.interval_s < DAY_S:
        return bar.ts_event + bar.interval_s * SECOND
    days = bar.interval_s // DAY_S  # a day on which the clocks change is longer or shorter
    last = date.fromordinal(session_date(bar.ts_event).toordinal() + days)
    return to_ns(datetime.combine(last, time(), NEW_YORK))

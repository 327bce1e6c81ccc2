"""How money, sizes and times are written for people. One place, so that they agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from cockpit.domain.currency import rounded
from cockpit.domain.values import NEW_YORK, utc

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
NOT_TOLD = "not told"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def signed_money(value: Decimal, currency: str = "USD") -> str:
    """`+$1,234.50`, `-$12.00`, `$0.00`; of other currencies `+€5.00` or `+JPY 500`."""
    told = rounded(value, currency)
    sign = "" if told == 0 else "+" if told > 0 else "-"
    return f"{sign}{_symbol(currency)}{abs(told):,f}"


def money(value: Decimal, currency: str = "USD") -> str:
    """`$4.20`; a rebate is `-$4.20`."""
    told = rounded(value, currency)
    return f"{'-' if told < 0 else ''}{_symbol(currency)}{abs(told):,f}"


def not_added_up(currencies: Sequence[str]) -> str:
    """Why there is no sum of money in several currencies; empty for one."""
    if len(currencies) < 2:
        return ""
    return f"trades in {' and '.join(currencies)} can't be added up"


def _symbol(currency: str) -> str:
    return _SYMBOLS.get(currency, f"{currency} ")


def price(value: Decimal) -> str:
    """At least two decimals, at most four: `157.23`, `0.1234`."""
    four = _unsigned_zero(value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN))
    text = f"{four:,.4f}"
    return text.removesuffix("00")


def size(value: Decimal) -> str:
    """Units without needless zeros: `1,000`, `0.5`."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(fraction: Decimal) -> str:
    """`66.7%` of a fraction."""
    tenths = (fraction * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    return f"{_unsigned_zero(tenths)}%"


def signed_percent(fraction: Decimal) -> str:
    """`+1.23%` of a fraction, `0.00%` where it rounds to nothing."""
    hundredths = (fraction * 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    return f"{hundredths:+}%" if hundredths else "0.00%"


def ratio(value: Decimal) -> str:
    """`1.85`."""
    return f"{_unsigned_zero(value.quantize(Decimal('0.01'), rounding=ROUND_HALF_EVEN)):,f}"


def r_multiple(value: Decimal) -> str:
    """`+1.85R`."""
    return f"{_unsigned_zero(value.quantize(Decimal('0.01'), rounding=ROUND_HALF_EVEN)):+,f}R"


def _unsigned_zero(rounded: Decimal) -> Decimal:
    """What is rounded to nothing has no sign."""
    return rounded or abs(rounded)


def duration(seconds: Decimal) -> str:
    """`45 s`, `12 min`, `1 h 05 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def clock_time(ts_ns: int) -> str:
    """`09:47`, New York."""
    return f"{utc(ts_ns).astimezone(NEW_YORK):%H:%M}"


def time_told(ts_ns: int, *, timed: bool) -> str:
    """`09:47`, or that nobody told it, where a statement knows the day only."""
    return clock_time(ts_ns) if timed else NOT_TOLD


def long_date(day: str) -> str:
    """`Tuesday, 2 January 2018`, in no locale but ours."""
    when = date.fromisoformat(day)
    return f"{_DAYS[when.weekday()]}, {when.day} {_MONTHS[when.month - 1]} {when.year}"


def session_words(label: str, day: str = "") -> str:
    """What kind of session a label tells of; empty for a real market and real money.

    `SIMULATED` and `REPLAY 2018-01-02` are feeds' labels, `REPLAY` and `PAPER` come from
    the account's kind; `day` stands in where a replay names none.
    """
    kind, _, named = label.strip().partition(" ")
    if kind.upper() == "REPLAY":
        return f"Replay of {named or day}".removesuffix(" of ")
    return {"SIMULATED": "Simulated session", "PAPER": "Paper trading"}.get(
        kind.upper(), label.strip()
    )


def exact(value: Decimal | None) -> str | None:
    """An exact decimal without exponent or trailing zeros, for other programs to read."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""How numbers and times are written, everywhere the same.

Negative numbers carry U+2212, which Inter sets as wide as a digit, so columns align.
A missing value is `MISSING`, never zero. Times are int nanoseconds UTC.
"""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal

from cockpit.domain.currency import USD
from cockpit.domain.currency import places as places_of
from cockpit.domain.values import NEW_YORK, utc

MINUS = "\u2212"
MISSING = "-"
UP, DOWN = "\u25b2", "\u25bc"
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}

Number = Decimal | float | int


def money(value: Number | None, *, places: int | None = None, currency: str = USD) -> str:
    """$1,234.50 or JPY 1,234; the minus stands before the sign of the currency."""
    return _money(value, places, currency, plus="")


def signed_money(value: Number | None, *, places: int | None = None, currency: str = USD) -> str:
    """As `money` with a plus for gains; zero carries no sign."""
    return _money(value, places, currency, plus="+")


def _money(value: Number | None, places: int | None, currency: str, plus: str) -> str:
    if value is None or not math.isfinite(value):
        return MISSING
    digits = f"{abs(value):,.{places_of(currency) if places is None else places}f}"
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    return f"{_sign(value, digits, plus)}{symbol}{digits}"


def _sign(value: Number, digits: str, plus: str) -> str:
    """No sign for what rounds to zero: a signed zero reads as a gain or a loss."""
    if not any("1" <= c <= "9" for c in digits):
        return ""
    return plus if value > 0 else MINUS


def number(value: Number | None, *, places: int = 2, signed: bool = False) -> str:
    """1,234.50, signed when asked."""
    if value is None or not math.isfinite(value):
        return MISSING
    if value > 0 and not signed:
        return f"{value:,.{places}f}"
    digits = f"{abs(value):,.{places}f}"
    return f"{_sign(value, digits, '+' if signed else '')}{digits}"


def percent(fraction: Number | None, *, places: int = 2, signed: bool = False) -> str:
    """A fraction of 1 as per cent: 0.0123 is 1.23%."""
    if fraction is None or not math.isfinite(fraction):
        return MISSING
    return f"{number(float(fraction) * 100, places=places, signed=signed)}%"


def quantity(value: Number | None, *, signed: bool = False) -> str:
    """Whole numbers without a point, fractions with what they need."""
    if value is None or not math.isfinite(value):
        return MISSING
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    exponent = exact.normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    return number(exact, places=places, signed=signed)


def price(value: Number | None, tick: Decimal = Decimal("0.01")) -> str:
    """As many decimals as the tick has, at least two."""
    return number(value, places=price_places(tick))


def price_places(tick: Decimal) -> int:
    """Decimals a price of this tick is shown with."""
    exponent = tick.normalize().as_tuple().exponent
    return max(2, -exponent) if isinstance(exponent, int) else 2


def compact(value: Number | None) -> str:
    """Volumes: 950, 12.3 K, 4.56 M, 1.20 B."""
    if value is None or not math.isfinite(value):
        return MISSING
    size = abs(float(value))
    for bound, word, places in ((1e9, " B", 2), (1e6, " M", 2), (1e4, " K", 1)):
        if size >= bound:
            return f"{number(float(value) / (bound if word != ' K' else 1e3), places=places)}{word}"
    return number(value, places=0)


def arrow(value: Number | None) -> str:
    """▲, ▼ or nothing: what stands beside a colour."""
    if value is None or not math.isfinite(value) or value == 0:
        return ""
    return UP if value > 0 else DOWN


def new_york_time(ts_ns: int, *, seconds: bool = True) -> str:
    """The exchange's wall clock, 09:30:00."""
    return _clock(utc(ts_ns).astimezone(NEW_YORK), seconds)


def local_time(ts_ns: int, *, seconds: bool = True) -> str:
    """The trader's wall clock."""
    return _clock(utc(ts_ns).astimezone(), seconds)


def new_york_date(ts_ns: int) -> str:
    """Tue 2 Jan 2018, in the exchange's zone."""
    moment = utc(ts_ns).astimezone(NEW_YORK)
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def _clock(moment: datetime, seconds: bool) -> str:
    return f"{moment:%H:%M:%S}" if seconds else f"{moment:%H:%M}"


def age(seconds: float | None) -> str:
    """How old: 0.3 s, 12 s, 4 min, 3 h, 2 d."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    for bound, unit, word in ((99.5, 1, "s"), (5940, 60, "min"), (172_800, 3600, "h")):
        if seconds < bound:
            return f"{seconds / unit:.0f} {word}"
    return f"{seconds / 86_400:.0f} d"


def duration(seconds: float | None) -> str:
    """How long: 0:07, 12:34, 1:02:03, 2 d 3 h."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    whole = math.ceil(max(0.0, seconds))
    if whole >= 172_800:
        return f"{whole // 86_400} d {whole % 86_400 // 3600} h"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

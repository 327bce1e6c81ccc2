"""ISO 8601 times to nanoseconds, exactly: no float and no rounding on the way."""

from __future__ import annotations

import re
from datetime import datetime

from cockpit.domain.values import to_ns

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)", re.ASCII
)
_MINUTE_US = 60_000_000


class TimeParser:
    """Parses times of one file; the minute is kept, as the next row mostly shares it."""

    def __init__(self) -> None:
        self._minute = ""
        self._minute_ns = 0

    def parse(self, text: str) -> int:
        """Nanoseconds UTC of e.g. `2018-01-02T09:04:13.125000Z`.

        Any zone and up to nine decimals will do. Raises ValueError for anything else,
        a time without zone included.
        """
        if len(text) == 27 and text[26] == "Z" and text[19] == "." and text[16] == ":":
            digits = text[17:19] + text[20:26]
            if digits.isascii() and digits.isdecimal() and (micros := int(digits)) < _MINUTE_US:
                if text[:16] != self._minute:
                    self._minute_ns = _exact(text[:16] + ":00Z")
                    self._minute = text[:16]
                return self._minute_ns + micros * 1000
        return _exact(text)


def _exact(text: str) -> int:
    found = _ISO.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a time with zone: {text[:40]!r}")
    day, clock, fraction, zone = found.groups()
    zone = "+00:00" if zone == "Z" else zone
    whole = to_ns(datetime.fromisoformat(f"{day}T{clock}{zone}"))
    return whole + int((fraction or "0").ljust(9, "0"))

"""New York wall time of bar starts, in arrays: the axis skips hours with no bars."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cockpit.domain.values import NEW_YORK

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY = 86_400


@lru_cache(maxsize=4096)
def _offset_s(utc_day: int) -> int:
    """Seconds between UTC and New York at noon UTC; clocks change while markets sleep."""
    noon = datetime.fromtimestamp(utc_day * DAY + DAY // 2, UTC)
    offset = noon.astimezone(NEW_YORK).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def local_seconds(ts: Floats) -> Ints:
    """`ts` (seconds UTC) as seconds of New York wall time since 1970-01-01 there."""
    whole = np.floor(ts).astype(np.int64)
    days, which = np.unique(whole // DAY, return_inverse=True)
    offsets = np.array([_offset_s(int(day)) for day in days], dtype=np.int64)
    return whole + offsets[which]


def local_days(ts: Floats) -> Ints:
    """The New York calendar day of each moment, as days since 1970-01-01."""
    return local_seconds(ts) // DAY


def clock_text(ts: float, *, seconds: bool = False) -> str:
    """HH:MM (or HH:MM:SS) in New York."""
    moment = datetime.fromtimestamp(ts, NEW_YORK)
    return moment.strftime("%H:%M:%S" if seconds else "%H:%M")


def month_text(ts: float) -> str:
    """A month in New York, e.g. `Jan 2018`."""
    return f"{datetime.fromtimestamp(ts, NEW_YORK):%b %Y}"


def day_text(ts: float) -> str:
    """A short date in New York, e.g. `Jan 2`."""
    moment = datetime.fromtimestamp(ts, NEW_YORK)
    return f"{moment:%b} {moment.day}"

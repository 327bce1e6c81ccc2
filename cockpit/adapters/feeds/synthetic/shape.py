"""The shape of a day: busy and wide at the open, quiet at lunch, busy again at the close."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SESSION_S = 23_400  # 09:30 to 16:00
HALT_S = 300

_LUNCH_QUOTES = 12.0
_OPEN_QUOTES = 36.0
_CLOSE_QUOTES = 20.0


def quotes_a_second() -> Floats:
    """Expected quotes of the whole market in each second, in calm times."""
    since_open, to_close = _seconds()
    return (
        _LUNCH_QUOTES
        + _OPEN_QUOTES * np.exp(-since_open / 1200.0)
        + _CLOSE_QUOTES * np.exp(-to_close / 1500.0)
    )


def volatility() -> Floats:
    """Volatility of each second relative to the day's: its mean square is 1."""
    since_open, to_close = _seconds()
    shape = 0.75 + 1.6 * np.exp(-since_open / 1500.0) + 0.6 * np.exp(-to_close / 1500.0)
    return shape / np.sqrt(np.mean(shape * shape))


def spread() -> Floats:
    """Spread of each second relative to the usual one: wide at the open."""
    since_open, _ = _seconds()
    return 1.0 + 2.2 * np.exp(-since_open / 240.0)


def _seconds() -> tuple[Floats, Floats]:
    since_open = np.arange(SESSION_S, dtype=np.float64)
    return since_open, SESSION_S - since_open

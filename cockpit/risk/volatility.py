"""How far a price usually moves: the average true range.

Source: J. Welles Wilder, New Concepts in Technical Trading Systems, 1978. With n bars:

    TR_i    = max(high_i, close_i-1) - min(low_i, close_i-1)
    ATR_n   = mean of the first n true ranges
    ATR_i   = (ATR_i-1 x (n - 1) + TR_i) / n

A true range needs the close before it, so the first bar gives none.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from cockpit.domain.values import to_decimal
from cockpit.market.series import BarSeries, Column
from cockpit.risk.errors import RiskError

WILDER_PERIOD = 14


def average_true_range(
    high: Column, low: Column, close: Column, period: int = WILDER_PERIOD
) -> float:
    """Wilder's ATR at the last bar, in price units.

    The columns hold closed bars, oldest first, all of one length of at least `period` + 1.
    Raises RiskError for fewer bars, a price that isn't a positive number, and bars whose
    high is below their low.
    """
    _check(high, low, close, period)
    ranges = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    first, later = float(ranges[:period].mean()), ranges[period:]
    keep = 1.0 - 1.0 / period
    # The recursion written out: each later range fades by `keep` with every bar after it.
    fading = keep ** np.arange(len(later) - 1, -1, -1)
    return first * keep ** len(later) + float(later @ fading) / period


def atr_of(series: BarSeries, period: int = WILDER_PERIOD) -> Decimal:
    """The ATR of a symbol's closed bars; the live bar is still growing and does not count.

    Raises RiskError as `average_true_range` does.
    """
    n = series.closed
    return to_decimal(average_true_range(series.high[:n], series.low[:n], series.close[:n], period))


def _check(high: Column, low: Column, close: Column, period: int) -> None:
    if not period >= 1:
        raise RiskError(f"ATR of {period} bars", user_text="The ATR needs at least one bar.")
    if not len(high) == len(low) == len(close):
        raise RiskError(
            f"{len(high)} highs, {len(low)} lows, {len(close)} closes",
            user_text="The bars for the ATR are not complete.",
        )
    if not len(close) > period:
        raise RiskError(
            f"{len(close)} bars for an ATR of {period}",
            user_text=f"The ATR needs {period + 1} closed bars, there are {len(close)}.",
        )
    prices = np.stack((high, low, close))
    if not (np.isfinite(prices).all() and (prices > 0).all() and (high >= low).all()):
        raise RiskError(
            "bars with prices that are no prices",
            user_text="The bars for the ATR hold a price that can't be.",
        )

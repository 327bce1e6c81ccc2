"""Finding the print that a correction means, and what a bar is worth without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from cockpit.domain.market import TradeCorrected, TradePrint
from cockpit.market.series import Values


class Replaced(NamedTuple):
    """A print that a correction has found, and what takes its place (None: nothing)."""

    old: TradePrint
    new: TradePrint | None


def find(prints: Sequence[TradePrint], correction: TradeCorrected) -> int | None:
    """Index of the print that is meant: by its id, else the latest of that price and size."""
    trade_id = correction.trade_id
    for back, trade in enumerate(reversed(prints), start=1):
        if trade_id and trade.trade_id:
            meant = trade.trade_id == trade_id
        else:
            meant = trade.price == correction.old_price and trade.size == correction.old_size
        if meant:
            return len(prints) - back
    return None


def corrected(old: TradePrint, correction: TradeCorrected) -> TradePrint | None:
    """What takes the place of `old`; None when nothing does."""
    if correction.cancelled:
        return None
    return msgspec.structs.replace(
        old,
        price=correction.price,
        size=correction.size,
        trade_id=correction.new_id or old.trade_id,
    )


def values_of(prints: Sequence[TradePrint]) -> Values | None:
    """Open, high, low, close, volume, vwap and number of these prints; None without any."""
    if not prints:
        return None
    prices = [trade.price for trade in prints]
    volume = turnover = 0.0
    for trade in prints:  # in the order in which the live bar added them: the same floats
        volume += trade.size
        turnover += trade.price * trade.size
    return (
        prices[0],
        max(prices),
        min(prices),
        prices[-1],
        volume,
        turnover / volume,
        float(len(prints)),
    )


def adjusted(values: Values, old: TradePrint, new: TradePrint | None) -> Values | None:
    """`values` with `old` taken out of volume and vwap and `new` put in; None if none is left.

    Open, high, low and close stay, but `new` may widen the range.
    """
    first, high, low, last, volume, vwap, trades = values
    turnover = vwap * volume - old.price * old.size
    volume, trades = volume - old.size, trades - 1
    if new is not None:
        turnover, volume = turnover + new.price * new.size, volume + new.size
        high, low, trades = max(high, new.price), min(low, new.price), trades + 1
    if not (volume > 0 and turnover > 0):
        return None
    return first, high, low, last, volume, turnover / volume, trades

"""MAE and MFE of a closed trade from the prices that were seen while it was open."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import numpy as np
import numpy.typing as npt

from cockpit.domain.excursion import Excursion
from cockpit.domain.trade import Direction, Trade
from cockpit.domain.values import to_decimal

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
_PLACES = 6


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a symbol: times (ns, ascending), lowest and highest price at each."""

    ts: Times
    low: Floats
    high: Floats

    def between(self, first_ns: int, last_ns: int) -> Prices:
        """From one time to another, both included."""
        first = int(np.searchsorted(self.ts, first_ns, side="left"))
        last = int(np.searchsorted(self.ts, last_ns, side="right"))
        part = slice(first, last)
        return Prices(ts=self.ts[part], low=self.low[part], high=self.high[part])


def excursion_of(
    trade: Trade, prices: Prices, *, source: str, multiplier: Decimal
) -> Excursion | None:
    """The excursion of `trade`; None when no price was seen while it was open.

    The prices of its own fills are looked at, too. Marks are floats, and so are the steps in
    between; the result is rounded to a millionth.
    """
    seen = prices.between(trade.opened_ns, trade.closed_ns)
    if not len(seen.ts):
        return None
    steps = _Steps(trade, float(multiplier))
    entry, sign = float(trade.entry_price), steps.sign
    fills = [float(p) for m in trade.matches for p in (m.entry_price, m.exit_price)]
    lowest = min(float(seen.low.min()), *fills)
    highest = max(float(seen.high.max()), *fills)
    moves = sorted((sign * (lowest - entry), sign * (highest - entry)))
    money = np.concatenate(
        [steps.money(seen.ts, seen.low), steps.money(seen.ts, seen.high), steps.realised]
    )
    return Excursion(
        account_id=trade.account_id,
        trade_id=trade.trade_id,
        adverse=_decimal(min(moves[0], 0.0)),
        favourable=_decimal(max(moves[1], 0.0)),
        worst=_decimal(float(money.min())),
        best=_decimal(float(money.max())),
        source=source,
        samples=len(seen.ts),
        opened_ns=trade.opened_ns,
        closed_ns=trade.closed_ns,
    )


class _Steps:
    """What was open, at which cost, and what was realised, after each fill of the trade."""

    def __init__(self, trade: Trade, multiplier: float) -> None:
        self.sign = 1.0 if trade.direction is Direction.LONG else -1.0
        self._multiplier = multiplier
        events = sorted(
            (when, quantity, quantity * price, gross)
            for m in trade.matches
            for when, quantity, price, gross in (
                (m.opened_ns, float(m.quantity), float(m.entry_price), 0.0),
                (m.closed_ns, -float(m.quantity), float(m.entry_price), float(m.gross)),
            )
        )
        self._times = np.array([event[0] for event in events], dtype=np.int64)
        self._open, self._cost, self.realised = (
            np.concatenate([[0.0], np.cumsum([event[part] for event in events])])
            for part in (1, 2, 3)
        )

    def money(self, ts: Times, price: Floats) -> Floats:
        """Gross money of the position at each time and price."""
        after = np.searchsorted(self._times, ts, side="right")
        worth = self.sign * (price * self._open[after] - self._cost[after]) * self._multiplier
        return self.realised[after] + worth


def _decimal(value: float) -> Decimal:
    return to_decimal(round(value, _PLACES) + 0.0)

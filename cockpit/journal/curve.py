"""The curve of closed trades: how deep it fell below its peaks, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO


class Curve:
    """Walks once over the trades in the order of their ends, from `start` on.

    `deepest` is the lowest equity - running peak (zero or less), `fraction` the lowest
    equity / running peak - 1 while the peak is above zero. `longest_ns` is the longest time
    from a peak until the curve is there again, `most_trades` how many trades that took at most.
    """

    def __init__(self, trades: Sequence[Trade], nets: Sequence[Decimal], start: Decimal) -> None:
        self.deepest, self.fraction = ZERO, ZERO
        self.longest_ns = self.most_trades = 0
        equity = peak = start
        since, below = trades[0].opened_ns if trades else 0, 0
        for trade, net in zip(trades, nets, strict=True):
            equity += net
            if equity >= peak:
                if below:
                    self._ended(trade.closed_ns - since, below)
                peak, since, below = equity, trade.closed_ns, 0
                continue
            below += 1
            gap = equity - peak
            self.deepest = min(self.deepest, gap)
            if peak > ZERO and (part := gap / peak) < self.fraction:
                self.fraction = part
        if below:
            self._ended(trades[-1].closed_ns - since, below)

    def _ended(self, lasted_ns: int, trades: int) -> None:
        self.longest_ns = max(self.longest_ns, lasted_ns)
        self.most_trades = max(self.most_trades, trades)

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
    from a peak until the curve is there again, None where one of these times is not known.
    `most_trades` is how many trades that took at most.
    """

    def __init__(self, trades: Sequence[Trade], nets: Sequence[Decimal], start: Decimal) -> None:
        self.deepest, self.fraction = ZERO, ZERO
        self.longest_ns: int | None = 0
        self.most_trades = 0
        equity = peak = start
        since, below = _beginning(trades), 0
        for trade, net in zip(trades, nets, strict=True):
            equity += net
            if equity >= peak:
                if below:
                    self._ended(since, trade, below)
                peak, since, below = equity, _end(trade), 0
                continue
            below += 1
            gap = equity - peak
            self.deepest = min(self.deepest, gap)
            if peak > ZERO and (part := gap / peak) < self.fraction:
                self.fraction = part
        if below:
            self._ended(since, trades[-1], below)

    def _ended(self, since: int | None, by: Trade, trades: int) -> None:
        self.most_trades = max(self.most_trades, trades)
        until = _end(by)
        if self.longest_ns is None or since is None or until is None:
            self.longest_ns = None
        else:
            self.longest_ns = max(self.longest_ns, until - since)


def _beginning(trades: Sequence[Trade]) -> int | None:
    """When the first one opened; None where only its day is known."""
    return trades[0].opened_ns if trades and trades[0].opened_timed else None


def _end(trade: Trade) -> int | None:
    return trade.closed_ns if trade.closed_timed else None

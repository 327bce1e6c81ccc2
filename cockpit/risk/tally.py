"""Sums of money over symbols, kept by touching one symbol at a time."""

from __future__ import annotations

import math

_PER_UNIT = 100_000_000


class Tally:
    """Signed amounts by symbol, e.g. position values, in hundred-millionths of money.

    Whole numbers, because sums of floats kept by increments drift; these are exact however
    many changes there were, and a change costs the same with one symbol or a thousand.
    An amount that is no number makes the sums no number either, until it is one again.
    """

    def __init__(self) -> None:
        self._amounts: dict[str, int] = {}
        self._lost: set[str] = set()
        self._gross = 0
        self._net = 0

    def symbols(self) -> list[str]:
        """Which there are."""
        return [*self._amounts, *self._lost]

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._amounts or symbol in self._lost

    @property
    def gross(self) -> float:
        """Sum of the absolute amounts."""
        return math.nan if self._lost else self._gross / _PER_UNIT

    @property
    def net(self) -> float:
        """Sum of the signed amounts."""
        return math.nan if self._lost else self._net / _PER_UNIT

    def of(self, symbol: str) -> float:
        """The amount of one symbol, zero without one."""
        return math.nan if symbol in self._lost else self._amounts.get(symbol, 0) / _PER_UNIT

    def put(self, symbol: str, amount: float) -> None:
        """What `symbol` counts now."""
        scaled = amount * _PER_UNIT
        if not math.isfinite(scaled):
            self.drop(symbol)
            self._lost.add(symbol)
            return
        self._lost.discard(symbol)
        new, old = round(scaled), self._amounts.get(symbol, 0)
        self._amounts[symbol] = new
        self._gross += abs(new) - abs(old)
        self._net += new - old

    def drop(self, symbol: str) -> None:
        """`symbol` counts no longer."""
        self._lost.discard(symbol)
        old = self._amounts.pop(symbol, 0)
        self._gross -= abs(old)
        self._net -= old

"""The highest profit of the day, without the gains that a split only seemed to bring."""

from __future__ import annotations

STEP = 0.001  # of the day's equity: how much higher a peak must be to be kept anew
_LEAST_STEP, _MOST_STEP = 0.9, 1.1


class DayPeak:
    """`value` is the peak. A price that leaps may be of other units already than what is held."""

    def __init__(self) -> None:
        self._at_leap: dict[str, float] = {}
        self.value = self._kept = 0.0

    def begin(self, value: float) -> None:
        """A new day, or the day of an earlier run with its peak so far."""
        self._at_leap.clear()
        self.value = self._kept = value

    def step(self, symbol: str, before: float, price: float) -> None:
        """The price of what is held: after a leap, what is shown may never have been."""
        if not (_LEAST_STEP * before < price < _MOST_STEP * before):
            self._at_leap[symbol] = self.value

    def rise(self, profit: float, equity: float) -> bool:
        """Take the day's profit in; True when a restart must know the new peak."""
        self.value = max(self.value, profit)
        if self.value > self._kept + STEP * equity:
            self._kept = self.value
            return True
        return False

    def lower(self, symbol: str, seemed: float, profit: float) -> bool:
        """Take out a gain that the leap of `symbol` only seemed to bring; True when it did.

        `profit` is the day's now. Without a leap of today nothing tells what the peak was.
        """
        if not (seemed > 0 and symbol in self._at_leap):
            return False
        at_leap = self._at_leap.pop(symbol)
        self.value = self._kept = max(at_leap, self.value - seemed, profit)
        return True

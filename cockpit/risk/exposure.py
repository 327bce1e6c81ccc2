"""Gross and net exposure, kept by touching one symbol at a time."""

from __future__ import annotations

_PER_UNIT = 10_000


class ExposureTally:
    """Signed position values in ten-thousandths of money.

    Whole numbers, because sums of floats kept by increments drift.
    """

    def __init__(self) -> None:
        self._values: dict[str, int] = {}
        self._gross = 0
        self._net = 0

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._values

    @property
    def gross(self) -> float:
        """Sum of the absolute values, in money."""
        return self._gross / _PER_UNIT

    @property
    def net(self) -> float:
        """Sum of the signed values, in money."""
        return self._net / _PER_UNIT

    def put(self, symbol: str, value: float) -> None:
        """What `symbol` is worth now. Raises ValueError or OverflowError for no number."""
        new, old = round(value * _PER_UNIT), self._values.get(symbol, 0)
        self._values[symbol] = new
        self._gross += abs(new) - abs(old)
        self._net += new - old

    def drop(self, symbol: str) -> None:
        """`symbol` is no longer held."""
        old = self._values.pop(symbol, 0)
        self._gross -= abs(old)
        self._net -= old

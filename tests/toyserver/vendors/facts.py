"""What the toy vendors know: a few symbols, whose bars follow from the time alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

DAY_S = 86_400


@dataclass
class Facts:
    """`prices` by symbol; a symbol that is not in it is unknown. Times are in s UTC."""

    prices: dict[str, float] = field(default_factory=lambda: {"ABC": 10.0, "BRK.B": 400.0})
    splits: list[dict[str, Any]] = field(default_factory=list)
    dividends: list[dict[str, Any]] = field(default_factory=list)
    news: list[dict[str, Any]] = field(default_factory=list)

    def bars(self, symbol: str, start: int, end: int, step: int) -> list[dict[str, float]]:
        """Bars on the grid of `step` that begin in `start` to `end`, both included."""
        first = -(-start // step) * step
        return [self.bar(symbol, at, step) for at in range(first, end + 1, step)]

    def bar(self, symbol: str, at: int, step: int) -> dict[str, float]:
        """The bar that begins at `at`."""
        base = self.prices[symbol] + math.sin(at / step) / 4
        open_, close = round(base, 4), round(base + math.cos(at / step) / 8, 4)
        high, low = max(open_, close) + 0.05, min(open_, close) - 0.05
        volume = 1000 + at // step % 97
        return {
            "t": at, "o": open_, "h": round(high, 4), "l": round(low, 4), "c": close,
            "v": volume, "vw": round((open_ + close) / 2, 4), "n": 1 + at // step % 13,
        }  # fmt: skip

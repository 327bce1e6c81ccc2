"""What a price was lately, and whether the next one can be believed."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median

_NS = 1_000_000_000
_MAD_TO_SIGMA = 1.4826  # of a normal distribution
_SMALLEST_SIGMA = 1e-4  # a quiet market must not make every tick an outlier
_SPLIT_TOLERANCE = 0.03
_SPLITS = (1.5, *range(2, 11), 15, 20, 25, 30, 40, 50, 100)


class Level:
    """What was believed of one price lately: twice the mid of quotes, or that of prints.

    A price between `low` and `high` is within FLOOR of the last sample and needs no look.
    Samples are taken at most every EVERY_NS, so that a burst of quotes costs nothing and is
    one return of many. Prices only need one scale, whatever it is.
    """

    FLOOR = 0.03  # a smaller move is never an outlier
    SIGMAS = 10.0
    WINDOW = 65
    FEWEST = 9
    YOUNG = 0.10  # where nobody knows what is usual, for lack of samples or for age: so much is not
    EVERY_NS = 2 * _NS
    OLD_NS = 600 * _NS  # returns from before say nothing about a jump now
    CONFIRMATIONS = 3
    FRESH_NS = 5 * _NS  # a market that moves has left an older second opinion behind
    DOUBTS = 2  # so often in a row a second source must say otherwise

    __slots__ = (
        "doubts",
        "due",
        "gaps",
        "high",
        "last",
        "low",
        "odd",
        "odd_count",
        "recent",
        "second",
        "second_ts",
        "ts",
    )

    def __init__(self) -> None:
        self.last = self.high = 0.0
        self.low = float("inf")  # so that the first one gets a look
        self.ts = self.due = 0
        self.recent: deque[float] = deque(maxlen=self.WINDOW)
        self.odd = 0.0
        self.odd_count = 0
        self.second: float | None = None
        self.second_ts = 0
        self.gaps: deque[float] = deque(maxlen=self.WINDOW)
        self.doubts = 0

    def compare(self, second: float | None, ts: int = 0) -> None:
        """Take in what a second source says of the same price, at `ts`; None when it is silent.

        Where it says otherwise DOUBTS times in a row, no price is believed that is not as it
        says: a source that repeats an old price for ever would never look odd beside itself.
        """
        self.second, self.second_ts = second, ts
        if second is None or not self.ts:
            self.doubts = 0
        elif self._apart(self.last, second):
            self.doubts += 1
        else:
            self.doubts = 0
            self.gaps.append(self.last / second - 1)
        if self.doubts >= self.DOUBTS:
            self.low, self.high = float("inf"), 0.0  # so that each row gets a look
        elif self.ts:
            self._anchor(self.last)

    def unproven(self, ts: int) -> bool:
        """True when a first price at `ts` has nothing beside it that could show it wrong."""
        return not (self.last or self._second_decides(ts))

    def expect(self, price: float) -> None:
        """Measure the first price against `price`, e.g. the previous close."""
        if not self.ts:
            self._anchor(price)

    def take(self, price: float, ts: int) -> None:
        """Believe `price`; after a jump the returns before it count no more."""
        if not self.low <= price <= self.high:
            self.recent.clear()
        self._anchor(price)
        self.ts, self.due = ts, ts + self.EVERY_NS
        self.recent.append(price)

    def around(self, price: float) -> tuple[float, float]:
        """`low` and `high` once `price` is believed."""
        return price * (1 - self.FLOOR), price * (1 + self.FLOOR)

    def _anchor(self, price: float) -> None:
        self.last = price
        self.low, self.high = self.around(price)

    def outlies(self, price: float, ts: int, beside: float | None = None) -> bool:
        """True when `price` is too far from what was true a moment ago.

        That is a return of more than FLOOR and of more than SIGMAS robust deviations:
        |r - median| / (1.4826 x MAD) of the last returns between samples. What a second source
        said of the same price within FRESH_NS, or has said again and again, decides instead, see
        `compare`. Without, the level is believed once CONFIRMATIONS rows in a row agree on it.
        Before there are FEWEST samples to know deviations from, a return of more than YOUNG is;
        also after OLD_NS of silence, and the first price of a day beside the previous close. What
        agrees with a price that was believed otherwise, `beside`, is none: a print with the quote.
        """
        if self.low <= price <= self.high:
            return False
        if self.second is not None and self._second_decides(ts):
            return self._apart(price, self.second)
        if not self.last or (beside and abs(price / beside - 1) <= self.FLOOR):
            return False
        if len(self.recent) < self.FEWEST or ts - self.ts > self.OLD_NS:
            usual = abs(price / self.last - 1) <= self.YOUNG
        else:
            usual = self._sigmas(price) <= self.SIGMAS
        return not (usual or self._confirmed(price))

    def split_like(self, price: float) -> bool:
        """True when the jump from `last` to `price` is that of a split, or a reverse split."""
        if not self.last or abs(price - self.last) <= 0.25 * self.last:
            return False
        ratio = max(price / self.last, self.last / price)
        return any(abs(ratio / split - 1) <= _SPLIT_TOLERANCE for split in _SPLITS)

    def _second_decides(self, ts: int) -> bool:
        lately = self.doubts >= self.DOUBTS or ts - self.second_ts <= self.FRESH_NS
        return self.second is not None and lately

    def _apart(self, price: float, second: float) -> bool:
        """Whether `price` is not that of the second source.

        The two differ by more than FLOOR and by more than SIGMAS robust deviations of what they
        usually differ by: one that is always a little late is not a liar.
        """
        usual = median(self.gaps) if self.gaps else 0.0
        gap = abs(price / second - 1 - usual)
        if gap <= self.FLOOR:
            return False
        if len(self.gaps) < self.FEWEST:
            return True
        spread = _MAD_TO_SIGMA * median(abs(each - usual) for each in self.gaps)
        return gap / max(spread, _SMALLEST_SIGMA) > self.SIGMAS

    def _sigmas(self, price: float) -> float:
        prices = list(self.recent)
        returns = [b / a - 1 for a, b in pairwise(prices)]
        middle = median(returns)
        spread = _MAD_TO_SIGMA * median(abs(each - middle) for each in returns)
        return abs(price / self.last - 1 - middle) / max(spread, _SMALLEST_SIGMA)

    def _confirmed(self, price: float) -> bool:
        if self.odd_count and abs(price - self.odd) <= self.odd * self.FLOOR / 2:
            self.odd_count += 1
        else:
            self.odd_count = 1
        self.odd = price
        if self.odd_count < self.CONFIRMATIONS:
            return False
        self.odd_count = 0
        return True

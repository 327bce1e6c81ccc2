"""Indicators that grow with each closed bar, in constant time and without the bars before it.

Each `update` takes the next closed bar of one symbol, in order, and gives the value at it, or
None while there are too few. After a revised bar make a new one and take all bars again.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from cockpit.domain.market import Bar, TradePrint
from cockpit.domain.values import day_end_ns
from cockpit.market.errors import WordsError


class Indicator(Protocol):
    """One figure of one symbol."""

    def update(self, bar: Bar) -> float | None:
        """Take the next closed bar; the value at it."""
        ...


class Ema:
    """Exponential moving average of closes: alpha = 2 / (n + 1), from the mean of the first n."""

    def __init__(self, period: int) -> None:
        self._period = _at_least_one(period)
        self._seen = 0
        self._value = 0.0

    def update(self, bar: Bar) -> float | None:
        """As in `Indicator`."""
        self._seen += 1
        if self._seen <= self._period:
            self._value += bar.close / self._period
            return self._value if self._seen == self._period else None
        self._value += (bar.close - self._value) * 2 / (self._period + 1)
        return self._value


class Sma:
    """Simple moving average: the mean of the last n closes."""

    def __init__(self, period: int) -> None:
        self._period = _at_least_one(period)
        self._closes: tuple[float, ...] = ()

    def update(self, bar: Bar) -> float | None:
        """As in `Indicator`."""
        self._closes = (*self._closes, bar.close)[-self._period :]
        return None if len(self._closes) < self._period else self._value(self._closes)

    def _value(self, closes: tuple[float, ...]) -> float:
        return math.fsum(closes) / self._period


class Band(Sma):
    """A Bollinger band: the mean of the last n closes, and `WIDTH` of their deviations from it.

    The deviation is that of all n of them, sqrt(sum((close - mean)^2) / n). `way` is +1 for the
    upper band, -1 for the lower one.
    """

    WIDTH = 2.0

    def __init__(self, period: int, way: int) -> None:
        super().__init__(period)
        self._way = way

    def _value(self, closes: tuple[float, ...]) -> float:
        mean = super()._value(closes)
        variance = math.fsum((close - mean) ** 2 for close in closes) / self._period
        return mean + self._way * self.WIDTH * math.sqrt(variance)


class Atr:
    """Wilder's average true range: the mean of the first n ranges, then 1/n of each later one.

    True range = max(high, close before) - min(low, close before); the first bar has none.
    """

    def __init__(self, period: int) -> None:
        self._period = _at_least_one(period)
        self._close = 0.0
        self._seen = 0
        self._value = 0.0

    def update(self, bar: Bar) -> float | None:
        """As in `Indicator`."""
        before, self._close = self._close, bar.close
        if not before:
            return None
        true_range = max(bar.high, before) - min(bar.low, before)
        self._seen += 1
        if self._seen <= self._period:
            self._value += true_range / self._period
            return self._value if self._seen == self._period else None
        self._value += (true_range - self._value) / self._period
        return self._value


class Rsi:
    """Wilder's relative strength index: 100 x gains / (gains + losses), 0 where nothing moved.

    Gains and losses of closes: the mean of the first n of each, then 1/n of each later one.
    """

    def __init__(self, period: int) -> None:
        self._period = _at_least_one(period)
        self._close = math.nan
        self._seen = 0
        self._gain = self._loss = 0.0

    def update(self, bar: Bar) -> float | None:
        """As in `Indicator`."""
        move, self._close = bar.close - self._close, bar.close
        if math.isnan(move):
            return None
        self._seen += 1
        gain, loss = max(move, 0.0), max(-move, 0.0)
        if self._seen <= self._period:
            self._gain += gain / self._period
            self._loss += loss / self._period
            if self._seen < self._period:
                return None
        else:
            self._gain += (gain - self._gain) / self._period
            self._loss += (loss - self._loss) / self._period
        moved = self._gain + self._loss
        return 100.0 * self._gain / moved if moved > 0 else 0.0


class Macd:
    """Appel's MACD: the EMA of the last 12 closes less that of 26, both from the 26th bar on.

    With `signal` the EMA of 9 of its values instead. Each EMA begins as a mean; that of 12 with
    the closes 15 to 26, so that both begin on one bar, as TA-Lib has it.
    """

    FAST, SLOW, SIGNAL = 12, 26, 9

    def __init__(self, *, signal: bool = False) -> None:
        self._signal = signal
        self._seen = 0
        self._fast = self._slow = self._smooth = 0.0

    def update(self, bar: Bar) -> float | None:
        """As in `Indicator`."""
        self._seen += 1
        at, begins = self._seen, self.SLOW - self.FAST
        self._slow = _smoothed(self._slow, bar.close, at, self.SLOW)
        if at > begins:
            self._fast = _smoothed(self._fast, bar.close, at - begins, self.FAST)
        if at < self.SLOW:
            return None
        value = self._fast - self._slow
        if not self._signal:
            return value
        told = at - self.SLOW + 1
        self._smooth = _smoothed(self._smooth, value, told, self.SIGNAL)
        return self._smooth if told >= self.SIGNAL else None


def _smoothed(before: float, value: float, seen: int, period: int) -> float:
    """An EMA with its `seen`th value; until there are `period` of them the mean in the making."""
    if seen <= period:
        return before + value / period
    return before + (value - before) * 2 / (period + 1)


class Vwap:
    """Volume-weighted average price since New York midnight: sum(price x size) / sum(size)."""

    def __init__(self) -> None:
        self._ends = 0
        self._turnover = self._volume = 0.0

    def update(self, bar: Bar) -> float | None:
        """As in `Indicator`."""
        if bar.ts_event >= self._ends:
            self._ends = day_end_ns(bar.ts_event)
            self._turnover = self._volume = 0.0
        self._turnover += bar.vwap * bar.volume
        self._volume += bar.volume
        return self._turnover / self._volume


class RelativeVolume:
    """Shares of the New York day so far / mean of the same time of day on the days before.

    Up to `days` days count; None on the first.
    """

    def __init__(self, days: int) -> None:
        self._days: deque[tuple[list[int], list[float]]] = deque(maxlen=_at_least_one(days))
        self._ends = 0
        self._times: list[int] = []
        self._totals: list[float] = []

    def __copy__(self) -> RelativeVolume:
        """One that goes on by itself, as the others do: a bar that still grows is asked of it."""
        made = RelativeVolume(1)
        made._days, made._ends = self._days.copy(), self._ends
        made._times, made._totals = self._times.copy(), self._totals.copy()
        return made

    def update(self, bar: Bar) -> float | None:
        """As in `Indicator`."""
        if bar.ts_event >= self._ends:
            if self._times:
                self._days.append((self._times, self._totals))
            self._times, self._totals = [], []
            self._ends = day_end_ns(bar.ts_event)
        left = self._ends - bar.ts_event  # counted from the end, so that a short day fits too
        total = (self._totals[-1] if self._totals else 0.0) + bar.volume
        self._times.append(-left)
        self._totals.append(total)
        before = [_until(times, totals, -left) for times, totals in self._days]
        usual = sum(before) / len(before) if before else 0.0
        return total / usual if usual > 0 else None


class VolumeProfile:
    """Shares by price: how much was printed in each step of `step`, in price units."""

    def __init__(self, step: float) -> None:
        if not 0 < step < float("inf"):
            raise WordsError(
                f"profile step {step}", user_text="A volume profile needs a step above zero."
            )
        self.step = step
        self._shares: dict[int, float] = {}

    def add(self, trade: TradePrint) -> None:
        """Count a print."""
        self._put(trade, trade.size)

    def take_out(self, trade: TradePrint) -> None:
        """Take a print back that was corrected; put what is true in with `add`."""
        self._put(trade, -trade.size)

    def rows(self) -> list[tuple[float, float]]:
        """Lower edge of each step with shares, and the shares; lowest price first."""
        kept = sorted((at, shares) for at, shares in self._shares.items() if shares > 0)
        return [(round(at * self.step, 9), shares) for at, shares in kept]

    def point_of_control(self) -> float | None:
        """The step with most shares, the lowest of equals; None without any."""
        rows = self.rows()
        return max(rows, key=lambda row: (row[1], -row[0]))[0] if rows else None

    def value_area(self, share: float = 0.7) -> tuple[float, float] | None:
        """Lowest and highest step around the point of control that hold `share` of all shares.

        It grows to the side whose next step has more shares, up at equal ones.
        """
        rows = self.rows()
        if not rows:
            return None
        volumes = [shares for _, shares in rows]
        low = high = max(range(len(rows)), key=lambda at: (volumes[at], -at))
        held, wanted = volumes[low], share * sum(volumes)
        while held < wanted:
            below = volumes[low - 1] if low else -1.0
            above = volumes[high + 1] if high + 1 < len(rows) else -1.0
            if above >= below:
                high += 1
            else:
                low -= 1
            held += max(above, below)
        return rows[low][0], rows[high][0]

    def _put(self, trade: TradePrint, size: float) -> None:
        at = int(trade.price / self.step + 1e-9)
        self._shares[at] = self._shares.get(at, 0.0) + size


_MAKERS: dict[str, tuple[Callable[[int], Indicator], int]] = {
    "ema": (Ema, 20),
    "sma": (Sma, 20),
    "bbupper": (lambda period: Band(period, 1), 20),
    "bblower": (lambda period: Band(period, -1), 20),
    "atr": (Atr, 14),
    "rsi": (Rsi, 14),
    "macd": (lambda _: Macd(), 0),
    "macdsignal": (lambda _: Macd(signal=True), 0),
    "vwap": (lambda _: Vwap(), 0),
    "rvol": (RelativeVolume, 20),
}
INDICATORS = tuple(_MAKERS)


def indicator(name: str) -> Indicator:
    """`ema:20`, `sma:20`, `bbupper:20`, `atr:14`, `rsi:14`, `macd`, `vwap` and so on.

    The number may be left out.

    Raises WordsError for anything else.
    """
    found = re.fullmatch(r"([a-z]+)(?::(\d{1,4}))?", name.strip().lower())
    if found is None or found[1] not in _MAKERS:
        raise WordsError(
            f"indicator {name!r}",
            user_text=f"{name!r} is no indicator. There are {', '.join(INDICATORS)}, "
            "with a number of bars or days, like ema:20.",
        )
    make, usual = _MAKERS[found[1]]
    return make(usual if found[2] is None else int(found[2]))


def columns_of(bars: Iterable[Bar], names: Iterable[str]) -> list[list[float | None]]:
    """The values of each indicator at each bar, symbols apart; one list a bar."""
    wanted, made = list(names), dict[str, list[Indicator]]()
    rows: list[list[float | None]] = []
    for bar in bars:
        mine = made.get(bar.symbol)
        if mine is None:
            mine = made[bar.symbol] = [indicator(name) for name in wanted]
        rows.append([each.update(bar) for each in mine])
    return rows


def _until(times: list[int], totals: list[float], time: int) -> float:
    """The total of a day up to `time`."""
    at = bisect_right(times, time)
    return totals[at - 1] if at else 0.0


def _at_least_one(period: int) -> int:
    if not period >= 1:
        raise WordsError(f"period {period}", user_text="An indicator needs at least one bar.")
    return period

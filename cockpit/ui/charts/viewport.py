"""Which bars and prices a chart shows, and where they land in pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_PX_PER_BAR = 1.5
MAX_PX_PER_BAR = 60.0
LIVE_MARGIN_BARS = 4.0
PAD_FRACTION = 0.08
TIME_AXIS = 24
VOLUME_SHARE = 0.18
PANE_SHARE = 0.19
PANE_LEAST = 56
_LEFT_BARS = 1.5
_READOUT_ROOM = 26.0
_BELOW_LOWEST = 8.0


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The visible part of an index axis.

    `right` is the bar index at the right edge; while `following`, it stays a few bars
    past the newest. All sizes in logical pixels.
    """

    right: float = 0.0
    px_per_bar: float = 9.0
    following: bool = True

    def followed(self, count: int) -> TimeWindow:
        """The window after `count` bars exist: moved to the newest while following."""
        return replace(self, right=count - 1 + LIVE_MARGIN_BARS) if self.following else self

    def anchored(self, count: int, width: float) -> TimeWindow:
        """While all bars fit and nobody panned, the first stands left and the day fills up."""
        capacity = width / self.px_per_bar
        if not self.following or count - 1 + LIVE_MARGIN_BARS >= capacity - _LEFT_BARS:
            return self.followed(count)
        return replace(self, right=capacity - _LEFT_BARS)

    def live(self, count: int) -> TimeWindow:
        """Back to the newest bar, and following again."""
        return replace(self, following=True).followed(count)

    def panned(self, px: float, count: int) -> TimeWindow:
        """Dragged by `px` to the right; going back to the newest bar follows again."""
        right = self.right - px / self.px_per_bar
        newest = count - 1 + LIVE_MARGIN_BARS
        right = min(max(right, LIVE_MARGIN_BARS), newest)
        return replace(self, right=right, following=right >= newest)

    def zoomed(self, factor: float, x: float, width: float) -> TimeWindow:
        """Wider or narrower bars; the bar under `x` stays, or the newest while following."""
        px = min(MAX_PX_PER_BAR, max(MIN_PX_PER_BAR, self.px_per_bar * factor))
        if self.following:
            return replace(self, px_per_bar=px)
        at = self.index_at(x, width)
        return replace(self, px_per_bar=px, right=at + (width - x) / px)

    def x(self, index: float, width: float) -> float:
        """Centre of bar `index`."""
        return width - (self.right - index) * self.px_per_bar

    def xs(self, first: int, last: int, width: float) -> Floats:
        """Centres of bars first..last-1."""
        bars: Floats = np.arange(first, last, dtype=np.float64)
        return width - (self.right - bars) * self.px_per_bar

    def index_at(self, x: float, width: float) -> float:
        """The inverse of `x`."""
        return self.right - (width - x) / self.px_per_bar

    def visible(self, count: int, width: float) -> tuple[int, int]:
        """First and one-past-last bar that can be seen, of `count`."""
        first = math.floor(self.index_at(0, width) - 0.5)
        last = math.ceil(self.right + 0.5) + 1
        return max(0, min(first, count)), max(0, min(last, count))


@dataclass(frozen=True, slots=True)
class PriceScale:
    """Maps low..high to a strip of the screen, high on top; linearly, or by its logarithm."""

    low: float
    high: float
    top: float
    height: float
    log: bool = False

    @staticmethod
    def fitting(
        low: float, high: float, top: float, height: float, tick: float, *, log: bool = False
    ) -> PriceScale:
        """A scale with some air above and below, never narrower than a few ticks.

        A logarithm needs prices above zero: without them the scale is linear.
        """
        air = max((high - low) * PAD_FRACTION, tick * 3)
        log = log and low > 0
        bottom = max(low - air, low / 2) if log else low - air
        return PriceScale(bottom, high + air, top, height, log)

    def coordinate(self, price: float) -> float:
        """What the view box counts in: the price, or its logarithm."""
        return math.log(price) if self.log else price

    def y(self, price: float) -> float:
        """Where `price` lies."""
        low, high = self.coordinate(self.low), self.coordinate(self.high)
        return self.top + (high - self.coordinate(price)) / (high - low) * self.height

    def ys(self, prices: Floats) -> Floats:
        """Where each of `prices` lies."""
        low, high = self.coordinate(self.low), self.coordinate(self.high)
        at = np.log(prices) if self.log else prices
        return self.top + (high - at) * (self.height / (high - low))

    def price(self, y: float) -> float:
        """The inverse of `y`."""
        at = self._at(y)
        return math.exp(at) if self.log else at

    def _at(self, y: float) -> float:
        low, high = self.coordinate(self.low), self.coordinate(self.high)
        return high - (y - self.top) / self.height * (high - low)

    def holds(self, price: float) -> bool:
        """True when it is on screen."""
        return self.low <= price <= self.high

    def over(self, height: float) -> tuple[float, float]:
        """Lowest and highest coordinate of a view `height` tall: the strip and its edges."""
        return self._at(height), self._at(0.0)


@dataclass(frozen=True, slots=True)
class Areas:
    """How a price chart is cut up, in whole logical pixels."""

    plot: int  # width of the plot; the price axis begins here
    axis: int  # width of the price axis
    price: int  # height of the price strip
    volume: int  # height of the volume strip below it
    panes: tuple[int, ...] = ()  # heights of the strips below that, 0 where one is not shown

    @staticmethod
    def of(width: float, height: float, axis: float, shown: Sequence[bool] = ()) -> Areas:
        """Prices above, volume below, then the panes, times at the bottom, an axis at the right.

        Prices keep half of the height: panes that would take more of it are lower.
        """
        inner = max(40, round(height) - TIME_AXIS)
        volume = round(inner * VOLUME_SHARE)
        wanted = max(PANE_LEAST, round(inner * PANE_SHARE))
        pane = min(wanted, (inner // 2 - volume) // max(1, sum(shown)))
        panes = tuple(pane if each else 0 for each in shown)
        rest = inner - volume - sum(panes)
        return Areas(max(40, round(width - axis)), round(axis), rest, volume, panes)


@dataclass(frozen=True, slots=True)
class Geometry:
    """What one strip of a price chart shows, and where: bars first..last-1 in a view's pixels."""

    width: float
    height: float
    window: TimeWindow
    scale: PriceScale
    first: int
    last: int

    def until(self, bar: int) -> Geometry:
        """Only what comes before `bar`."""
        return replace(self, last=max(self.first, min(self.last, bar)))

    def since(self, bar: int) -> Geometry:
        """Only `bar` and what comes after it."""
        return replace(self, first=min(self.last, max(self.first, bar)))

    def x(self, bar: float) -> float:
        """The centre of a bar, on a whole pixel."""
        return float(round(self.window.x(bar, self.width)))

    def y(self, price: float) -> float:
        """The height of a price, on a whole pixel."""
        return float(round(self.scale.y(price)))

    @property
    def x_range(self) -> tuple[float, float]:
        """The bar indices at the left and right edge."""
        return self.window.index_at(0.0, self.width), self.window.right

    @property
    def y_range(self) -> tuple[float, float]:
        """The values at the bottom and top edge."""
        return self.scale.over(self.height)


def price_scale(
    low: float, high: float, areas: Areas, tick: float, *, log: bool = False
) -> PriceScale:
    """Where low..high goes in the price strip: below the readout, above the volume."""
    height = areas.price - _READOUT_ROOM - _BELOW_LOWEST
    return PriceScale.fitting(low, high, _READOUT_ROOM, height, tick, log=log)


def volume_scale(most: float, areas: Areas) -> PriceScale:
    """Zero on the ground of the volume strip, `most` a little below its top."""
    return PriceScale(0.0, max(most, 1.0), 6.0, areas.volume - 6.0)


def study_scale(name: str, low: float, high: float, height: float) -> PriceScale:
    """Where a study goes in its pane: 0 to 100 for one that is per cent, else low..high and zero.

    Without a value yet, low above high, there is still a scale.
    """
    top, room = _READOUT_ROOM, max(8.0, height - _READOUT_ROOM - 4.0)
    if name.startswith("rsi"):
        return PriceScale(0.0, 100.0, top, room)
    low, high = min(low, 0.0, high), max(high, 0.0, low)
    air = max((high - low) * PAD_FRACTION, 1e-9)
    return PriceScale(low - air, high + air, top, room)

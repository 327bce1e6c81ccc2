"""What a price chart shows, and the layers that paint it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from cockpit.ui.charts.annotations import FillMark, Level
from cockpit.ui.charts.candles import EMPTY, Candles
from cockpit.ui.charts.hours import Hours
from cockpit.ui.charts.look import ChartLook
from cockpit.ui.charts.overlays import Overlay
from cockpit.ui.charts.plot import Layer
from cockpit.ui.charts.viewport import (
    Areas,
    Geometry,
    PriceScale,
    TimeWindow,
    price_scale,
    volume_scale,
)
from cockpit.ui.drawings import TrendLine
from cockpit.ui.theme import Theme


@dataclass(slots=True)
class ChartContent:
    """All that a chart shows of one symbol at one moment."""

    candles: Candles = EMPTY
    tick: float = 0.01
    bid: float | None = None
    ask: float | None = None
    fills: Sequence[FillMark] = field(default_factory=tuple)
    levels: Sequence[Level] = field(default_factory=tuple)
    overlays: Sequence[Overlay] = field(default_factory=tuple)
    told: Sequence[Overlay] = field(default_factory=tuple)
    studies: Sequence[Overlay] = field(default_factory=tuple)
    trends: Sequence[TrendLine] = field(default_factory=tuple)
    hours: Hours = field(default_factory=Hours)
    look: ChartLook = field(default_factory=ChartLook)
    label: str = ""
    empty: str = "No prices yet"

    @property
    def last(self) -> tuple[float, str]:
        """The last price and the role of its colour; there must be a candle."""
        close = float(self.candles.close[-1])
        return close, "up" if close >= float(self.candles.open[-1]) else "down"


NOWHERE = Geometry(1.0, 1.0, TimeWindow(), PriceScale(0.0, 1.0, 0.0, 1.0), 0, 0)


class ContentLayer(Layer):
    """A layer of a price chart; it draws what it was last given."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.content = ChartContent()
        self.geometry = NOWHERE

    def show_content(self, content: ChartContent, geometry: Geometry) -> None:
        """Draw `content` where `geometry` says from the next paint on."""
        self.content, self.geometry = content, geometry
        self.place(geometry.x_range, geometry.y_range)

    @property
    def closed(self) -> Geometry:
        """The closed bars in view."""
        return self.geometry.until(len(self.content.candles) - 1)

    def newest(self, before: int = 0) -> Geometry:
        """The bar that still moves, if it is in view, and so many before it."""
        return self.geometry.since(len(self.content.candles) - 1 - before)


def measured(
    content: ChartContent, window: TimeWindow, areas: Areas, with_prices: Sequence[float] = ()
) -> tuple[TimeWindow, Geometry, Geometry]:
    """The window over `content`'s bars, and what the strips of prices and volume show of it.

    `with_prices` are in sight, too.
    """
    candles = content.candles
    window = window.anchored(len(candles), areas.plot)
    first, last = window.visible(len(candles), areas.plot)
    first = min(first, len(candles) - 1)
    last = max(last, first + 1)
    view = slice(first, last)
    low = min(float(candles.low[view].min()), *with_prices, math.inf)
    high = max(float(candles.high[view].max()), *with_prices, -math.inf)
    scale = price_scale(low, high, areas, content.tick, log=content.look.log)
    prices = Geometry(areas.plot, areas.price, window, scale, first, last)
    volumes = volume_scale(most_volume(content, prices), areas)
    return window, prices, Geometry(areas.plot, areas.volume, window, volumes, first, last)


def most_volume(content: ChartContent, shown: Geometry) -> float:
    """The largest volume of a bar in view."""
    return float(content.candles.volume[shown.first : shown.last].max())

"""Charts: candles, bars, a line, a curve of money, a calendar, bars by size, a sparkline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from cockpit.domain.order import Side
from cockpit.ui.charts.annotations import FillMark, Level
from cockpit.ui.charts.candle_chart import CandleChart
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.day_curve import DayCurve
from cockpit.ui.charts.look import BarStyle, ChartLook
from cockpit.ui.gallery.board import Section, Specimen
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.heat_calendar import DayResult, HeatCalendar
from cockpit.ui.widgets.histogram import Histogram
from cockpit.ui.widgets.sparkline import Sparkline

_OPEN_S = 1_772_548_200  # 3 March 2026, 09:30 in New York
_BARS = 60
_LAST_DAY = date(2026, 3, 3)
_CHART, _SMALL = 260, 150


def _wave(count: int) -> np.ndarray:
    """A quiet day that is the same in every picture."""
    step = np.arange(float(count))
    return 312.0 + 1.6 * np.sin(step / 7) + 0.5 * np.sin(step / 2.3) + step / 60


def _candles() -> Candles:
    path = _wave(_BARS + 1)
    start, close = path[:-1], path[1:]
    high, low = np.maximum(start, close) + 0.25, np.minimum(start, close) - 0.2
    ts = np.linspace(_OPEN_S, _OPEN_S + 60.0 * (_BARS - 1), _BARS)
    volume = 4000 + 2500 * np.abs(np.sin(np.arange(_BARS) / 3))
    return Candles(ts, start, high, low, close, volume, np.cumsum(close) / np.arange(1, _BARS + 1))


def _chart(theme: Theme, content: ChartContent, height: int) -> CandleChart:
    made = CandleChart(theme)
    made.setFixedHeight(height)
    made.show_content(content)
    return made


def _working(theme: Theme) -> CandleChart:
    candles = _candles()
    content = ChartContent(
        candles,
        bid=float(candles.close[-1]) - 0.05,
        ask=float(candles.close[-1]) + 0.05,
        fills=(FillMark(36, 311.3, Side.BUY, "Bought 3"), FillMark(52, 314.6, Side.SELL, "Sold 3")),
        levels=(
            Level(312.6, "LONG 3 avg", "text", dashed=False),
            Level(311.2, "STOP SELL 3", "down", dashed=True),
        ),
        label="SIMULATED",
    )
    return _chart(theme, content, _CHART)


def _styled(theme: Theme, style: BarStyle) -> CandleChart:
    content = ChartContent(_candles(), look=ChartLook(style=style, vwap=False))
    return _chart(theme, content, _SMALL)


def _curve(theme: Theme, sign: int) -> DayCurve:
    made = DayCurve(theme)
    made.setFixedHeight(_SMALL)
    path = sign * (_wave(240) - 312.0) * 40
    made.show_curve(np.linspace(_OPEN_S, _OPEN_S + 30.0 * 239, 240), path)
    return made


def _calendar(theme: Theme) -> HeatCalendar:
    made = HeatCalendar(theme)
    made.setFixedHeight(190)
    results: dict[str, DayResult] = {}
    for back in range(90):
        day = _LAST_DAY - timedelta(days=back)
        if day.weekday() < 5 and back % 6:
            net = float(round(400 * np.sin(back / 3.0)))
            results[day.isoformat()] = DayResult(net, 4, 2, 2)
    made.show_days(results, {_LAST_DAY.isoformat()}, _LAST_DAY, _LAST_DAY.isoformat())
    return made


def _histogram(theme: Theme) -> Histogram:
    made = Histogram(theme, "Trades by R")
    made.show_bars(
        [("-2", "below -1 R", 3, True), ("-1", "-1 to 0 R", 8, True), ("0", "0 to 1 R", 11, False),
         ("1", "1 to 2 R", 6, False), ("2", "above 2 R", 0, False)]
    )  # fmt: skip
    return made


def _sparkline(theme: Theme) -> Sparkline:
    made = Sparkline(theme, "Equity")
    made.setFixedHeight(40)
    made.show_values([float(value) for value in _wave(80) - 312.0])
    return made


def _specimens(theme: Theme) -> Iterator[Specimen]:
    yield "Candles, VWAP, volume, own fills, a position, a stop", _working(theme)
    yield "No candle yet", _chart(theme, ChartContent(), _CHART)
    yield "Bars", _styled(theme, BarStyle.BARS)
    yield "A line", _styled(theme, BarStyle.LINE)
    yield "A day that gains", _curve(theme, 1)
    yield "A day that loses", _curve(theme, -1)
    yield "A calendar of results", _calendar(theme)
    yield "Trades by result", _histogram(theme)
    yield "A sparkline", _sparkline(theme)


PICTURES = Section("charts", "Charts", _specimens)

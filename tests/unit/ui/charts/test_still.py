"""What is kept of a chart and what is drawn anew each frame are together the same picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from cockpit.ui.charts.candle_chart import CandleChart
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.day_curve import DayCurve
from cockpit.ui.charts.look import BarStyle, ChartLook
from cockpit.ui.charts.overlays import Overlay, Overlays
from cockpit.ui.theme import Theme
from cockpit.ui.theme.tokens import Scheme

OPEN = 1_514_903_400
BARS = 120
SHADE, PIXELS = 60, 12
"""Where a line reaches the newest bar its edge may be blended in another order."""


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme()
    theme.dress(qapp)
    return theme


def content(look: ChartLook, newest: float) -> ChartContent:
    """A wave of bars whose newest closes at `newest`, with an average over it."""
    close = 100 + np.sin(np.arange(BARS) / 7) * 3
    close[-1] = newest
    start = np.roll(close, 1)
    start[0] = 100.0
    high, low = np.maximum(start, close) + 0.3, np.minimum(start, close) - 0.3
    high[-1], low[-1] = 101.5, 98.5  # room for it to move in
    start[-1] = 99.0
    volume = 50.0 + np.arange(BARS) % 9
    ts = OPEN + np.arange(float(BARS)) * 60
    candles = Candles(ts, start, high, low, close, volume, (high + low) / 2)
    average = np.convolve(close, np.ones(9) / 9)[:BARS]
    average[:8] = np.nan
    return ChartContent(
        candles,
        look=look,
        overlays=[Overlay("EMA 9", "accent", average)],
        studies=Overlays().of(candles, 60, look.studies),
    )


@pytest.fixture
def made(qtbot, theme):
    def make() -> CandleChart:
        chart = CandleChart(theme)
        qtbot.addWidget(chart)
        chart.resize(700, 400)
        return chart

    return make


def pixels(image: QImage) -> NDArray[np.int64]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.width(), 4)[:, :, :3].astype(np.int64)


def same(chart: CandleChart, other: CandleChart) -> bool:
    off = np.abs(pixels(chart.grab().toImage()) - pixels(other.grab().toImage())).max(axis=2)
    return int((off > SHADE).sum()) <= PIXELS


LOOKS = [ChartLook(style=style) for style in BarStyle]
LOOKS += [ChartLook(vwap=False), ChartLook(log=True), ChartLook(profile=True)]
LOOKS += [ChartLook(rsi=True), ChartLook(macd=True), ChartLook(rsi=True, macd=True)]


@pytest.mark.parametrize(
    "look", LOOKS, ids=lambda look: f"{look.style}-{look.log}-{look.profile}-{look.rsi}-{look.macd}"
)
def test_a_moving_bar_is_drawn_over_what_stays(made, look):
    chart = made()
    for newest in (100.0, 99.0, 101.0, 99.4):
        chart.show_content(content(look, newest))
        chart.grab()
    fresh = made()
    fresh.show_content(content(look, 99.4))
    assert (chart._still._picture is not None) or look.profile
    assert same(chart, fresh)


def test_a_closed_bar_that_is_put_right_is_drawn_anew(made):
    chart, fresh = made(), made()
    shown = content(ChartLook(), 100.0)
    for _ in range(3):
        chart.show_content(shown)
        chart.grab()
    before = pixels(chart.grab().toImage())
    for bar in (60, 70, 80):  # inside what was seen of it, so that the prices stay where they are
        shown.candles.close[bar] = 2 * shown.candles.open[bar] - shown.candles.close[bar]
        shown.candles.high[bar] -= 0.1
    chart.show_content(shown)
    fresh.show_content(shown)
    assert (np.abs(pixels(chart.grab().toImage()) - before).max(axis=2) > SHADE).sum() > PIXELS
    assert same(chart, fresh)


def test_another_bar_another_place_and_other_colours_are_seen(made, theme):
    chart = made()
    shown = content(ChartLook(), 100.0)
    for _ in range(3):
        chart.show_content(shown)
        chart.grab()

    def as_a_new_one(content: ChartContent) -> bool:
        fresh = made()
        fresh.resize(chart.size())
        fresh.window_of_time = chart.window_of_time
        fresh.show_content(content)
        return same(chart, fresh)

    shorter = replace(shown, candles=Candles(*(column[:-1] for column in shown.candles)))
    chart.show_content(shorter)
    assert as_a_new_one(shorter)
    chart.show_content(shown)
    chart.pan(90.0)
    assert as_a_new_one(shown)
    chart.grab()
    assert as_a_new_one(shown)
    chart.resize(560, 330)
    assert as_a_new_one(shown)
    theme.set(scheme=Scheme.LIGHT)
    assert as_a_new_one(shown)


def test_one_point_among_thousands_moves_nothing_else(qtbot, theme):
    curve = DayCurve(theme)
    qtbot.addWidget(curve)
    curve.resize(400, 200)
    ts, money = OPEN + np.arange(100_000.0), np.sin(np.arange(100_000) / 9000) * 50
    curve.show_curve(ts[:50_000], money[:50_000])
    at_first = curve._layer.shape_of_curve
    curve.show_curve(ts[:50_010], money[:50_010])
    later = curve._layer.shape_of_curve
    assert (later.x_range, later.y_range) == (at_first.x_range, at_first.y_range)
    assert later.columns.last[-1] == money[50_009]
    for count in range(50_100, 60_000, 100):
        curve.show_curve(ts[:count], money[:count])
        shape = curve._layer.shape_of_curve
        x = shape.xs()[-1]
        assert shape.width - 8.0 <= x <= shape.width - 7.4  # the newest stands at its place


def test_a_curve_of_a_few_points_is_fitted_at_each(qtbot, theme):
    curve = DayCurve(theme)
    qtbot.addWidget(curve)
    curve.resize(400, 200)
    for count in range(2, 40):
        curve.show_curve(OPEN + np.arange(float(count)), np.arange(float(count)))
        shape = curve._layer.shape_of_curve
        assert shape.until == shape.end

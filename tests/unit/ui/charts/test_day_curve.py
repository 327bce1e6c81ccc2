from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from cockpit.ui.charts.curve_layer import drawdown_outline
from cockpit.ui.charts.day_curve import DayCurve
from cockpit.ui.theme import Theme

OPEN = 1_514_903_400


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme()
    theme.dress(qapp)
    return theme


def test_the_day_curve_appends_and_lets_only_the_newest_point_change(qtbot, theme):
    curve = DayCurve(theme)
    qtbot.addWidget(curve)
    ts = OPEN + np.arange(5000.0)
    pnl = np.zeros(5000)
    pnl[2500], pnl[4999] = -80.0, 7.0
    curve.show_curve(ts[:4000], pnl[:4000])
    curve.show_curve(ts, pnl)
    shown = curve.columns(300)
    assert (shown.low.min(), shown.last[-1]) == (-80.0, 7.0)
    assert len(shown.ts) <= 310
    pnl[4999] = 9.0
    curve.show_curve(ts, pnl)
    assert curve.columns(300).last[-1] == 9.0
    assert not curve.grab().isNull()


def test_another_session_starts_the_curve_anew(qtbot, theme):
    curve = DayCurve(theme)
    qtbot.addWidget(curve)
    curve.show_curve(OPEN + np.arange(100.0), np.full(100, 5.0))
    curve.show_curve(OPEN + np.arange(3.0), np.array([1.0, 2.0, 3.0]))
    assert list(curve.columns(100).high) == [1.0, 2.0, 3.0]


def test_the_shading_ends_on_the_line_where_it_makes_a_new_peak():
    x, value = np.array([0.0, 10.0, 20.0, 30.0]), np.array([4.0, 0.0, 8.0, 6.0])
    outline = list(zip(*drawdown_outline(x, value, value), strict=True))
    top, line = outline[:5], outline[5:]
    assert top == [(0, 4), (10, 4), (15, 4), (20, 8), (30, 8)]  # level, then up with the line
    assert line == [(30, 6), (20, 8), (10, 0), (0, 4)]


def test_a_day_that_only_loses_is_shaded_from_zero():
    x, value = np.array([0.0, 1.0]), np.array([-3.0, -5.0])
    _, outline = drawdown_outline(x, value, value)
    assert list(outline) == [0.0, 0.0, -5.0, -3.0]


def test_a_rising_day_has_no_shading():
    x, value = np.arange(5.0), np.arange(5.0)
    outline_x, outline = drawdown_outline(x, value, value)
    assert np.array_equal(outline_x, outline)  # there and back on the line itself


def test_the_shading_reaches_the_line_and_no_further(qtbot, theme):
    curve = DayCurve(theme)
    qtbot.addWidget(curve)
    curve.resize(500, 300)
    curve.show_curve(OPEN + np.array([0.0, 100.0, 200.0]), np.array([0.0, 100.0, 0.0]))
    image = curve.grab().toImage()
    shape = curve._layer.shape_of_curve
    for moment, money in ((125.0, 75.0), (150.0, 50.0), (175.0, 25.0)):  # on a straight line
        x, y = round(shape.x(OPEN + moment)), round(shape.scale.y(money))
        above, below = (image.pixelColor(x, y + d) for d in (-6, 6))
        assert above.red() > above.green()  # shaded
        assert below.name() == theme.colours.surface


def test_the_pointer_asks_for_a_value(qtbot, theme):
    curve = DayCurve(theme)
    qtbot.addWidget(curve)
    curve.resize(500, 300)
    curve.show_curve(OPEN + np.array([0.0, 100.0, 200.0]), np.array([1.0, 2.0, 3.0]))
    curve.show()
    qtbot.waitExposed(curve)
    x = round(curve._layer.shape_of_curve.x(OPEN + 150.0))
    qtbot.mouseMove(curve.viewport(), QPoint(x, 100))
    at, moment, value = curve._layer._pointed
    assert (at, value) == (x, 2.0)
    assert moment == pytest.approx(OPEN + 150, abs=1)
    qtbot.mouseMove(curve.viewport(), QPoint(curve.width() - 2, 100))
    assert curve._layer._pointed is None


def test_no_curve_yet_is_said(qtbot, theme):
    curve = DayCurve(theme)
    qtbot.addWidget(curve)
    curve.resize(400, 200)
    image = curve.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(100, 300) for y in range(90, 110)}
    assert theme.colours.muted in seen

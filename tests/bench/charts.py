"""The charts beside what pyqtgraph's first examples do, in one run: read the figures as ratios.

    python tests/bench/charts.py [--quick]

A curve of a million points that grows by one each frame: pyramid against `setData`. 10,000
candles with a moving last bar: arrays clipped to the view against one QPicture drawn anew, while
the view follows and while it is panned. Prints milliseconds a frame.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPicture
from PySide6.QtWidgets import QApplication

from cockpit.ui.charts.candle_chart import CandleChart
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.day_curve import DayCurve
from cockpit.ui.theme import Theme

Step = Callable[[int], None]
View = pg.GraphicsView

POINTS, BARS = 1_000_000, 10_000
SIZE = 1000, 600
SEED = 7


def walk(count: int) -> np.ndarray:
    return np.cumsum(np.random.default_rng(SEED).normal(size=count))


def candles(count: int) -> Candles:
    close = 500 + walk(count) / 10
    start = np.roll(close, 1)
    start[0] = close[0]
    high, low = np.maximum(start, close) + 0.2, np.minimum(start, close) - 0.2
    ts = 1_514_903_400 + np.arange(float(count)) * 60
    return Candles(ts, start, high, low, close, np.full(count, 100.0), (high + low) / 2)


def curve_by_pyramid(theme: Theme) -> tuple[View, Step]:
    values, ts = walk(POINTS), np.arange(float(POINTS))
    chart = DayCurve(theme)

    def step(frame: int) -> None:
        count = POINTS - 1000 + frame
        chart.show_curve(ts[:count], values[:count])

    return chart, step


def curve_by_set_data(_theme: Theme) -> tuple[View, Step]:
    values, ts = walk(POINTS), np.arange(float(POINTS))
    plot = pg.PlotWidget()
    curve = plot.plot(pen=pg.mkPen("g", width=1))

    def step(frame: int) -> None:
        count = POINTS - 1000 + frame
        curve.setData(ts[:count], values[:count])

    return plot, step


def candles_by_arrays(theme: Theme, px_per_bar: float, *, panned: float) -> tuple[View, Step]:
    chart, bars = CandleChart(theme), candles(BARS)
    chart.zoom(px_per_bar / chart.window_of_time.px_per_bar, 0)

    def step(frame: int) -> None:
        bars.close[-1] = bars.open[-1] + frame % 10 / 50
        if panned:
            chart.pan(panned)
        chart.show_content(ChartContent(bars))

    return chart, step


class PictureItem(pg.GraphicsObject):
    """pyqtgraph's own candlestick example: everything drawn into one QPicture."""

    def __init__(self, bars: Candles) -> None:
        super().__init__()
        self._bars = bars
        self.redraw()

    def redraw(self) -> None:
        self._picture = QPicture()
        painter = QPainter(self._picture)
        b = self._bars
        for i in range(len(b)):
            painter.setPen(pg.mkPen("g" if b.close[i] >= b.open[i] else "r"))
            painter.drawLine(QLineF(i, b.low[i], i, b.high[i]))
            painter.drawRect(QRectF(i - 0.35, b.open[i], 0.7, b.close[i] - b.open[i]))
        painter.end()
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.drawPicture(0, 0, self._picture)

    def boundingRect(self) -> QRectF:
        return QRectF(self._picture.boundingRect())


def candles_by_picture(_theme: Theme) -> tuple[View, Step]:
    plot, bars = pg.PlotWidget(), candles(BARS)
    item = PictureItem(bars)
    plot.addItem(item)

    def step(frame: int) -> None:
        bars.close[-1] = bars.open[-1] + frame % 10 / 50
        item.redraw()

    return plot, step


def milliseconds_a_frame(widget: View, step: Step, frames: int) -> float:
    widget.resize(*SIZE)
    widget.show()
    for warm_up in range(2):
        step(warm_up)
        QApplication.processEvents()
    took = []
    for frame in range(2, frames + 2):
        start = time.perf_counter()
        step(frame)
        widget.viewport().repaint()
        took.append(time.perf_counter() - start)
        QApplication.processEvents()
    widget.close()
    return statistics.median(took) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the frames")
    frames = 10 if parser.parse_args().quick else 100
    app = QApplication.instance() or QApplication([])
    theme = Theme()
    theme.dress(app)
    print(f"ms a frame (median of {frames}), {SIZE[0]} x {SIZE[1]} pixels")
    own = milliseconds_a_frame(*curve_by_pyramid(theme), frames)
    naive = milliseconds_a_frame(*curve_by_set_data(theme), max(5, frames // 10))
    report(f"curve of {POINTS:,} points", "pyramid", own, "setData", naive)
    naive = milliseconds_a_frame(*candles_by_picture(theme), max(5, frames // 10))
    for px in (8.0, 1.5):
        for moved, panned in (("", 0.0), (", panned", 3.0)):
            own = milliseconds_a_frame(*candles_by_arrays(theme, px, panned=panned), frames)
            seen = int(SIZE[0] / px)
            report(f"{seen} of {BARS:,} candles{moved}", "arrays", own, "QPicture", naive)


def report(what: str, name: str, own: float, other: str, naive: float) -> None:
    print(f"{what:34} {name:8}{own:8.2f}   {other:8} {naive:8.2f}   ratio {naive / own:6.1f}")


if __name__ == "__main__":
    main()

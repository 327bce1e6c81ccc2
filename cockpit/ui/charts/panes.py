"""Studies in panes of their own below the volume: RSI, and MACD with its signal."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPen

from cockpit.ui.charts.arrays import Lines, Rects
from cockpit.ui.charts.axes import PriceAxis
from cockpit.ui.charts.bars_layer import bodies
from cockpit.ui.charts.canvas import Canvas
from cockpit.ui.charts.content import NOWHERE, ChartContent, ContentLayer
from cockpit.ui.charts.look import ChartLook
from cockpit.ui.charts.overlays import Overlay
from cockpit.ui.charts.readout import CrosshairLayer
from cockpit.ui.charts.strip import Strip
from cockpit.ui.charts.ticks import TimeTick
from cockpit.ui.charts.viewport import Areas, Geometry, study_scale
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import number

if TYPE_CHECKING:
    from PySide6.QtWidgets import QGraphicsGridLayout

    from cockpit.ui.charts.candle_chart import CandleChart

Floats = NDArray[np.float64]
_PANES = (("RSI", (30.0, 70.0)), ("MACD", (0.0,)))
"""What the name of each pane's studies begins with, and the values that are told at its axis."""
_SIGNAL = "Signal"
_HISTOGRAM = 0.4
_LEFT, _TOP, _HEIGHT = 10.0, 3.0, 18.0


def _belongs(overlay: Overlay, pane: str) -> bool:
    return overlay.name.startswith(pane) or (pane == "MACD" and overlay.name.startswith(_SIGNAL))


class StudyLayer(ContentLayer):
    """The lines of one pane; MACD's distance from its signal as bars from zero."""

    def __init__(self, theme: Theme, pane: str) -> None:
        super().__init__(theme)
        self._pane = pane
        self._lines, self._rects = Lines(), Rects()

    @property
    def studies(self) -> Sequence[Overlay]:
        """Those of this pane."""
        return [each for each in self.content.studies if _belongs(each, self._pane)]

    def draw(self, canvas: Canvas) -> None:
        """All in view."""
        self._draw(canvas, self.geometry)

    def draw_still(self, canvas: Canvas) -> None:
        """As far as the closed bars go."""
        self._draw(canvas, self.closed)

    def draw_live(self, canvas: Canvas) -> None:
        """From the last closed bar to the newest."""
        self._draw(canvas, self.newest(before=1))

    def _draw(self, canvas: Canvas, shown: Geometry) -> None:
        studies = self.studies
        if len(studies) == 2:
            self._histogram(canvas, shown, studies[0].values - studies[1].values)
        for study in studies:
            self._line(canvas, shown, study)

    def _line(self, canvas: Canvas, shown: Geometry, study: Overlay) -> None:
        values = study.values[shown.first : shown.last]
        known = np.isfinite(values)
        x = shown.window.xs(shown.first, shown.last, shown.width)[: len(values)]
        canvas.smooth(True)
        canvas.painter.setPen(QPen(canvas.theme.colour(study.role), 1.2))
        self._lines.polyline(canvas.painter, x[known], shown.scale.ys(values[known]))
        canvas.smooth(False)

    def _histogram(self, canvas: Canvas, shown: Geometry, apart: Floats) -> None:
        values = apart[shown.first : shown.last]
        left, width = bodies(shown)
        ground = shown.scale.y(0.0)
        y = shown.scale.ys(np.nan_to_num(values))
        for role, chosen in (("up", values > 0), ("down", values < 0)):
            canvas.fill_soft(role, _HISTOGRAM)
            widths = np.full(int(np.count_nonzero(chosen)), width)
            tall = np.maximum(np.abs(y - ground), 1.0)[chosen]
            top = np.minimum(y, ground)[chosen]
            self._rects.draw(canvas.painter, left[: len(values)][chosen], top, widths, tall)


class StudyReadout(CrosshairLayer):
    """The crosshair, and the figures of the bar under it, else of the newest."""

    def __init__(self, theme: Theme, pane: str) -> None:
        super().__init__(theme)
        self._pane = pane

    def figures(self) -> list[tuple[str, str, str]]:
        """Name, figure and colour role of each study of this pane."""
        bar = len(self.content.candles) - 1 if self._bar is None else self._bar
        mine = [each for each in self.content.studies if _belongs(each, self._pane)]
        values = [float(each.values[bar]) if bar < len(each.values) else np.nan for each in mine]
        places = 1 if self._pane == "RSI" else 3
        said = [
            (each.name, number(value, places=places), each.role)
            for each, value in zip(mine, values, strict=True)
        ]
        if len(values) == 2:
            apart = values[0] - values[1]
            role = "muted" if not isfinite(apart) else "up" if apart >= 0 else "down"
            said.append(("Histogram", number(apart, places=places, signed=True), role))
        return said

    def draw(self, canvas: Canvas) -> None:
        """Crosshair, then the figures at the top left."""
        super().draw(canvas)
        canvas.font(FontRole.CAPTION)
        x = _LEFT
        for name, figure, role in self.figures():
            for text, colour, gap in ((name, "muted", 4.0), (figure, role, 10.0)):
                width = canvas.width(text)
                if x + width > self.geometry.width:
                    return
                canvas.text(text, QRectF(x, _TOP, width + 2, _HEIGHT), colour)
                x += width + gap


class PaneAxis(PriceAxis):
    """Beside a pane, which begins with a line."""

    def draw(self, canvas: Canvas) -> None:
        """The axis below that line."""
        super().draw(canvas)
        canvas.pen("line")
        canvas.hline(0, 0, self.size().width())


class Pane:
    """One strip, and whether it is shown."""

    def __init__(self, theme: Theme, name: str, marks: Sequence[float]) -> None:
        self.name, self._marks = name, marks
        self.layer, self.readout = StudyLayer(theme, name), StudyReadout(theme, name)
        self.strip = Strip(theme, PaneAxis(theme), (self.layer,), self.readout, below=True)
        self.strip.backdrop.prices = tuple(marks)
        self.height = 0

    def show_content(self, content: ChartContent, prices: Geometry) -> None:
        """Draw its studies beside the prices' bars; nothing while it is not shown."""
        mine = [each for each in content.studies if _belongs(each, self.name)]
        if not self.height or not mine:
            self.strip.axis.show_labels(())
            self.strip.show_content(ChartContent(), NOWHERE)
            return
        known = np.concatenate([each.values[prices.first : prices.last] for each in mine])
        known = known[np.isfinite(known)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
        scale = study_scale(self.name.lower(), low, high, self.height)
        shown = Geometry(prices.width, self.height, prices.window, scale, prices.first, prices.last)
        self.strip.show_content(content, shown)
        self.strip.axis.show_labels([(mark, number(mark, places=0)) for mark in self._marks])


class Panes:
    """All panes of a chart, from the grid's row `FIRST` on; `AFTER` is the row below them."""

    FIRST = 2
    AFTER = FIRST + len(_PANES)

    def __init__(self, theme: Theme) -> None:
        self.all = [Pane(theme, name, marks) for name, marks in _PANES]

    def put_into(self, chart: CandleChart) -> None:
        """Take rows of the chart's grid, and pass on what the mouse asks for on them."""
        for row, pane in enumerate(self.all, start=self.FIRST):
            pane.strip.put_into(chart, row)
            pane.strip.view.pan_asked.connect(chart.pan)
            pane.strip.view.zoom_asked.connect(chart.zoom)

    def wanted(self, look: ChartLook) -> tuple[bool, ...]:
        """Which of them `look` shows."""
        return look.rsi, look.macd

    def cut(self, grid: QGraphicsGridLayout, areas: Areas) -> None:
        """Give each its height."""
        for row, (pane, height) in enumerate(
            zip(self.all, areas.panes, strict=True), start=self.FIRST
        ):
            pane.height = height
            pane.strip.axis.setWidth(areas.axis)
            grid.setRowFixedHeight(row, height)

    def show_content(self, content: ChartContent, prices: Geometry) -> None:
        """Draw beside these prices."""
        for pane in self.all:
            pane.show_content(content, prices)

    def tick(self, times: Sequence[TimeTick]) -> None:
        """The times of the grid."""
        for pane in self.all:
            pane.strip.backdrop.times = times

    def point(self, at: QPointF | None, bar: int | None, above: float) -> None:
        """Bring the crosshairs to the pointer; `above` is the height of what stands over them."""
        for pane in self.all:
            inside = None if at is None or not pane.height else at - QPointF(0.0, above)
            pane.readout.point(inside, bar)
            above += pane.height

    @property
    def geometries(self) -> tuple[Geometry, ...]:
        """Where everything lies in them."""
        return tuple(pane.readout.geometry for pane in self.all)

    def stays(self, view: slice, content: ChartContent) -> list[Floats]:
        """The columns that a picture of closed bars shows."""
        return [each.values[view] for each in content.studies]

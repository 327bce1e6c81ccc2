"""The crosshair and the line of figures above the candles."""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import QPointF, QRectF

from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.canvas import Canvas, faded
from cockpit.ui.charts.content import ChartContent, ContentLayer
from cockpit.ui.charts.overlays import RELATIVE_VOLUME
from cockpit.ui.charts.ticks import decimals_for
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import compact, number, percent

_HEIGHT = 20.0
_LEFT = 10.0
_GROUND_ALPHA = 215


def parts(candles: Candles, bar: int, places: int) -> list[tuple[str, str, str]]:
    """Caption, figure and colour role of each value of one bar."""
    first, last = float(candles.open[bar]), float(candles.close[bar])
    role = "up" if last >= first else "down"
    prices = (("O", candles.open), ("H", candles.high), ("L", candles.low), ("C", candles.close))
    said = [(name, number(float(values[bar]), places=places), role) for name, values in prices]
    said.append(("", percent(last / first - 1, signed=True), role))
    said.append(("Vol", compact(float(candles.volume[bar])), "text"))
    return said


def lines(content: ChartContent, bar: int, places: int) -> list[tuple[str, str, str]]:
    """The same of the lines over the candles."""
    said: list[tuple[str, str, str]] = []
    if content.look.vwap:
        said.append(("VWAP", number(float(content.candles.vwap[bar]), places=places), "warning"))
    for overlay in content.overlays:
        value = float(overlay.values[bar]) if bar < len(overlay.values) else float("nan")
        said.append((overlay.name, number(value, places=places), overlay.role))
    return said


def told(content: ChartContent, bar: int, places: int) -> list[tuple[str, str, str]]:
    """The same of what is told beside them: a range in prices, a volume in times the usual."""
    said: list[tuple[str, str, str]] = []
    for each in content.told:
        value = float(each.values[bar]) if bar < len(each.values) else float("nan")
        ratio = each.name == RELATIVE_VOLUME
        figure = number(value, places=1 if ratio else places)
        said.append((each.name, f"{figure}x" if ratio and isfinite(value) else figure, each.role))
    return said


class CrosshairLayer(ContentLayer):
    """Lines through the pointer, the upright one on the middle of a bar."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._at: QPointF | None = None
        self._bar: int | None = None
        self.across = True

    def point(self, at: QPointF | None, bar: int | None, *, across: bool = True) -> None:
        """Stand at `at` in the view's pixels (None: away), upright on the middle of `bar`.

        Without `across` there is no level line: one that is dragged stands there.
        """
        self._at, self._bar, self.across = at, bar, across

    def draw(self, canvas: Canvas) -> None:
        """Nothing while the pointer is away."""
        if self._at is None:
            return
        shown = self.geometry
        canvas.pen("crosshair", dashed=True)
        canvas.vline(self._at.x() if self._bar is None else shown.x(self._bar), 0, shown.height)
        if self.across and 0 <= self._at.y() < shown.height:
            canvas.hline(self._at.y(), 0, shown.width)


class ReadoutLayer(CrosshairLayer):
    """The crosshair, and the figures of the bar under it, else of the newest."""

    def draw(self, canvas: Canvas) -> None:
        """Crosshair, then the figures at the top left; the last ones go when there is no room."""
        super().draw(canvas)
        candles = self.content.candles
        bar = len(candles) - 1 if self._bar is None else self._bar
        x = _LEFT
        canvas.font(FontRole.CAPTION)
        ground = faded(canvas.theme.colour("surface"), _GROUND_ALPHA)
        places = decimals_for(self.content.tick)
        said = [
            *parts(candles, bar, places),
            *told(self.content, bar, places),
            *lines(self.content, bar, places),
        ]
        for caption, figure, role in said:
            words = ((caption, "muted", 4.0), (figure, role, 10.0))
            room = sum(canvas.width(text) + gap for text, _, gap in words)
            if x + room > self.geometry.width:
                return
            canvas.painter.fillRect(QRectF(x - 4, 4, room, _HEIGHT), ground)
            for text, colour, gap in words:
                if text:
                    width = canvas.width(text)
                    canvas.text(text, QRectF(x, 4, width + 2, _HEIGHT), colour)
                    x += width + gap

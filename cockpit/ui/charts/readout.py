"""The line of figures above the candles, and the word that says how real they are."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt

from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.canvas import Canvas, faded
from cockpit.ui.theme import FontRole
from cockpit.ui.theme.format import compact, number, percent

_HEIGHT = 20.0
_LEFT = 10.0
_NARROW = 420.0


def parts(candles: Candles, bar: int, places: int) -> list[tuple[str, str, str]]:
    """Caption, figure and colour role of each value of one bar."""
    first, last = float(candles.open[bar]), float(candles.close[bar])
    role = "up" if last >= first else "down"
    prices = (("O", candles.open), ("H", candles.high), ("L", candles.low), ("C", candles.close))
    said = [(name, number(float(values[bar]), places=places), role) for name, values in prices]
    said.append(("", percent(last / first - 1, signed=True), role))
    said.append(("Vol", compact(float(candles.volume[bar])), "text"))
    said.append(("VWAP", number(float(candles.vwap[bar]), places=places), "warning"))
    return said


def draw_readout(canvas: Canvas, candles: Candles, bar: int, places: int) -> None:
    """Paint the figures of `bar` at the top left; the last ones go when there is no room."""
    x = _LEFT
    metrics = canvas.metrics(FontRole.CAPTION)
    ground = faded(canvas.theme.colour("surface"), 215)
    for caption, figure, role in parts(candles, bar, places):
        words = ((caption, "muted", 4.0), (figure, role, 10.0))
        room = sum(metrics.horizontalAdvance(text) + gap for text, _, gap in words)
        if x + room > canvas.areas.plot:
            return
        canvas.painter.fillRect(QRectF(x - 4, 4, room, _HEIGHT), ground)
        for text, colour, gap in words:
            if text:
                width = metrics.horizontalAdvance(text)
                canvas.text(text, QRectF(x, 4, width + 2, _HEIGHT), colour)
                x += width + gap


def draw_watermark(canvas: Canvas, label: str) -> None:
    """What the data is (SIMULATED, REPLAY 2018-01-02), large and faint behind the candles."""
    if not label:
        return
    small = canvas.areas.plot < _NARROW
    font = canvas.theme.font(FontRole.TITLE if small else FontRole.DISPLAY)
    canvas.painter.setFont(font)
    canvas.painter.setPen(faded(canvas.theme.colour("muted"), 70))
    box = QRectF(0, 0, canvas.areas.plot, canvas.areas.price)
    canvas.painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), label)

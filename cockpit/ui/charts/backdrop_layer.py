"""What lies behind the bars: grid lines at the ticks, and what the data is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt

from cockpit.ui.charts.canvas import Canvas, faded
from cockpit.ui.charts.content import ContentLayer
from cockpit.ui.charts.ticks import TimeTick
from cockpit.ui.theme import FontRole, Theme

_NARROW = 420.0
_WATERMARK_ALPHA = 70


class BackdropLayer(ContentLayer):
    """Hairlines at the ticks, stronger where a day begins, and the watermark.

    Below another strip it draws a line at its top instead of the watermark.
    """

    def __init__(self, theme: Theme, *, below: bool = False) -> None:
        super().__init__(theme)
        self._below = below
        self.prices: Sequence[float] = ()
        self.times: Sequence[TimeTick] = ()

    def draw(self, canvas: Canvas) -> None:
        """Grid, then what the data is."""
        shown = self.geometry
        canvas.pen("grid")
        for price in self.prices:
            canvas.hline(shown.y(price), 0, shown.width)
        for tick in self.times:
            canvas.pen("line_strong" if tick.day else "grid")
            canvas.vline(shown.x(tick.bar), 0, shown.height)
        if self._below:
            canvas.pen("line")
            canvas.hline(0, 0, shown.width)
        else:
            self._watermark(canvas)

    def draw_still(self, canvas: Canvas) -> None:
        """All of it."""
        self.draw(canvas)

    def draw_live(self, canvas: Canvas) -> None:
        """Nothing."""

    def _watermark(self, canvas: Canvas) -> None:
        """SIMULATED or REPLAY 2018-01-02, large and faint."""
        if self.content.label:
            small = self.geometry.width < _NARROW
            canvas.font(FontRole.TITLE if small else FontRole.DISPLAY)
            canvas.painter.setPen(faded(canvas.theme.colour("muted"), _WATERMARK_ALPHA))
            box = QRectF(0, 0, self.geometry.width, self.geometry.height)
            canvas.painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self.content.label)

"""Grid, axes, price pills and the crosshair of a price chart."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt

from cockpit.ui.charts.annotations import Level
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.canvas import PILL_HEIGHT, TIME_AXIS, Canvas
from cockpit.ui.charts.sessions import clock_text, day_text
from cockpit.ui.charts.ticks import TimeTick, decimals_for, price_ticks, time_ticks
from cockpit.ui.theme import FontRole
from cockpit.ui.theme.format import compact, number

_PX_PER_PRICE = 44.0
_PX_PER_TIME = 62.0
_DENSER = 0.7  # a young session shows too little for the usual distance


class Axes:
    """The ticks of one paint event and how prices are written on the axis."""

    def __init__(self, canvas: Canvas, candles: Candles, tick: float) -> None:
        self._canvas = canvas
        self._candles = candles
        scale = canvas.scale
        self._prices = price_ticks(
            scale.low, scale.high, max(2, int(scale.height / _PX_PER_PRICE)), tick
        )
        self.places = decimals_for(tick)
        apart = _PX_PER_TIME / canvas.window.px_per_bar
        view = candles.ts, canvas.first, canvas.last
        self._times = time_ticks(*view, apart) or time_ticks(*view, apart * _DENSER)

    def grid(self) -> None:
        """Hairlines at the ticks, stronger where a day begins, and between the strips."""
        canvas, areas = self._canvas, self._canvas.areas
        canvas.pen("grid")
        for price in self._prices:
            canvas.hline(canvas.y(price), 0, areas.plot)
        for tick in self._times:
            canvas.pen("line_strong" if tick.day else "grid")
            x = round(canvas.x(tick.bar))
            canvas.painter.drawLine(x, 0, x, round(areas.time_top))

    def labels(self, taken: Sequence[float] = ()) -> None:
        """Prices right, times below, the largest volume in its strip.

        A round price too close to one of the prices in `taken`, which get a pill, says nothing.
        """
        canvas, areas = self._canvas, self._canvas.areas
        canvas.painter.fillRect(
            QRectF(areas.plot, 0, areas.axis, areas.time_top + TIME_AXIS),
            canvas.theme.colour("surface"),
        )
        canvas.pen("line")
        canvas.hline(areas.time_top, 0, areas.plot + areas.axis)
        canvas.hline(areas.price, 0, areas.plot + areas.axis)
        canvas.painter.drawLine(round(areas.plot), 0, round(areas.plot), round(areas.time_top))
        canvas.metrics(FontRole.MICRO)
        for price in self._prices:
            if self._free(canvas.y(price), taken):
                canvas.text(
                    number(price, places=self.places), self._axis_box(canvas.y(price)), "muted"
                )
        for tick in self._times:
            self._time_label(tick)
        self._volume_label()

    def pill(self, price: float, ground: str, ink: str) -> None:
        """The label of `price` on the axis; nothing when it is off the screen."""
        if self._canvas.scale.holds(price):
            self._canvas.metrics(FontRole.MICRO)
            box = self._axis_box(self._canvas.y(price)).adjusted(-6, 0, 0, 0)
            self._canvas.pill(number(price, places=self.places), box, ground, ink)

    def level_prices(self, levels: Sequence[Level]) -> None:
        """Each level's price on the axis, framed in its colour."""
        for level in levels:
            if self._canvas.scale.holds(level.price):
                self.pill(level.price, "raised", level.role)
                box = self._axis_box(self._canvas.y(level.price)).adjusted(-6, 0, 0, 0)
                self._canvas.outline(box, level.role)

    def quote(self, bid: float, ask: float) -> None:
        """Short ticks at bid and ask on the edge of the plot."""
        canvas = self._canvas
        for price, role in ((bid, "up"), (ask, "down")):
            if canvas.scale.holds(price):
                y = canvas.y(price)
                canvas.pen(role)
                canvas.hline(y, canvas.areas.plot - 10, canvas.areas.plot)
                canvas.hline(y + 1, canvas.areas.plot - 10, canvas.areas.plot)

    def last_price(self, price: float, role: str) -> None:
        """A dotted line and a solid pill at the last price."""
        canvas = self._canvas
        if not canvas.scale.holds(price):
            return
        canvas.pen(role, dashed=True, alpha=150)
        canvas.hline(canvas.y(price), 0, canvas.areas.plot)
        self.pill(price, role, f"on_{role}")

    def crosshair(self, at: QPointF, bar: int | None) -> None:
        """Lines through the pointer with price and time at the axes."""
        canvas, areas = self._canvas, self._canvas.areas
        canvas.pen("crosshair", dashed=True)
        x = canvas.x(bar) if bar is not None else at.x()
        canvas.painter.drawLine(round(x), 0, round(x), round(areas.time_top))
        if at.y() < areas.price:
            canvas.hline(at.y(), 0, areas.plot)
            self.pill(canvas.scale.price(at.y()), "line_strong", "text")
        if bar is not None:
            ts = float(self._candles.ts[bar])
            text = f"{day_text(ts)}  {clock_text(ts)}"
            width = canvas.metrics(FontRole.MICRO).horizontalAdvance(text) + 14
            left = min(max(0.0, x - width / 2), areas.plot - width)
            canvas.pill(
                text, QRectF(left, areas.time_top + 3, width, PILL_HEIGHT), "line_strong", "text"
            )

    def _free(self, y: float, taken: Sequence[float]) -> bool:
        edge = PILL_HEIGHT / 2
        inside = edge < y < self._canvas.areas.price - edge
        return inside and all(abs(self._canvas.y(price) - y) >= PILL_HEIGHT - 2 for price in taken)

    def _axis_box(self, y: float) -> QRectF:
        areas = self._canvas.areas
        return QRectF(areas.plot + 8, y - PILL_HEIGHT / 2, areas.axis - 10, PILL_HEIGHT)

    def _time_label(self, tick: TimeTick) -> None:
        canvas, areas = self._canvas, self._canvas.areas
        box = QRectF(canvas.x(tick.bar) - 40, areas.time_top, 80, TIME_AXIS)
        if box.left() > -20 and box.right() < areas.plot + 20:
            role = "text" if tick.day else "muted"
            canvas.text(tick.text, box, role, Qt.AlignmentFlag.AlignHCenter)

    def _volume_label(self) -> None:
        canvas, areas = self._canvas, self._canvas.areas
        volume = self._candles.volume[canvas.first : canvas.last]
        if len(volume):
            box = QRectF(areas.plot + 8, areas.volume_top, areas.axis - 10, PILL_HEIGHT)
            canvas.text(compact(float(volume.max())), box, "faint")

"""The day's P&L as a curve on pyqtgraph: zero line, shaded drawdown, any number of points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from cockpit.domain.currency import USD
from cockpit.ui.charts._pg import ViewBox
from cockpit.ui.charts.axes import PriceAxis, TimeAxis
from cockpit.ui.charts.canvas import letters_of
from cockpit.ui.charts.curve_layer import HELD, Columns, CurveLayer, CurveShape
from cockpit.ui.charts.plot import Plot
from cockpit.ui.charts.pyramid import Pyramid
from cockpit.ui.charts.sessions import clock_text, day_text, month_text
from cockpit.ui.charts.ticks import TimeTick, price_ticks, round_step
from cockpit.ui.charts.viewport import TIME_AXIS, PriceScale
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import money

Floats = NDArray[np.float64]

_PX_PER_TICK = 34.0
_TIME_STEPS = (
    10,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14_400,
    28_800,
    86_400,
    604_800,
    2_592_000,
    7_776_000,
    31_536_000,
    157_680_000,
)
_DAY, _MONTH = 86_400, 2_592_000
_PX_PER_TIME = 70.0
_MIN_SPAN = 1.0
_AIR = 8.0
_AXIS_ROOM = 14.0
_EMPTY = "The curve begins moments after the first fill"


class DayCurve(Plot):
    """Shows a curve of money over time. Points are appended; only the newest may change.

    The whole day is always in view, so the mouse only asks for a value.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._pyramid = Pyramid()
        self._ts: Floats = np.empty(0)
        self._currency = USD
        self._newest = 0.0
        self._axis_width = 0
        self._until = 0.0
        self._labelled: tuple[object, ...] = ()
        self._view = ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0.0)
        self._view.disableAutoRange()
        self._money, self._times = PriceAxis(theme), TimeAxis(theme)
        self._layer = CurveLayer(theme)
        self.add_view(self._view, 0, (self._layer,))
        self.add_axis(self._money, 0, 1, self._view)
        self.add_axis(self._times, 1, 0, self._view)
        self._times.setHeight(TIME_AXIS)
        self.setMinimumSize(160, 72)
        self.setAccessibleName("Day P&L curve")
        self.finish()

    def show_curve(self, ts: Floats, pnl: Floats, currency: str = USD) -> None:
        """Take the curve: `ts` in seconds UTC, `pnl` in money; it only grows at its end."""
        self._currency = self._layer.currency = currency
        if len(ts) < len(self._pyramid) + 1:  # another session
            self._pyramid = Pyramid()
        self._ts = ts
        self._pyramid.extend(pnl[len(self._pyramid) : max(0, len(pnl) - 1)])
        self._newest = float(pnl[-1]) if len(pnl) else 0.0
        self.arrange()

    def columns(self, count: int) -> Columns:
        """The curve in at most about `count` runs."""
        body = self._pyramid.envelope(0, len(self._pyramid), count)
        return Columns(
            np.append(self._ts[body.start], self._ts[-1]),
            np.append(body.low, self._newest),
            np.append(body.high, self._newest),
            np.append(self._pyramid.values[body.stop - 1], self._newest),
        )

    def arrange(self) -> None:
        """Fit the whole curve into the view at the resolution of the screen."""
        drawable = len(self._ts) > 1
        self.say_empty("" if drawable else _EMPTY)
        if drawable:
            shape = self._measure()
            x, y = shape.x_range, shape.y_range
            if self._view.viewRange() != [list(x), list(y)]:
                self._view.setRange(xRange=x, yRange=y, padding=0.0, disableAutoRange=False)
            self._layer.show_curve(shape)
            self._label(shape)
        self.pointed()

    def _measure(self) -> CurveShape:
        words = letters_of(self._theme).words(FontRole.MICRO, "+$0,000")
        axis = round(words.width + _AXIS_ROOM)
        if axis != self._axis_width:
            self._axis_width = axis
            self._money.setWidth(axis)
            self.ci.layout.activate()  # at once: what is painted next relies on it
        width, height = max(40, self.width() - axis), max(20, self.height() - TIME_AXIS)
        shown = self.columns(width)
        bottom, top = min(0.0, float(shown.low.min())), max(0.0, float(shown.high.max()))
        scale = PriceScale.fitting(bottom, top, _AIR, height - 2 * _AIR, _MIN_SPAN)
        return CurveShape(shown, self._hold(width), width, height, scale)

    def _hold(self, width: float) -> float:
        """The moment at the right: one more point among a million moves nothing that is seen."""
        start, newest = float(self._ts[0]), float(self._ts[-1])
        beyond = (newest - self._until) * width / max(1.0, newest - start)
        if not 0.0 <= beyond <= HELD:
            self._until = newest
        return self._until

    def _label(self, shape: CurveShape) -> None:
        """Round amounts and round times, with their grid lines."""
        scale = shape.scale
        currency = self._currency
        now = shape.start, shape.until, shape.width, scale, currency
        if now == self._labelled:
            return
        self._labelled = now
        count = max(3, int(scale.height / _PX_PER_TICK))
        places = 0 if round_step(scale.high - scale.low, count) >= 1 else 2
        amounts = price_ticks(scale.low, scale.high, count)
        self._layer.amounts = amounts
        self._money.show_labels(
            [(value, money(value, places=places, currency=currency)) for value in amounts]
        )
        self._times.show_ticks(_time_ticks(shape))

    def pointed(self) -> None:
        """Say time and money under the pointer."""
        self._layer.point(self._under_pointer())
        super().pointed()

    def _under_pointer(self) -> tuple[float, float, float] | None:
        """The pointer's x, the moment there and the money then; None when it is elsewhere."""
        shape, at = self._layer.shape_of_curve, self.pointer
        if at is None or shape is None or at.x() > shape.x(shape.end):
            return None
        moment = shape.moment(at.x())
        place = int(np.searchsorted(self._ts, moment, side="right")) - 1
        inside = place < len(self._pyramid)
        value = float(self._pyramid.values[place]) if inside else self._newest
        return at.x(), moment, value


def _time_ticks(shape: CurveShape) -> list[TimeTick]:
    """Round moments; their `bar` counts seconds from the curve's start."""
    wanted = shape.span / max(1.0, shape.width / _PX_PER_TIME)
    step = next((s for s in _TIME_STEPS if s >= wanted), _TIME_STEPS[-1])
    first = int(-(-shape.start // step) * step)
    return [
        TimeTick(round(moment - shape.start), _tick_text(float(moment), step), False)
        for moment in range(first, int(shape.end) + 1, step)
    ]


def _tick_text(moment: float, step: int) -> str:
    """The time of a tick, its day, or its month and year, by how far apart ticks are."""
    if step < _DAY:
        return clock_text(moment, seconds=step < 60)
    return day_text(moment) if step < _MONTH else month_text(moment)

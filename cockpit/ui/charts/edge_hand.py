"""Lines that a click has brought into the range of the chart: it keeps them in sight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF

from cockpit.ui.charts.annotations import Level
from cockpit.ui.charts.edges import pill_at
from cockpit.ui.charts.level_drag import same_line
from cockpit.ui.charts.marks_layer import MarksLayer


class EdgeHand:
    """Takes clicks on the pills at the edges; forgets them when something else is looked at."""

    def __init__(self, marks: MarksLayer) -> None:
        self._marks = marks
        self._kept: list[Level] = []

    def take(self, at: QPointF) -> bool:
        """Keep the lines of the pill there in sight from now on; False when none is there."""
        pill = pill_at(self._marks.edges, at)
        if pill is not None:
            self._kept += pill.levels
        return pill is not None

    def told(self, at: QPointF) -> str:
        """What a click there would do; empty where there is no pill."""
        pill = pill_at(self._marks.edges, at)
        if pill is None:
            return ""
        names = "\n".join(level.text for level in pill.levels)
        return f"{names}\nClick to bring {'it' if len(pill.levels) == 1 else 'them'} into the chart"

    def prices(self, levels: Sequence[Level]) -> list[float]:
        """Where the kept ones stand now; one that is gone stands nowhere."""
        return [one.price for one in levels if any(self._same(one, kept) for kept in self._kept)]

    @staticmethod
    def _same(one: Level, other: Level) -> bool:
        """The average cost is no order and no drawing: there is one of it."""
        known = one.order_id or one.drawing or one.lasting
        return bool(known) and same_line(one, other)

    def forget(self) -> None:
        """Another symbol, another timeframe, or back to the newest bar."""
        self._kept.clear()

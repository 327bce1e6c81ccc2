"""A row's curve, kept as a picture: prices around it change a hundred times as often."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from cockpit.ui.charts.arrays import Lines


class CurvePainter:
    """Paints curves of prices as lines, `height` pixels high and `above` pixels from the top."""

    def __init__(self, above: int, height: int) -> None:
        self._above, self._height = above, height
        self._lines = Lines()

    def picture(self, values: Any, width: int, colour: QColor, ratio: float) -> QPixmap:
        """The curve from the left edge to the right, on nothing; there must be two prices."""
        made = QPixmap(round(width * ratio), round((self._height + 2 * self._above) * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        prices = np.asarray(values, dtype=np.float64)
        low, high = float(prices.min()), float(prices.max())
        share = (high - prices) / (high - low) if high > low else np.full(len(prices), 0.5)
        with QPainter(made) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour, 1.0))
            x = np.linspace(self._above, width - self._above, len(prices))
            self._lines.polyline(painter, x, self._above + share * self._height)
        return made


def role_of(values: Any, *, stale: bool) -> str:
    """The colour role of a curve: whether it ends above where it began."""
    return "faint" if stale else "up" if values[-1] >= values[0] else "down"

"""Volume by price of what the chart shows, lying at the left edge behind the candles."""

from __future__ import annotations

import numpy as np

from cockpit.ui.charts.arrays import Rects
from cockpit.ui.charts.canvas import Canvas
from cockpit.ui.charts.content import ContentLayer
from cockpit.ui.charts.overlays import volume_profile
from cockpit.ui.theme import Theme

_WIDEST = 0.22  # of the plot
_STRENGTH = 0.22


class ProfileLayer(ContentLayer):
    """One bar a row of prices; the row with most volume is stronger."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._rects = Rects()

    def draw(self, canvas: Canvas) -> None:
        """Nothing unless it was chosen."""
        shown, content = self.geometry, self.content
        if not content.look.profile or shown.last <= shown.first:
            return
        edges, shares = volume_profile(content.candles, shown.first, shown.last)
        most = float(shares.max())
        if most <= 0:
            return
        y = np.round(shown.scale.ys(edges))
        top, height = y[1:], np.maximum(y[:-1] - y[1:] - 1, 1.0)
        width = np.round(shares / most * shown.width * _WIDEST)
        for strength, chosen in ((_STRENGTH, shares < most), (2 * _STRENGTH, shares >= most)):
            rows = chosen & (width > 0)
            canvas.fill_soft("accent", strength)
            zeros = np.zeros(int(np.count_nonzero(rows)))
            self._rects.draw(canvas.painter, zeros, top[rows], width[rows], height[rows])

    def draw_still(self, canvas: Canvas) -> None:
        """All of it."""
        self.draw(canvas)

    def draw_live(self, canvas: Canvas) -> None:
        """Nothing."""

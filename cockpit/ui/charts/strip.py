"""One strip of a price chart: a view box, its axis at the right, and the layers in it."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.ui.charts.axes import ThemedAxis
from cockpit.ui.charts.backdrop_layer import BackdropLayer
from cockpit.ui.charts.content import ChartContent, ContentLayer
from cockpit.ui.charts.plot import Plot
from cockpit.ui.charts.readout import CrosshairLayer
from cockpit.ui.charts.time_view import TimeView
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.theme import Theme


class Strip:
    """Backdrop at the bottom, crosshair on top, what is shown between them."""

    def __init__(
        self,
        theme: Theme,
        axis: ThemedAxis,
        layers: Sequence[ContentLayer],
        crosshair: CrosshairLayer,
        *,
        below: bool = False,
    ) -> None:
        self.view, self.axis = TimeView(), axis
        self.backdrop, self.crosshair = BackdropLayer(theme, below=below), crosshair
        self.layers = (self.backdrop, *layers, crosshair)

    def put_into(self, plot: Plot, row: int) -> None:
        """Take a row of the plot's grid."""
        plot.add_view(self.view, row, self.layers)
        plot.add_axis(self.axis, row, 1, self.view)

    def show_content(self, content: ChartContent, geometry: Geometry) -> None:
        """Move the view box and all layers to what `geometry` says."""
        x, y = geometry.x_range, geometry.y_range
        if self.view.viewRange() != [list(x), list(y)]:
            self.view.setRange(xRange=x, yRange=y, padding=0.0, disableAutoRange=False)
        for layer in self.layers:
            layer.show_content(content, geometry)

"""What both charts are: pyqtgraph's layout widget, dressed by the theme, without its surprises."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from cockpit.ui.charts._pg import GraphicsLayoutWidget, GraphicsObject, ViewBox
from cockpit.ui.charts.axes import ThemedAxis
from cockpit.ui.charts.canvas import Canvas
from cockpit.ui.theme import FontRole, Theme


class Layer(GraphicsObject):
    """An item that fills its view box and paints in that box's pixels.

    It lives in data coordinates like every item of pyqtgraph, but crisp lines, pills and
    rows of rectangles are a matter of whole pixels: `draw` finds the transform undone.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bounds = QRectF()

    def place(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
        """Fill the view of these ranges."""
        bounds = QRectF(QPointF(x_range[0], y_range[0]), QPointF(x_range[1], y_range[1]))
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds

    def boundingRect(self) -> QRectF:
        """The visible part of the data."""
        return self._bounds

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Undo the view's transform and draw."""
        group: QGraphicsItem = self.parentItem()
        back, _ = group.transform().inverted()
        painter.setWorldTransform(back, True)
        self.draw(Canvas(painter, self._theme))

    def draw(self, canvas: Canvas) -> None:
        """Paint; the top left of the view box is 0, 0. A bare layer shows nothing."""

    def draw_still(self, canvas: Canvas) -> None:
        """Paint what stays while only the newest value moves; most layers have nothing such."""

    def draw_live(self, canvas: Canvas) -> None:
        """Paint all else: both together are what `draw` paints."""
        self.draw(canvas)


DrawLayer = Callable[[Layer, Canvas], None]


def _whole(layer: Layer, canvas: Canvas) -> None:
    layer.draw(canvas)


class Plot(GraphicsLayoutWidget):
    """A grid of view boxes and axes that repaints as a whole, and says so while it is empty.

    pyqtgraph arranges the parts, finds what is dragged and draws files; on the screen they are
    painted one after another, for walking its scene costs more than what is drawn.
    Keys nobody here uses go on to the window; there are no menus, buttons or scroll bars.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._built = False  # pyqtgraph resizes while it is being made
        super().__init__(parent)
        self._theme = theme
        self._empty = ""
        self._views: list[tuple[ViewBox, Sequence[Layer]]] = []
        self._axes: list[ThemedAxis] = []
        self.pointer: QPointF | None = None
        self.ci.setContentsMargins(0, 0, 0, 0)
        self.ci.setSpacing(0)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def add_view(self, view: ViewBox, row: int, layers: Sequence[Layer]) -> None:
        """Put a view box with its layers, the lowest first, into the first column."""
        for layer in layers:
            view.addItem(layer, ignoreBounds=True)  # it never decides what the view shows
        self.addItem(view, row, 0)
        self._views.append((view, layers))

    def add_axis(self, axis: ThemedAxis, row: int, column: int, view: ViewBox) -> None:
        """Put the axis of a view box into the grid."""
        self.addItem(axis, row, column)
        axis.linkToView(view)
        self._axes.append(axis)

    def finish(self) -> None:
        """To be called when all parts are in place."""
        self._built = True
        self.dress()
        self._theme.changed.connect(self.dress)

    def dress(self) -> None:
        """Take the colours and fonts of the theme."""
        for axis in self._axes:
            axis.dress()
        self.setBackground(self._theme.colour("surface"))
        self.arrange()

    def arrange(self) -> None:
        """Bring sizes, ranges and layers up to date, then repaint."""
        self.viewport().update()

    def say_empty(self, text: str) -> None:
        """Show these words instead of the plot; the plot again when there are none."""
        if text != self._empty:
            self._empty = text
            self.ci.setVisible(not text)

    def sizeHint(self) -> QSize:
        """None: a chart takes what it gets (Qt's would be the size it has)."""
        return QSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all parts, as the scene would."""
        with QPainter(self.viewport()) as painter:
            if self._empty:
                self.paint_ground(painter, event.rect())
                self._say_empty(painter)
            else:
                self.paint_plot(painter, event.rect())
                self.paint_axes(painter)

    def paint_plot(self, painter: QPainter, area: QRect) -> None:
        """Paint ground and views."""
        self.paint_ground(painter, area)
        self.paint_views(painter, _whole)

    def paint_ground(self, painter: QPainter, area: QRect) -> None:
        """Begin with nothing."""
        painter.fillRect(area, self._theme.colour("surface"))

    def paint_views(self, painter: QPainter, draw: DrawLayer) -> None:
        """Paint the layers of all views, each by `draw`."""
        for view, layers in self._views:
            with self.inside(painter, view) as canvas:
                for layer in layers:
                    draw(layer, canvas)

    def paint_axes(self, painter: QPainter) -> None:
        """Paint the axes, whose pills may stand over an edge."""
        for axis in self._axes:
            painter.save()
            painter.translate(axis.scenePos())
            axis.draw(Canvas(painter, self._theme))
            painter.restore()

    @contextmanager
    def inside(self, painter: QPainter, view: ViewBox) -> Generator[Canvas]:
        """Paint in the pixels of a view box, and nowhere else."""
        painter.save()
        painter.translate(view.scenePos())
        painter.setClipRect(QRectF(QPointF(), view.size()), Qt.ClipOperation.IntersectClip)
        try:
            yield Canvas(painter, self._theme)
        finally:
            painter.restore()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Say what an empty chart waits for, in a file too."""
        super().drawForeground(painter, rect)
        self._say_empty(painter)

    def _say_empty(self, painter: QPainter) -> None:
        if self._empty:
            painter.setFont(self._theme.font(FontRole.BODY))
            painter.setPen(self._theme.colour("muted"))
            box = QRectF(self.viewport().rect())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self._empty)

    def close(self) -> bool:
        """Hide, as any widget does: pyqtgraph's own would empty the scene for good."""
        return QGraphicsView.close(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the parts anew."""
        super().resizeEvent(event)
        if self._built:
            self.arrange()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep presses from what lies behind: pyqtgraph acts on them without accepting them."""
        super().mousePressEvent(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """As with presses."""
        super().mouseReleaseEvent(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Keep the pointer, then let pyqtgraph find drags."""
        self.pointer = event.position()
        super().mouseMoveEvent(event)
        self.pointed()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(event)
        self.pointer = None
        self.pointed()

    def pointed(self) -> None:
        """The pointer moved or left."""
        self.viewport().update()

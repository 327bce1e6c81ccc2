"""A view box that is moved in time only: no menu, no rubber band, no surprise for a trader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSceneWheelEvent

from cockpit.ui.charts._pg import ViewBox

if TYPE_CHECKING:
    from cockpit.ui.charts._pg import DragEvent

_ZOOM_STEP = 1.15
_NOTCH = 120.0


class TimeView(ViewBox):
    """Tells what the mouse asks for, its axes included; the chart decides what is shown.

    Dragging with the left button and a sideways wheel pan, the wheel zooms around the
    pointer. Other buttons do nothing.
    """

    pan_asked = Signal(float)  # pixels to the right
    zoom_asked = Signal(float, float)  # factor, and the pixel that stays

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsFocusable, False)  # keys are the chart's

    def wheelEvent(self, ev: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        """Zoom time; a sideways wheel pans."""
        turn = float(ev.delta())
        if ev.orientation() == Qt.Orientation.Horizontal:
            self.pan_asked.emit(turn)
        else:
            x = self.mapFromScene(ev.scenePos()).x()
            self.zoom_asked.emit(_ZOOM_STEP ** (turn / _NOTCH), x)
        ev.accept()

    def mouseDragEvent(self, ev: DragEvent, axis: int | None = None) -> None:
        """Pan with the left button."""
        if ev.button() != Qt.MouseButton.LeftButton:
            ev.ignore()
            return
        ev.accept()
        if ev.isFinish():
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.pan_asked.emit(ev.scenePos().x() - ev.lastScenePos().x())

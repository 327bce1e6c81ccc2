"""The one door to pyqtgraph, which ships no types: what the charts use of it, typed.

It takes half a second to import, so only the panels lead here, and they are built after
the first paint. Options are set once: no antialiasing unless an item asks for it, the
left button pans, no mouse move is dropped (a chart repaints once a frame anyway).
"""

# ruff: noqa: N803 -- pyqtgraph's names
from __future__ import annotations

import os
from typing import TYPE_CHECKING

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QPointF, Qt
    from PySide6.QtGui import QColor, QPen, QPolygonF
    from PySide6.QtWidgets import (
        QGraphicsGridLayout,
        QGraphicsObject,
        QGraphicsSceneWheelEvent,
        QGraphicsView,
        QGraphicsWidget,
        QWidget,
    )

    class DragEvent:
        def button(self) -> Qt.MouseButton: ...
        def scenePos(self) -> QPointF: ...
        def lastScenePos(self) -> QPointF: ...
        def isFinish(self) -> bool: ...
        def accept(self) -> None: ...
        def ignore(self) -> None: ...

    class GraphicsObject(QGraphicsObject):
        def __init__(self) -> None: ...

    class ViewBox(QGraphicsWidget):
        def __init__(
            self, *, enableMenu: bool, enableMouse: bool = True, defaultPadding: float = 0.02
        ) -> None: ...
        def addItem(self, item: QGraphicsObject, ignoreBounds: bool = False) -> None: ...
        def disableAutoRange(self) -> None: ...
        def setRange(
            self,
            *,
            xRange: tuple[float, float],
            yRange: tuple[float, float],
            padding: float,
            disableAutoRange: bool,
        ) -> None: ...
        def viewRange(self) -> list[list[float]]: ...
        def wheelEvent(self, ev: QGraphicsSceneWheelEvent, axis: int | None = None) -> None: ...
        def mouseDragEvent(self, ev: DragEvent, axis: int | None = None) -> None: ...

    class AxisItem(QGraphicsWidget):
        range: list[float]

        def __init__(self, orientation: str, *, maxTickLength: int = -5) -> None: ...
        def linkToView(self, view: ViewBox) -> None: ...
        def enableAutoSIPrefix(self, enable: bool = True) -> None: ...
        def setPen(self, pen: QPen) -> None: ...
        def setTextPen(self, pen: QPen) -> None: ...
        def setWidth(self, w: int) -> None: ...
        def setHeight(self, h: int) -> None: ...

    class GraphicsLayout:  # a QGraphicsWidget whose `layout` is no method
        layout: QGraphicsGridLayout

        def setContentsMargins(self, *margins: int) -> None: ...
        def setSpacing(self, spacing: int) -> None: ...
        def setVisible(self, visible: bool) -> None: ...

    class GraphicsLayoutWidget(QGraphicsView):
        ci: GraphicsLayout

        def __init__(self, parent: QWidget | None = None) -> None: ...
        def addItem(self, item: QGraphicsWidget, row: int, col: int) -> None: ...
        def setBackground(self, background: QColor) -> None: ...

    polygon: Callable[[NDArray[np.float64], NDArray[np.float64]], QPolygonF]
else:
    from pyqtgraph import (
        AxisItem,
        GraphicsLayoutWidget,
        GraphicsObject,
        ViewBox,
        setConfigOptions,
    )
    from pyqtgraph.functions import arrayToQPolygonF

    polygon = arrayToQPolygonF
    setConfigOptions(antialias=False, leftButtonPan=True, mouseRateLimit=0)

__all__ = [
    "AxisItem",
    "GraphicsLayoutWidget",
    "GraphicsObject",
    "ViewBox",
    "polygon",
]

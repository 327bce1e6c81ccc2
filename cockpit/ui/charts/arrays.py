"""Numpy arrays handed to QPainter without a Python object for each rectangle or line.

PySide's `drawRects(first, count)` reads `count` rectangles that lie in memory one after
another; a numpy array of float64 rows has exactly the layout of QRectF and QLineF.
"""

from __future__ import annotations

from typing import TypeVar, cast

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter

Floats = NDArray[np.float64]
P = TypeVar("P", QRectF, QLineF)


class _Block:
    """A reusable row-major buffer; it must outlive the paint call that reads it."""

    def __init__(self, fields: int) -> None:
        self._fields = fields
        self._rows: Floats = np.empty((256, fields))

    def rows(self, count: int) -> Floats:
        """`count` writable rows."""
        if count > len(self._rows):
            self._rows = np.empty((max(count, 2 * len(self._rows)), self._fields))
        return self._rows[:count]

    def first(self, kind: type[P]) -> P:
        """The first row as the Qt value that QPainter starts reading at."""
        return cast("P", shiboken6.wrapInstance(self._rows.ctypes.data, kind))


class Rects:
    """Draws many rectangles of one colour in one call."""

    def __init__(self) -> None:
        self._block = _Block(4)

    def draw(self, painter: QPainter, x: Floats, y: Floats, width: Floats, height: Floats) -> None:
        """Fill the rectangles with the painter's pen and brush; all arrays of one length."""
        if not len(x):
            return
        rows = self._block.rows(len(x))
        for field, values in enumerate((x, y, width, height)):
            rows[:, field] = values
        painter.drawRects(self._block.first(QRectF), len(x))


class Lines:
    """Draws a polyline in one call."""

    def __init__(self) -> None:
        self._block = _Block(4)

    def polyline(self, painter: QPainter, x: Floats, y: Floats) -> None:
        """Join the points with the painter's pen; a single point draws nothing."""
        if len(x) < 2:
            return
        rows = self._block.rows(len(x) - 1)
        rows[:, 0], rows[:, 1] = x[:-1], y[:-1]
        rows[:, 2], rows[:, 3] = x[1:], y[1:]
        painter.drawLines(self._block.first(QLineF), len(x) - 1)

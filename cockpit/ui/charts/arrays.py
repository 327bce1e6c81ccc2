"""Numpy arrays handed to QPainter without a Python object for each rectangle or line.

PySide's `drawRects(first, count)` reads `count` rectangles that lie in memory one after
another; a numpy row of four int32 has exactly the layout of QRect, of four float64 that of QLineF,
of ten that of a pixmap fragment.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, TypeVar, cast

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRect
from PySide6.QtGui import QPainter, QPixmap

Floats = NDArray[np.float64]
P = TypeVar("P", QRect, QLineF, QPainter.PixmapFragment)


class _Block:
    """A reusable row-major buffer of `fields`; it must outlive the paint call that reads it."""

    def __init__(self, dtype: type[np.float64 | np.int32], fields: int = 4) -> None:
        self._dtype, self._fields = dtype, fields
        self._rows: NDArray[Any] = np.empty((256, fields), dtype)

    def rows(self, count: int) -> NDArray[Any]:
        """`count` writable rows."""
        if count > len(self._rows):
            wanted = max(count, 2 * len(self._rows))
            self._rows = np.empty((wanted, self._fields), self._dtype)
        return self._rows[:count]

    def first(self, kind: type[P]) -> P:
        """The first row as the Qt value that QPainter starts reading at."""
        return cast("P", shiboken6.wrapInstance(self._rows.ctypes.data, kind))


class Rects:
    """Draws many rectangles of one colour in one call, snapped to whole pixels.

    Give it an opaque brush: a translucent one is blended span by span, ten times slower.
    """

    def __init__(self) -> None:
        self._block = _Block(np.int32)

    def draw(self, painter: QPainter, x: Floats, y: Floats, width: Floats, height: Floats) -> None:
        """Fill the rectangles with the painter's pen and brush; all arrays of one length."""
        if not len(x):
            return
        rows = self._block.rows(len(x))
        rows[:, 0], rows[:, 1] = np.round(x), np.round(y)
        rows[:, 2] = np.round(x + width) - 1  # QRect keeps its last pixel, not its size
        rows[:, 3] = np.round(y + height) - 1
        painter.drawRects(self._block.first(QRect), len(x))

    def fill(self, painter: QPainter, corners: Sequence[int]) -> None:
        """As `draw`, by their first and last pixels: left, top, right, bottom, left, top ..."""
        count = len(corners) // 4
        self._block.rows(count).reshape(-1)[:] = array("i", corners)
        painter.drawRects(self._block.first(QRect), count)


class Lines:
    """Draws a polyline in one call."""

    def __init__(self) -> None:
        self._block = _Block(np.float64)

    def polyline(self, painter: QPainter, x: Floats, y: Floats) -> None:
        """Join the points with the painter's pen; a single point draws nothing."""
        if len(x) < 2:
            return
        rows = self._block.rows(len(x) - 1)
        rows[:, 0], rows[:, 1] = x[:-1], y[:-1]
        rows[:, 2], rows[:, 3] = x[1:], y[1:]
        painter.drawLines(self._block.first(QLineF), len(x) - 1)


class Stamps:
    """Draws many cut-outs of one pixmap in one call, pixel for pixel."""

    def __init__(self) -> None:
        self._block = _Block(np.float64, 10)

    def draw(self, painter: QPainter, sheet: QPixmap, x: Floats, y: Floats, boxes: Floats) -> None:
        """Set the `boxes` of the sheet (left, top, width, height) to whole pixels `x`, `y`."""
        rows = self._block.rows(len(x))
        rows[:, 0] = x + boxes[:, 2] * 0.5  # Qt takes the middle
        rows[:, 1] = y + boxes[:, 3] * 0.5
        rows[:, 2:6] = boxes
        rows[:, 6:] = 1.0, 1.0, 0.0, 1.0  # scale, no rotation, opaque
        painter.drawPixmapFragments(self._block.first(QPainter.PixmapFragment), len(x), sheet)

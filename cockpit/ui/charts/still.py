"""A picture of all that stays on a chart while only its newest bar moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPixmap

Floats = NDArray[np.float64]


class Still:
    """Made when a second frame in a row wants the same: none is made of a chart that is moved.

    What it shows is told by `key`, compared as it is, and by `columns`, compared number by
    number: a bar that is put right later makes it anew.
    """

    def __init__(self) -> None:
        self._key: object = None
        self._columns: Sequence[Floats] = ()
        self._picture: QPixmap | None = None

    def forget(self) -> None:
        """Other colours."""
        self._key = self._picture = None

    def of(
        self,
        key: object,
        columns: Sequence[Floats],
        size: QSize,
        ratio: float,
        draw: Callable[[QPainter], None],
    ) -> QPixmap | None:
        """The picture, `size` logical pixels; None at the first sight of what it would show."""
        if not self._same(key, columns):
            self._key, self._picture = key, None
            self._columns = [column.copy() for column in columns]  # the chart's own go on
            return None
        wanted = size * ratio
        if self._picture is None or self._picture.size() != wanted:
            self._picture = QPixmap(wanted)
            self._picture.setDevicePixelRatio(ratio)
            with QPainter(self._picture) as painter:
                draw(painter)
        return self._picture

    def _same(self, key: object, columns: Sequence[Floats]) -> bool:
        return (
            key == self._key
            and len(columns) == len(self._columns)
            and all(map(_equal, columns, self._columns))
        )


def _equal(one: Floats, other: Floats) -> bool:
    return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=True))

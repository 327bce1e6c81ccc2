"""Two parts of a panel beside each other, and one below the other where it is too narrow."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

NARROW = 560
"""Below so many logical pixels neither part could be read beside the other."""


class SideBySide(QSplitter):
    """`sizes` are those at the start; neither part can be dragged away."""

    def __init__(self, one: QWidget, other: QWidget, sizes: tuple[int, int]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._sizes = sizes
        self.setHandleWidth(1)
        self.addWidget(one)
        self.addWidget(other)
        self.setSizes(list(sizes))
        self.setChildrenCollapsible(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn where the width says so."""
        narrow = event.size().width() < NARROW
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if wanted is not self.orientation():
            self.setOrientation(wanted)
            self.setSizes(list(self._sizes))
        super().resizeEvent(event)

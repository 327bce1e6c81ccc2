"""Controls side by side, and below one another where they have no room: none is ever cut off."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from cockpit.ui.theme import Space


class FlowRow(QLayout):
    """As a row, from left to right; what would not fit begins another line.

    A line's spare room goes to the widgets that expand, up to their greatest width.
    """

    def __init__(self, *parts: QWidget, margins: QMargins | None = None) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(margins or QMargins())
        self.setSpacing(Space.S)
        for part in parts:
            self.addWidget(part)

    def addItem(self, item: QLayoutItem) -> None:
        """One more at the end."""
        self._items.append(item)

    def count(self) -> int:
        """So many there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # Qt asks beyond the end
        """The one at that place, None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # as above
        """Take the one at that place away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It takes what it gets and asks for no more."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """A narrower one is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """So high it is in that width."""
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        """Put everything in its place."""
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        """All in one line."""
        sizes = [item.sizeHint() for item in self._shown()]
        gaps = self.spacing() * max(0, len(sizes) - 1)
        return self._with_margins(
            sum(size.width() for size in sizes) + gaps,
            max((size.height() for size in sizes), default=0),
        )

    def minimumSize(self) -> QSize:
        """As wide as the widest of them needs."""
        sizes = [item.minimumSize() for item in self._shown()]
        return self._with_margins(
            max((size.width() for size in sizes), default=0),
            max((size.height() for size in sizes), default=0),
        )

    def _with_margins(self, width: int, height: int) -> QSize:
        around = self.contentsMargins()
        return QSize(
            width + around.left() + around.right(), height + around.top() + around.bottom()
        )

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> Iterator[list[tuple[QLayoutItem, int]]]:
        """Items with their widths, a list a line."""
        line: list[tuple[QLayoutItem, int]] = []
        used = 0
        for item in self._shown():
            own = min(item.sizeHint().width(), max(width, item.minimumSize().width()))
            if line and used + self.spacing() + own > width:
                yield self._widened(line, width - used)
                line, used = [], 0
            used += own + (self.spacing() if line else 0)
            line.append((item, own))
        if line:
            yield self._widened(line, width - used)

    @staticmethod
    def _widened(line: list[tuple[QLayoutItem, int]], spare: int) -> list[tuple[QLayoutItem, int]]:
        grow = [item for item, _ in line if item.expandingDirections() & Qt.Orientation.Horizontal]
        share = max(0, spare) // len(grow) if grow else 0
        return [
            (item, min(own + share, item.maximumSize().width()) if item in grow else own)
            for item, own in line
        ]

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        around = self.contentsMargins()
        inside = rect.marginsRemoved(around)
        y = inside.y()
        for line in self._lines(inside.width()):
            height = max(_height(item, width) for item, width in line)
            x = inside.x()
            for item, width in line:
                own = _height(item, width)
                if place:
                    item.setGeometry(QRect(QPoint(x, y + (height - own) // 2), QSize(width, own)))
                x += width + self.spacing()
            y += height + Space.XS
        return max(0, y - Space.XS - rect.y()) + around.bottom()


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()

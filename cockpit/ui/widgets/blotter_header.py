"""The blotter's header: Qt's own, over an empty C++ model, with widths by policy."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from operator import gt
from sys import maxsize

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QWidget

from cockpit.ui.models.columns import Align, Column
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import DOWN, UP
from cockpit.ui.widgets.blotter_paint import MARK_ROOM, PAD, Slot

HEADER_HEIGHT = 26
_SORT_ROOM = 14  # for the arrow of the sorted column


class BlotterHeader(QHeaderView):
    """Titles, widths and the sort arrow; columns that don't fit leave by their `drop`."""

    def __init__(self, columns: Sequence[Column], theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = tuple(columns)
        self._theme = theme
        self._by_hand: set[int] = set()
        self._samples = [column.sample for column in self._columns]
        self._longest = [
            len(column.sample) if column.align is Align.RIGHT and not column.curve else maxsize
            for column in self._columns
        ]
        self._fitting, self._buttons = False, 0
        self._titles = QStandardItemModel(0, len(self._columns), self)
        for index, column in enumerate(self._columns):
            self._set_title(index, column)
        self.setModel(self._titles)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(28)
        self.setFixedHeight(HEADER_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Column headers")
        self.sectionResized.connect(self._resized)

    def show_sorted(self, index: int | None, *, descending: bool = False) -> None:
        """Say in its title which column sorts, beside the word and never over it."""
        self.setSortIndicatorShown(index is not None)
        if index is not None:
            order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
            self.setSortIndicator(index, order)
        for place, column in enumerate(self._columns):
            sign = (DOWN if descending else UP) if place == index else ""
            words = (column.title, sign) if column.align is Align.LEFT else (sign, column.title)
            title = " ".join(filter(None, words))
            self._titles.setHeaderData(
                place, Qt.Orientation.Horizontal, title, Qt.ItemDataRole.DisplayRole
            )

    def make_room(self, buttons: int) -> None:
        """The column that lies below the buttons of rows is at least `buttons` pixels wide."""
        self._buttons = buttons

    def wanted(self, index: int) -> int:
        """The width that shows the usual content and the title of a column."""
        column = self._columns[index]
        content = QFontMetricsF(self._theme.font(column.font)).horizontalAdvance(
            self._samples[index]
        )
        title = QFontMetricsF(self._theme.font(FontRole.CAPTION)).horizontalAdvance(column.title)
        if column.mark is not None:
            content += MARK_ROOM
        wanted = ceil(max(content, title + _SORT_ROOM)) + 1 + 2 * PAD
        return max(wanted, self._buttons) if column.below_buttons else wanted

    def widen(self, texts: Sequence[str]) -> bool:
        """Let numbers longer than any before widen their columns: one is never cut short."""
        if not any(map(gt, map(len, texts), self._longest)):
            return False
        for index, text in enumerate(texts):
            if len(text) > self._longest[index]:
                self._samples[index], self._longest[index] = text, len(text)
        return True

    def fit(self, width: int) -> None:
        """Share `width` among the columns; those set by hand keep theirs."""
        self._fitting = True
        shown = self._shown(width)
        for index in range(len(self._columns)):
            self.setSectionHidden(index, index not in shown)
        used = 0
        for index in shown:
            used += self._width(index)
            self.resizeSection(index, self._width(index))
        self._stretch(shown, width - used)
        self._fitting = False

    def slots(self) -> list[Slot]:
        """The visible columns from left to right."""
        return [
            Slot(index, self.sectionViewportPosition(index), self.sectionSize(index))
            for index in range(len(self._columns))
            if not self.isSectionHidden(index)
        ]

    def _set_title(self, index: int, column: Column) -> None:
        side = (
            Qt.AlignmentFlag.AlignLeft
            if column.align is Align.LEFT
            else Qt.AlignmentFlag.AlignRight
        )
        roles = {
            Qt.ItemDataRole.DisplayRole: column.title,
            Qt.ItemDataRole.ToolTipRole: column.hint or column.title,
            Qt.ItemDataRole.TextAlignmentRole: side | Qt.AlignmentFlag.AlignVCenter,
        }
        for role, value in roles.items():
            self._titles.setHeaderData(index, Qt.Orientation.Horizontal, value, role)

    def _width(self, index: int) -> int:
        return self.sectionSize(index) if index in self._by_hand else self.wanted(index)

    def _shown(self, width: int) -> list[int]:
        shown = list(range(len(self._columns)))
        while sum(map(self._width, shown)) > width:
            leaving = max(shown, key=lambda i: (self._columns[i].drop, i))
            if not self._columns[leaving].drop:
                break
            shown.remove(leaving)
        return shown

    def _stretch(self, shown: list[int], spare: int) -> None:
        """Give what is left to the stretching columns, else to all of them alike."""
        free = [i for i in shown if i not in self._by_hand]
        takers = [i for i in free if self._columns[i].stretch] or free
        if spare <= 0 or not takers:
            return
        share, rest = divmod(spare, len(takers))
        for place, index in enumerate(takers):
            self.resizeSection(index, self.sectionSize(index) + share + (place < rest))

    def _resized(self, index: int, _old: int, _new: int) -> None:
        if not self._fitting:
            self._by_hand.add(index)

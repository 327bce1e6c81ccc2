"""A table of whole rows, read only, of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem


def row_table(name: str, heads: Sequence[str], figures: Sequence[int] = ()) -> QTableWidget:
    """An empty one under its headings; Tab leaves it. `name` is for whoever reads the screen.

    A head stands as its column does: to the right over `figures`, else to the left.
    """
    table = QTableWidget(0, len(heads))
    table.setAccessibleName(name)
    for column, head in enumerate(heads):
        item = QTableWidgetItem(head)
        side = Qt.AlignmentFlag.AlignRight if column in figures else Qt.AlignmentFlag.AlignLeft
        item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        table.setHorizontalHeaderItem(column, item)
    table.verticalHeader().hide()
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    return table

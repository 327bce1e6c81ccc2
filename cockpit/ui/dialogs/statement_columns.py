"""Which column of a table holds what: its first rows, and a choice for each meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cockpit.app.bookkeeping.columns import SHOWN
from cockpit.journal.statements import mapped
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label, set_tone

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.columns import Columns

_NONE = "(none)"
_IN_A_ROW = 4
_LONGEST = 60
_WIDEST = 220
NAMES: Mapping[str, tuple[str, str]] = {
    "date": ("Date", "The day of the trade, or its day and time in one"),
    "time": ("Time", "The time of day, where it stands apart from the day"),
    "symbol": ("Symbol", "What was traded"),
    "side": ("Side", "Buy or sell; without it a quantity below zero is a sale"),
    "quantity": ("Quantity", "How many units"),
    "price": ("Price", "What a unit cost"),
    "fees": ("Fees", "What was paid for the trade"),
    "amount": ("Amount", "The money that moved; it is held against quantity and price"),
    "currency": ("Currency", "As EUR; dollars without it"),
    "account": ("Account", "Whose trade it was, where one file tells of several"),
    "id": ("Broker's id", "The broker's own name of the trade: it knows a line again"),
    "status": ("Status", "Whether it was filled or cancelled"),
}
"""What to call a meaning, and what it is."""


class ColumnsPage(QWidget):
    """A choice of columns by meaning over the first rows; `changed` hears of each choice."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._columns: Columns | None = None
        self.choices: dict[str, QComboBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(self._heading_row())
        column.addLayout(self._grid())
        self.state = label(theme, "", FontRole.BODY, "muted", wrap=True)
        column.addWidget(self.state)
        self.rows = _sample_table()
        column.addWidget(self.rows, 1)

    def _heading_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.heading = QComboBox()
        self.heading.setAccessibleName("Line with the headings")
        self.heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.heading.currentIndexChanged.connect(self._on_heading)
        row.addWidget(label(self._theme, "Headings in", FontRole.CAPTION, "muted"))
        row.addWidget(self.heading, 1)
        return row

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(Space.XS)
        for place, (meaning, (name, tip)) in enumerate(NAMES.items()):
            needed = meaning in mapped.NEEDED
            box = QComboBox()
            box.setAccessibleName(f"Column for {name}{', needed' * needed}")
            box.setToolTip(tip)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.currentIndexChanged.connect(self._on_choice)
            caption = f"{name} (needed)" if needed else name
            row, at = divmod(place, _IN_A_ROW)
            grid.addWidget(label(self._theme, caption, FontRole.CAPTION, "muted"), 2 * row, at)
            grid.addWidget(box, 2 * row + 1, at)
            grid.setColumnStretch(at, 1)
            self.choices[meaning] = box
        return grid

    @property
    def mapping(self) -> dict[str, str]:
        """The column chosen for each meaning; empty for none."""
        return {meaning: str(box.currentData() or "") for meaning, box in self.choices.items()}

    @property
    def complete(self) -> bool:
        """Whether there is a column for all that a trade needs."""
        return not self._lacking()

    def show_table(self, columns: Columns) -> None:
        """Show the first rows, with what is guessed or remembered of their columns."""
        self._columns = columns
        self.heading.blockSignals(True)
        self.heading.clear()
        for record in columns.records[: mapped.SEARCHED]:
            told = record.text if len(record.text) <= _LONGEST else f"{record.text[:_LONGEST]}..."
            self.heading.addItem(f"line {record.number}: {told}")
        self.heading.setCurrentIndex(columns.heading)
        self.heading.blockSignals(False)
        self._offer(columns.heading, columns.mapping)

    def _on_heading(self, place: int) -> None:
        if self._columns is not None and place >= 0:
            self._offer(place, mapped.guessed(self._columns.records[place].cells))

    def _offer(self, place: int, mapping: Mapping[str, str]) -> None:
        """The columns of this heading to choose from, and the rows below it."""
        records = self._columns.records if self._columns is not None else ()
        names = list(dict.fromkeys(filter(None, records[place].cells)))
        for meaning, box in self.choices.items():
            box.blockSignals(True)
            box.clear()
            box.addItem(_NONE, "")
            for name in names:
                box.addItem(name, name)
            box.setCurrentIndex(max(0, box.findData(mapping.get(meaning, ""))))
            box.blockSignals(False)
        width = max(len(record.cells) for record in records)
        below = records[place + 1 : place + 1 + SHOWN]
        self.rows.setColumnCount(width)
        self.rows.setRowCount(len(below))
        for row, record in enumerate(below):
            self.rows.setVerticalHeaderItem(row, QTableWidgetItem(str(record.number)))
            for at in range(width):
                cell = QTableWidgetItem(record.cells[at] if at < len(record.cells) else "")
                cell.setToolTip(cell.text())
                self.rows.setItem(row, at, cell)
        self._on_choice()

    def _on_choice(self, _place: int = 0) -> None:
        self._name_columns()
        self.rows.resizeColumnsToContents()
        for at in range(self.rows.columnCount()):
            self.rows.setColumnWidth(at, min(_WIDEST, self.rows.columnWidth(at)))
        text, tone = self._told()
        self.state.setText(text)
        set_tone(self.state, tone)
        self.changed.emit()

    def _name_columns(self) -> None:
        """Each heading with what it is taken for below it."""
        records = self._columns.records if self._columns is not None else ()
        cells = records[self.heading.currentIndex()].cells if records else ()
        taken = self._taken()
        for at in range(self.rows.columnCount()):
            name = cells[at] if at < len(cells) else ""
            item = QTableWidgetItem(f"{name}\n{', '.join(taken.get(name, ())) or ' '}")
            item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            self.rows.setHorizontalHeaderItem(at, item)

    def _taken(self) -> dict[str, list[str]]:
        """What each column is taken for, in words."""
        found: dict[str, list[str]] = {}
        for meaning, column in self.mapping.items():
            if column:
                found.setdefault(column, []).append(NAMES[meaning][0])
        return found

    def _lacking(self) -> list[str]:
        mapping = self.mapping
        return [NAMES[meaning][0] for meaning in mapped.NEEDED if not mapping[meaning]]

    def _told(self) -> tuple[str, str]:
        if lacking := self._lacking():
            return f"Still needed: a column for {', '.join(lacking)}.", "warning"
        for column, meanings in self._taken().items():
            if len(meanings) > 1 and set(meanings) != {"Date", "Time"}:
                return f"{column} is taken for {' and '.join(meanings)} at once.", "warning"
        if self._columns is not None and not self.rows.rowCount():
            return "There is no line below these headings.", "warning"
        return "Remembered for every table with these headings.", "muted"


def _sample_table() -> QTableWidget:
    table = QTableWidget(0, 0)
    table.setAccessibleName("First rows of the file")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setMinimumHeight(240)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    return table

"""The day's closed trades as a table, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from cockpit.domain.trade import Direction, Trade
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme import format as fmt

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, how a trade reads in it, and whether it is a number."""

    title: str
    text: Callable[[Trade], str]
    number: bool = True
    signed: bool = False


def _side(trade: Trade) -> str:
    return f"{fmt.UP} Long" if trade.direction is Direction.LONG else f"{fmt.DOWN} Short"


def _r(trade: Trade) -> str:
    value = trade.r_multiple
    return fmt.MISSING if value is None else f"{fmt.number(value, signed=True)} R"


COLUMNS: tuple[Column, ...] = (
    Column("Closed", lambda t: fmt.new_york_time(t.closed_ns), number=False),
    Column("Symbol", lambda t: t.symbol, number=False),
    Column("Side", _side, number=False),
    Column("Qty", lambda t: fmt.quantity(t.quantity)),
    Column("Entry", lambda t: fmt.price(t.entry_price)),
    Column("Exit", lambda t: fmt.price(t.exit_price)),
    Column("Net", lambda t: fmt.signed_money(t.net), signed=True),
    Column("R", _r, signed=True),
    Column("Fees", lambda t: fmt.money(t.fees)),
    Column("Held", lambda t: fmt.duration((t.closed_ns - t.opened_ns) / SECOND)),
    Column("Strategy", lambda t: t.strategy, number=False),
)
"""Data, not code: one entry a column."""


class TradesTable(QTableWidget):
    """Read-only; a trade's whole story is its row's tooltip."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(0, len(COLUMNS))
        self._theme = theme
        self._trades: tuple[Trade, ...] = ()
        self.setAccessibleName("Closed trades of the day")
        self.setHorizontalHeaderLabels([c.title for c in COLUMNS])
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setFont(theme.font())
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setFont(theme.font(FontRole.CAPTION))
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        for place, column in enumerate(COLUMNS):
            self._align_title(place, column)
        theme.changed.connect(self._draw)

    def _align_title(self, place: int, column: Column) -> None:
        item = self.horizontalHeaderItem(place)
        if item is not None:
            item.setTextAlignment(_alignment(column))

    def show_trades(self, trades: Sequence[Trade]) -> None:
        """Show these, the last closed on top."""
        if tuple(trades) != self._trades:
            self._trades = tuple(trades)
            self._draw()

    def _draw(self) -> None:
        self.setRowCount(len(self._trades))
        for row, trade in enumerate(reversed(self._trades)):
            for place, column in enumerate(COLUMNS):
                self.setItem(row, place, self._cell(trade, column))

    def _cell(self, trade: Trade, column: Column) -> QTableWidgetItem:
        item = QTableWidgetItem(column.text(trade))
        item.setTextAlignment(_alignment(column))
        if column.signed and trade.net:
            item.setForeground(QBrush(self._theme.colour("up" if trade.net > 0 else "down")))
        opened = fmt.new_york_time(trade.opened_ns)
        item.setToolTip(
            f"{trade.symbol} opened {opened}, gross {fmt.signed_money(trade.gross)}, "
            f"fees {fmt.money(trade.fees)}, {len(trade.execution_ids)} fills"
        )
        return item


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter

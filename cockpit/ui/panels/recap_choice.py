"""Which recap: its kind, any day of its period, and the trade of a post-mortem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from cockpit.domain.trade import Trade
from cockpit.journal.days import day_of
from cockpit.recap.kinds import KINDS
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.flow import FlowRow

if TYPE_CHECKING:
    from cockpit.journal.journal import Journal

TODAY = "Today"
NO_TRADE = "No trade is closed yet"
_MOST = 60
"""Days and trades to choose from, at most: older ones are there for `cockpit recap`."""


class RecapChoice(QWidget):
    """Kind, day and trade; the trade only where one is asked for."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal
        row = FlowRow()
        self.kinds, self.days, self.trades = QComboBox(), QComboBox(), QComboBox()
        for box, name in (
            (self.kinds, "Kind of recap"),
            (self.days, "Day of the period"),
            (self.trades, "Trade"),
        ):
            box.setAccessibleName(name)
            row.addWidget(box)
        self.setLayout(row)
        for kind in KINDS.values():
            self.kinds.addItem(kind.title, kind.name)
        self.trades.setMinimumContentsLength(34)
        self.kinds.currentIndexChanged.connect(self._on_kind)
        self.refresh()
        self._on_kind()

    @property
    def kind(self) -> str:
        """The kind's name."""
        return str(self.kinds.currentData())

    @property
    def day(self) -> str:
        """The chosen day, ISO 8601; empty for today."""
        return str(self.days.currentData() or "")

    @property
    def trade_id(self) -> str:
        """The trade of a post-mortem; empty for the last one that closed, and for other kinds."""
        return str(self.trades.currentData() or "") if self.kind == "post-mortem" else ""

    def refresh(self) -> None:
        """List the days and trades of now; what is chosen stays."""
        days = [(TODAY, ""), *((day, day) for day in self._journal.days()[:_MOST])]
        _fill(self.days, days)
        trades = reversed(self._journal.trades()[-_MOST:])
        rows = [(named(trade), trade.trade_id) for trade in trades]
        _fill(self.trades, rows or [(NO_TRADE, "")])
        self.trades.setEnabled(bool(rows))

    def _on_kind(self, _index: int = 0) -> None:
        is_of_trade = self.kind == "post-mortem"
        self.trades.setVisible(is_of_trade)
        self.days.setVisible(not is_of_trade)


def named(trade: Trade) -> str:
    """Symbol, end and net of a trade in the list."""
    hour = f" {fmt.new_york_time(trade.closed_ns)}" if trade.closed_timed else ""
    when = f"{day_of(trade.closed_ns)}{hour}"
    return f"{trade.symbol} {when}, {fmt.signed_money(trade.net)}"


def _fill(box: QComboBox, rows: list[tuple[str, str]]) -> None:
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    for text, value in rows:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)

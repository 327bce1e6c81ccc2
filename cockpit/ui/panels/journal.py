"""The journal: the day's trades, what they amount to, and the trader's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cockpit.domain.events import (
    FillBusted,
    JournalEntryWritten,
    PositionAdjusted,
    TradeClosed,
)
from cockpit.domain.values import session_date
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.panels.journal_note import NoteEditor
from cockpit.ui.panels.journal_statistics import StatisticsView
from cockpit.ui.panels.journal_trades import TradesTable
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.empty import EmptyState

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.journal.journal import Journal
    from cockpit.ports.clock import Clock
    from cockpit.ports.store import Store


class JournalPanel(QWidget):
    """Trades on the left; statistics or the day's note on the right."""

    def __init__(
        self,
        *,
        journal: Journal,
        store: Store,
        commands: Commands,
        clock: Clock,
        bridge: Bridge,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._journal, self._clock, self._theme = journal, clock, theme
        self._outdated = True
        self.setAccessibleName("Journal panel")
        self.trades = TradesTable(theme)
        self.empty = EmptyState(
            theme,
            "journal",
            "No trade is closed yet",
            "A position that goes flat becomes a trade and is written here by itself.",
        )
        self.statistics = StatisticsView(theme)
        self.note = NoteEditor(journal, store, commands, theme)
        self._build()
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    @property
    def day(self) -> str:
        """The session's New York day, ISO 8601."""
        return session_date(self._clock.now_ns()).isoformat()

    def _build(self) -> None:
        left = QStackedWidget()
        left.addWidget(self.empty)
        left.addWidget(self.trades)
        self._left = left
        self._views = QStackedWidget()
        self._views.addWidget(self.statistics)
        self._views.addWidget(self.note)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(Space.S, Space.XS, Space.S, Space.S)
        column.setSpacing(Space.XS)
        column.addLayout(self._tabs(("Statistics", "Note")))
        column.addWidget(self._views, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([680, 300])
        splitter.setChildrenCollapsible(False)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def _tabs(self, names: tuple[str, ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.XS)
        group = QButtonGroup(self)
        for place, name in enumerate(names):
            made = QPushButton(name)
            made.setCheckable(True)
            made.setChecked(place == 0)
            made.setProperty("kind", "quiet")
            made.setFont(self._theme.font(FontRole.CAPTION))
            made.setAccessibleName(f"Show {name.lower()}")
            group.addButton(made, place)
            row.addWidget(made)
        group.idClicked.connect(self._views.setCurrentIndex)
        row.addStretch(1)
        return row

    def _on_frame(self, frame: Frame) -> None:
        self._outdated |= frame.touched(
            TradeClosed, JournalEntryWritten, FillBusted, PositionAdjusted
        )
        if self._outdated and self.isVisible():
            self.refresh()
        if frame.heartbeat and self.note.isVisible():
            self.note.follow(self.day)

    def refresh(self) -> None:
        """Show the day's trades and statistics anew."""
        self._outdated = False
        trades = self._journal.trades(self.day)
        self.trades.show_trades(trades)
        self.statistics.show_day(trades, self._journal.statistics(self.day))
        self._left.setCurrentWidget(self.trades if trades else self.empty)

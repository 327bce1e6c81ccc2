"""The journal: trades, calendar, equity and groups of a period, its figures, the entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QMargins, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cockpit.app.bookkeeping.grouping import By
from cockpit.domain.currency import each_once
from cockpit.domain.events import (
    FillBooked,
    FillBusted,
    JournalEntryWritten,
    PositionAdjusted,
    TradeClosed,
)
from cockpit.domain.order import Order
from cockpit.domain.trade import Trade
from cockpit.domain.values import session_date
from cockpit.journal.search import query_of
from cockpit.kernel.aside import aside
from cockpit.ports.entries import FoundEntry
from cockpit.ui.asking import ask
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.charts.day_curve import DayCurve
from cockpit.ui.models.trades import (
    FoundRows,
    GroupRows,
    TradeRows,
    found_columns,
    group_columns,
    trade_columns,
)
from cockpit.ui.panels.journal_account import Accounts
from cockpit.ui.panels.journal_entry import EntryEditor
from cockpit.ui.panels.journal_facts import facts_of
from cockpit.ui.panels.journal_figures import Figures, figures_of, groups_of, results_of
from cockpit.ui.panels.journal_period import NO_TRADE, Period, Span, equity_of, nothing_of
from cockpit.ui.panels.journal_statistics import StatisticsView
from cockpit.ui.panels.journal_written import Written
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.blotter import Blotter
from cockpit.ui.widgets.empty import EmptyState
from cockpit.ui.widgets.flow import FlowRow
from cockpit.ui.widgets.heat_calendar import HeatCalendar
from cockpit.ui.widgets.labels import label
from cockpit.ui.widgets.segments import segments
from cockpit.ui.widgets.side_by_side import SideBySide

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.shelf import Shelf
    from cockpit.app.commands import Commands
    from cockpit.app.settings import JournalSettings
    from cockpit.journal.journal import Journal
    from cockpit.journal.tradebook import TradeBook
    from cockpit.ports.clock import Clock
    from cockpit.ports.store import Store

_MANY = 2_000  # trades whose statistics are reckoned beside the loop
_SEARCH_MS = 250
_TRADES, _CALENDAR, _EQUITY, _GROUPS, _FOUND, _EMPTY = range(6)
_VIEWS = ("Trades", "Calendar", "Equity", "Groups")


class JournalPanel(QWidget):
    """What was traded on the left, its figures or an entry on the right.

    It follows the session's day until a person picks another. `orders` finds an order by its
    client order id, for what a trade had planned. `shelf` has the books of other accounts, of
    which `account` is looked at first, where there is one of that name.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        store: Store,
        orders: Callable[[str], Order | None],
        commands: Commands,
        clock: Clock,
        bridge: Bridge,
        theme: Theme,
        lists: JournalSettings,
        shelf: Shelf | None = None,
        account: str = "",
        read_only: bool = False,
    ) -> None:
        super().__init__()
        self._own, self._store = journal, store
        self._book: TradeBook = journal
        self._commands, self._clock, self._theme = commands, clock, theme
        self._outdated = self._unread = True
        self._picked = ""  # a day that a person chose; empty: the session's
        self._asked = 0  # statistics asked for so far: an older answer counts no more
        self._written = Written(store, commands)
        self._written.changed.connect(self.refresh)
        self.setAccessibleName("Journal panel")
        self._make_views()
        self.statistics = StatisticsView(theme)
        self.note = EntryEditor(journal, store, commands, theme, lists=lists, facts_of=self._facts)
        self.note.saved.connect(self._read)
        self.accounts = Accounts(
            journal, orders, shelf, commands, theme, wanted=account, may_turn=self._may_turn
        )
        self.accounts.turned.connect(self._on_turned)
        self._build()
        if read_only:
            self.note.mute()
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    @property
    def day(self) -> str:
        """The day looked at, ISO 8601: the session's in New York, unless one was picked."""
        return self._picked or session_date(self._clock.now_ns()).isoformat()

    @property
    def period(self) -> Period:
        """What is shown."""
        return Period(Span(self.span.currentText()), self.day)

    # Building

    def _make_views(self) -> None:
        theme = self._theme
        self.rows, self.groups, self.results = TradeRows(), GroupRows(), FoundRows(self._symbol)
        self.trades = Blotter(
            trade_columns(), self.rows, theme, title="Closed trades", empty="No trade was closed"
        )
        self.trades.current_changed.connect(self._follow_trade)
        self.calendar = HeatCalendar(theme)
        self.calendar.day_chosen.connect(self.pick)
        self.equity = DayCurve(theme)
        self.equity.setAccessibleName("Equity of closed trades")
        self.grouped = Blotter(
            group_columns(), self.groups, theme, title="Groups of trades", empty="No trade to group"
        )
        self.found = Blotter(
            found_columns(), self.results, theme, title="Entries found",
            empty="Nothing holds these words. Try fewer, or a #tag.",
        )  # fmt: skip
        self.found.current_changed.connect(self._follow_found)
        self.empty = EmptyState(theme, "journal", *NO_TRADE)

    def _build(self) -> None:
        self._left = QStackedWidget()
        for view in (
            self.trades, self.calendar, self.equity, self._group_view(), self.found, self.empty,
        ):  # fmt: skip
            self._left.addWidget(view)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._tools())
        for part, stretch in ((self.accounts.unmatched, 0), (self._left, 1)):
            column.addWidget(part, stretch)
        self._right = QStackedWidget()
        self._right.addWidget(self.statistics)
        self._right.addWidget(self.note)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(Space.S, Space.XS, Space.S, Space.S)
        beside.setSpacing(Space.XS)
        tabs, self._right_tabs = segments(
            self._theme, self, ("Statistics", "Entry"), self._right.setCurrentIndex
        )
        tabs.addStretch(1)
        beside.addLayout(tabs)
        beside.addWidget(self._right, 1)
        splitter = SideBySide(left, right, (680, 320))
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def _tools(self) -> FlowRow:
        tabs = QWidget()
        line, self._left_tabs = segments(self._theme, self, _VIEWS, self._choose_view)
        line.setContentsMargins(0, 0, 0, 0)
        tabs.setLayout(line)
        self.span = QComboBox()
        self.span.setAccessibleName("Period")
        self.span.addItems([span.value for span in Span])
        self.span.currentIndexChanged.connect(self.refresh)
        self.when = label(self._theme, "", FontRole.CAPTION, "muted")
        self.accounts.failed.connect(self.when.setText)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setToolTip('Words, "phrases", #tags, and -words that must not be there')
        self.search.setMinimumWidth(96)
        self.search.setAccessibleName("Search entries")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(240)
        self._typing = QTimer(self, interval=_SEARCH_MS, singleShot=True)
        self._typing.timeout.connect(self.look_up)
        self.search.textChanged.connect(self._typing.start)
        return FlowRow(
            tabs,
            self.accounts.chooser,
            self.span,
            self.when,
            self.search,
            margins=QMargins(Space.S, Space.XS, Space.S, Space.XS),
        )

    def _group_view(self) -> QWidget:
        view = QWidget()
        column = QVBoxLayout(view)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.by = QComboBox()
        self.by.setAccessibleName("Group by")
        self.by.addItems([by.value for by in By])
        self.by.currentIndexChanged.connect(self.refresh)
        row = QHBoxLayout()
        row.setContentsMargins(Space.S, 0, Space.S, Space.XS)
        row.addWidget(label(self._theme, "Group by", FontRole.CAPTION, "muted"))
        row.addWidget(self.by)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.grouped, 1)
        return view

    # Following

    def _on_frame(self, frame: Frame) -> None:
        self._unread |= frame.touched(JournalEntryWritten)
        self._outdated |= frame.touched(TradeClosed, FillBusted, PositionAdjusted)
        if not self.isVisible():
            return
        if self.accounts.unread:
            self.accounts.read()
        if self._unread:
            self._read()
        if self._outdated:
            self.refresh()
        elif frame.touched(FillBooked):
            self._tell_open()
        if frame.heartbeat and self.note.isVisible() and not self.note.shows_trade:
            self.note.follow(self.day)

    def _read(self) -> None:
        """Read what is written about days and trades; the table shows it once it is there."""
        self._unread = False
        self._written.read(self._book.account_id)

    # Other accounts

    def _may_turn(self, book: TradeBook) -> bool:
        free = self.note.turn_to(book)
        if not free:
            self.show_entry()
        return free

    def _on_turned(self) -> None:
        """Another account: what was imported is seldom of today, so its last day is looked at."""
        self._book = self.accounts.book
        own = self._book is self._own
        days = () if own else self._book.closing_days()
        self._picked = days[-1] if days else ""
        self.note.follow(self.day)
        self._read()
        self.refresh()

    def pick(self, day: str) -> None:
        """Look at another day; today's own lets the panel follow the session again."""
        today = session_date(self._clock.now_ns()).isoformat()
        self._picked = "" if day == today else day
        self.note.follow(self.day)
        self.refresh()

    def picture_kept(self, trade_id: str) -> None:
        """There is one more picture beside a trade."""
        self.note.look_again(trade_id)

    def show_entry(self) -> None:
        """Turn to the entry."""
        self._right.setCurrentWidget(self.note)
        self._right_tabs.button(1).setChecked(True)

    def _follow_trade(self, trade_id: str) -> None:
        trade = self.rows.trade(trade_id)
        if trade is not None:
            about = f"{trade.direction.value.capitalize()} {trade.quantity.normalize():f} "
            self.note.follow(self.day, trade_id, about=f"{about}{trade.symbol}")

    def _follow_found(self, key: str) -> None:
        entry = self.results.entry(key)
        about = f"Trade in {self._symbol(entry.trade_id)}" if entry.trade_id else ""
        if self.note.follow(entry.day, entry.trade_id, about=about):
            self.show_entry()

    def _symbol(self, trade_id: str) -> str:
        trade = self._book.trade(trade_id)
        return trade_id.partition("-")[0] if trade is None else trade.symbol

    def _facts(self, trade_id: str) -> str:
        trade = self._book.trade(trade_id)
        if trade is None:
            return ""
        return facts_of(
            trade, self._book.fills_of(trade), self.accounts.order, self._written.excursions
        )

    # Showing

    def _choose_view(self, _place: int) -> None:
        self.search.clear()
        self.refresh()

    def look_up(self) -> None:
        """Search for what is typed; without words the view of before comes back."""
        text = self.search.text().strip()
        if not text:
            self.refresh()
            return
        body = self._store.search_entries(query_of(text), self._book.account_id, 200)
        ask(self._commands, body, "search-entries", done=partial(self._show_found, text))

    def _show_found(self, text: str, found: Sequence[FoundEntry]) -> None:
        if text == self.search.text().strip():
            self.results.show(found)
            self._left.setCurrentIndex(_FOUND)
            self.found.refresh()

    def refresh(self) -> None:
        """Show the period anew."""
        self._outdated = False
        period = self.period
        self.when.setText(period.short(session_date(self._clock.now_ns()).isoformat()))
        trades = period.trades(self._book)
        self._tell_open()
        if not self.search.text().strip():
            self._show_view(period, trades)
        self._ask_figures(period, trades)

    def _tell_open(self) -> None:
        day = self.day if self.period.span is Span.DAY else ""
        self.statistics.tell_open(day, self._book)

    def _show_view(self, period: Period, trades: Sequence[Trade]) -> None:
        place = self._left_tabs.checkedId()
        nothing = nothing_of(trades, curve=place == _EQUITY) if place != _CALENDAR else None
        self._left.setCurrentIndex(place if nothing is None else _EMPTY)
        if nothing is not None:
            self.empty.say(*nothing)
        if place == _CALENDAR:
            self._show_calendar()
        elif nothing is not None:
            return
        elif place == _TRADES:
            self.rows.show(trades, self._written.of_trades)
            self.trades.refresh()
        elif place == _EQUITY:
            self.equity.show_curve(*equity_of(self._book, period, ()))
            curve = equity_of(self._book, period, trades)
            self.equity.show_curve(*curve, trades[0].currency)
        else:
            by = By(self.by.currentText())
            found = groups_of(
                self._book, trades, by, self._written.of_days, self._written.of_trades
            )
            self.groups.show(found)
            self.grouped.refresh()

    def _show_calendar(self) -> None:
        results = results_of(self._book)
        written = {day for day, entry in self._written.of_days.items() if entry.note}
        last = max([self.day, session_date(self._clock.now_ns()).isoformat(), *results])
        self.calendar.show_days(results, written, date.fromisoformat(last), self.day)

    def _ask_figures(self, period: Period, trades: Sequence[Trade]) -> None:
        first = period.bounds[0] or None
        equity = self._book.equity_before(first)
        money = each_once(trade.currency for trade in trades)
        reckon = partial(figures_of, trades, period.words, equity, self._book.sessions, money)
        curve = equity_of(self._book, period, trades)[1].tolist()
        self._asked += 1
        if len(trades) < _MANY:
            self._show_figures(self._asked, curve, reckon())
            return
        ask(self._commands, aside(reckon, name="statistics"), "statistics",
            done=partial(self._show_figures, self._asked, curve))  # fmt: skip

    def _show_figures(self, asked: int, curve: Sequence[float], figures: Figures) -> None:
        if asked == self._asked:
            self.statistics.show_period(curve, *figures)

"""The journal's panel over several currencies: no curve and no sum of a day, and why."""

from __future__ import annotations

from datetime import date

from PySide6.QtWidgets import QApplication

from cockpit.ui.panels.journal_figures import results_of
from cockpit.ui.panels.journal_period import Period, Span, equity_of, nothing_of
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.heat_calendar import HeatCalendar
from tests.unit.journal.test_two_currencies import DAY, closed_in_both


def test_the_panel_draws_no_curve_and_says_why(qapp: QApplication) -> None:
    account = closed_in_both()
    period = Period(Span.ALL, DAY)
    trades = period.trades(account.trades)
    assert equity_of(account.trades, period, trades)[0].size == 0
    nothing = nothing_of(trades, curve=True)
    assert nothing is not None
    assert "Trades in EUR and USD can't be added up." in nothing[1]
    assert nothing_of(trades, curve=False) is None
    calendar = HeatCalendar(Theme())
    calendar.show_days(results_of(account.trades), set(), date(2018, 1, 2), DAY)
    calendar.resize(400, 300)
    assert not calendar.grab().isNull()
    assert calendar.told(date(2018, 1, 2)) == (
        "Tue 2 Jan 2018: trades in EUR and USD can't be added up, 2 trades, 1 won, 1 lost"
    )

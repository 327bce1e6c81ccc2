"""Which recap: without a closed trade there is none to take apart, and the panel says so."""

from __future__ import annotations

import msgspec
import pytest

from cockpit.journal.journal import Journal
from cockpit.ui.panels import recap_choice
from cockpit.ui.panels.recap_choice import NO_TRADE, RecapChoice
from tests.support.fills import fills

pytestmark = pytest.mark.usefixtures("qapp")


def test_without_a_closed_trade_the_box_says_so() -> None:
    choice = RecapChoice(Journal.from_fills([], account_id="DEMO-1"))
    assert choice.trades.currentText() == NO_TRADE
    assert not choice.trades.isEnabled()
    assert choice.trade_id == ""


def test_a_trade_is_named_by_its_hour_where_that_is_known() -> None:
    journal = Journal.from_fills(fills("+10 @ 10", "-10 @ 12"), account_id="DEMO-1")
    choice = RecapChoice(journal)
    choice.kinds.setCurrentIndex(choice.kinds.findData("post-mortem"))
    (trade,) = journal.trades()
    assert choice.trades.isEnabled()
    assert choice.trade_id == trade.trade_id
    assert ":" in choice.trades.currentText()
    untimed = msgspec.structs.replace(trade, closed_timed=False)
    assert ":" not in recap_choice.named(untimed)

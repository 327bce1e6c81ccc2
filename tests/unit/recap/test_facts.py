from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.fact import Fact, Unit
from cockpit.domain.fill import Fill
from cockpit.journal import words
from cockpit.journal.journal import Journal
from cockpit.recap.fact_maker import FactMaker
from cockpit.recap.facts import daily_facts
from cockpit.recap.trade_facts import trade_rows
from tests.support.fills import MINUTE, NINE_THIRTY, fill, fills

DAY = "2018-01-02"


def facts_of(story: Sequence[Fill], account: str = "DEMO-1") -> dict[str, Fact]:
    return {f.id: f for f in daily_facts(Journal.from_fills(story, account_id=account), DAY)}


def test_the_usual_day() -> None:
    facts = facts_of([
        *fills("+100 @ 10", "-100 @ 12", "-50 @ 12", "+50 @ 12.5", fee="1.005"),
        *fills("+1 @ 1500", "-1 @ 1500", symbol="B", first=30),
    ])  # fmt: skip
    expected = {
        "session": "Simulated session", "date": "Tuesday, 2 January 2018", "net": "+$170.98",
        "gross": "+$175.00", "fees": "$4.02", "trades": "3 trades", "wins": "1 win",
        "losses": "1 loss", "scratches": "1 scratch", "win_rate": "50.0%",
        "profit_factor": "7.33", "largest_win": "+$197.99", "largest_win.symbol": "XXX",
        "largest_loss": "-$27.01", "largest_loss.direction": "short", "symbol.B.net": "$0.00",
        "symbol.XXX.trades": "2 trades", "strategy.manual.net": "+$170.98",
        "shares": "302 shares", "first_fill": "09:31", "last_fill": "10:01",
        "open_positions": "0 open positions", "max_drawdown": "-$27.01",
    }  # fmt: skip
    assert {id_: facts[id_].text for id_ in expected} == expected


def test_losses_and_fees_can_not_be_left_out() -> None:
    facts = facts_of(fills("+1 @ 10", "-1 @ 9", fee="1"))
    required = {id_ for id_, fact in facts.items() if fact.required}
    assert required == {"net", "fees", "trades", "losses", "largest_loss"}


def test_each_figure_leads_back_to_its_fills() -> None:
    facts = facts_of([*fills("+1 @ 10", "-1 @ 9"), *fills("+1 @ 10", "-1 @ 12", first=3)])
    assert facts["net"].provenance == ("x1", "x2", "x3", "x4")
    assert facts["largest_loss"].provenance == ("x1", "x2")
    assert facts["trade.002.net"].provenance == ("x3", "x4")
    assert facts["first_fill"].provenance == ("x1",)
    assert all(fact.definition and fact.period == DAY for fact in facts.values())


def test_a_partial_exit_counts_in_the_day_but_is_no_trade() -> None:
    facts = facts_of(fills("+100 @ 10", "-40 @ 12", fee="1"))
    assert (facts["net"].value, facts["trades"].value) == (78, 0)
    assert facts["open.1"].text == "long 60 XXX"
    assert facts["open_positions"].text == "1 open position"


def test_a_trade_over_night_brings_each_day_its_own_money() -> None:
    tomorrow = NINE_THIRTY + 24 * 60 * MINUTE
    story = [fill(1, "+2 @ 10", fee="1"), fill(2, "-1 @ 11"), fill(3, "-1 @ 15", ts_ns=tomorrow)]
    book = Journal.from_fills(story, account_id="DEMO-1")
    nets = [{f.id: f for f in daily_facts(book, day)}["net"].value for day in (DAY, "2018-01-03")]
    assert nets == [0, 5]


def test_what_is_undefined_says_why() -> None:
    facts = facts_of(fills("+1 @ 10", "-1 @ 12"))
    assert facts["profit_factor"].value is None
    assert facts["profit_factor"].text == "undefined: no trade lost"
    assert "largest_loss" not in facts


def test_without_any_fill_there_are_still_facts() -> None:
    facts = facts_of([], account="REPLAY-3")
    assert facts["session"].text == "Replay of 2018-01-02"
    assert facts["net"].text == "$0.00"
    assert "first_fill" not in facts
    assert facts_of([], account="U123")["session"].text == "Live session"


def test_trades_come_back_as_rows() -> None:
    story = [fill(1, "+1000 @ 10.1234", stop="9"), fill(2, "-1000 @ 12")]
    (row,) = trade_rows(facts_of(story).values())
    assert row["quantity"].text == "1,000"
    assert row["entry"].text == "10.1234"
    assert row["r"].unit is Unit.R
    assert row["net"].value == Decimal("1876.6")


def test_what_rounds_to_nothing_has_no_sign() -> None:
    tiny = Decimal("-0.00001")
    assert (words.price(tiny), words.percent(tiny), words.ratio(tiny)) == ("0.00", "0.0%", "0.00")
    assert words.r_multiple(tiny) == words.r_multiple(Decimal(0)) == "+0.00R"
    fact = FactMaker("2018-01-02").money("net", "Net", Decimal("-0.003"), "rule", ())
    assert (fact.text, fact.sign) == ("$0.00", 0)

from __future__ import annotations

import pytest

from cockpit.domain.fact import Fact
from cockpit.journal.journal import Journal
from cockpit.ports.writer import Draft
from cockpit.recap.check import objections_to
from cockpit.recap.facts import daily_facts
from cockpit.recap.slots import by_id, filled
from tests.support.fills import fills

NEEDED = (
    "Net {{fact:net}}, fees {{fact:fees}}, {{fact:trades}}, {{fact:losses}}, "
    "largest loss {{fact:largest_loss}}."
)


@pytest.fixture
def facts() -> dict[str, Fact]:
    """Two wins of 20 and 10, a loss of 40, fees of 6: a day of minus 16."""
    story = fills("+10 @ 10", "-10 @ 12", "+10 @ 10", "-10 @ 11", "+10 @ 10", "-10 @ 6", fee="1")
    return by_id(daily_facts(Journal.from_fills(story, account_id="DEMO-1"), "2018-01-02"))


def objections(facts: dict[str, Fact], prose: str, title: str = "A day") -> tuple[str, ...]:
    return objections_to(Draft(title=title, body=f"{NEEDED}\n\n{prose}", writer="w"), facts)


@pytest.mark.parametrize(
    "prose",
    [
        "I won {{fact:wins}} and lost {{fact:losses}}.",
        "The day was down {{fact:net}}, and {{fact:fees}} of that went to fees.",
        "The best trade brought {{fact:largest_win}}. The worst took {{fact:largest_loss}}.",
        "The largest win was {{fact:largest_win}} at {{fact:largest_win.time}}.",
        "A win rate of {{fact:win_rate}}, on {{ fact:date }}.",
        "The profit factor was {{fact:profit_factor}}, so the day was behind.",
        "Words without any claim at hand... and a pause.",
        "The drawdown of {{fact:max_drawdown}} hurt.",
    ],
)
def test_honest_prose_passes(facts: dict[str, Fact], prose: str) -> None:
    assert objections(facts, prose) == ()


@pytest.mark.parametrize(
    ("prose", "reason"),
    [
        ("I made it in 3 trades {{fact:largest_win}}.", 'figure "3"'),
        ("Size was ½ of usual.", 'figure "½"'),
        ("Chapter Ⅳ of the plan.", 'figure "Ⅳ"'),
        ("It took three tries.", 'word "three"'),
        ("Twice as much as before.", 'word "Twice"'),
        ("It came to thirty dollars.", 'word "thirty"'),
        ("Every entry was on plan.", 'word "Every"'),
        ("I was up {{fact:net}}.", 'word "up"'),
        ("The day was up.", 'word "up"'),
        ("For the record: Up on the day.", 'word "Up"'),
        ("I lost {{fact:wins}}.", 'word "lost"'),
        ("There was no loss.", 'word "loss"'),
        ("A profitable day, {{fact:fees}} in fees.", 'word "profitable"'),
        ("Down {{fact:largest_win}}.", 'word "Down"'),
        ("The account stayed flat at {{fact:net}}.", 'word "flat"'),
        ("The best trade was {{fact:largest_loss}}.", 'superlative "best"'),
        ("The worst trade was {{fact:largest_win}}.", 'superlative "worst"'),
        ("The best trade was {{fact:net}}, unlike {{fact:largest_win}}.", 'superlative "best"'),
        ("My best day so far.", 'superlative "best"'),
        ("The biggest trade was {{fact:shares}}.", 'superlative "biggest"'),
        ("It took 三 tries.", 'figure "三"'),
        ("It took th\u200bree tries.", "hidden character"),
        ("It took th**re**e tries.", 'word "three"'),
        ("Tenfold what I had.", 'word "Tenfold"'),
        ("I halved it.", 'word "halved"'),
        ("A quadrupled size.", 'word "quadrupled"'),
        ("A twentieth of it.", 'word "twentieth"'),
        ("I was up, with {{fact:wins}}.", 'word "up"'),
        ("A green day, {{fact:win_rate}}.", 'word "green"'),
        ("Profitable at {{fact:profit_factor}}.", 'word "Profitable"'),
        ("I profited {{fact:net}}.", 'word "profited"'),
        ("The account grew by {{fact:net}}.", 'word "grew"'),
        ("It climbed {{fact:net}}.", 'word "climbed"'),
        ("Better by {{fact:net}}.", 'word "Better"'),
        ("It sank {{fact:largest_win}}.", 'word "sank"'),
        ("It came to {{fact:nonsense}}.", 'no fact "nonsense"'),
        ("It came to {{net}}.", "not written as"),
        ("It came to {{fact:net}.", "not written as"),
    ],
)
def test_a_figure_or_claim_of_its_own_is_refused(
    facts: dict[str, Fact], prose: str, reason: str
) -> None:
    assert any(reason in objection for objection in objections(facts, prose))


@pytest.mark.parametrize("left_out", ["net", "fees", "trades", "losses", "largest_loss"])
def test_a_required_fact_can_not_be_left_out(facts: dict[str, Fact], left_out: str) -> None:
    body = NEEDED.replace(f"{{{{fact:{left_out}}}}}", "")
    found = objections_to(Draft(title="t", body=body, writer="w"), facts)
    assert f'the fact "{left_out}" must appear in the body' in found


def test_the_title_is_held_to_the_same(facts: dict[str, Fact]) -> None:
    assert objections(facts, "", title="Up 5 percent")
    assert objections(facts, "", title="One\nmore")
    assert objections(facts, "", title=" ")
    assert not objections(facts, "", title="A day that cost {{fact:net}}")


def test_a_fact_can_not_break_out_of_its_slot(facts: dict[str, Fact]) -> None:
    evil = by_id(daily_facts(
        Journal.from_fills(fills("+1 @ 1", "-1 @ 2", symbol="<b>*X|_"), account_id="DEMO-1"),
        "2018-01-02",
    ))  # fmt: skip
    assert filled("{{fact:largest_win.symbol}}", evil) == r"\<b\>\*X\|\_"
    assert filled("{{fact:largest_win.symbol}}", evil, markdown=False) == "<b>*X|_"


@pytest.mark.parametrize(
    "hidden", [f"<!-- {NEEDED} -->", f"[x]: /{NEEDED.replace(' ', '')}", f"![]({NEEDED})"]
)
def test_a_required_fact_can_not_be_hidden(facts: dict[str, Fact], hidden: str) -> None:
    found = objections_to(Draft(title="t", body=f"A quiet day.\n\n{hidden}", writer="w"), facts)
    assert any("plain Markdown" in objection for objection in found)


@pytest.mark.parametrize(
    "prose",
    [
        "It ended at {{fact:net}}.",
        "I was done between {{fact:first_fill}} and {{fact:average_hold}}, held a trade a while.",
        "The best trade was {{fact:largest_win.symbol}} for {{fact:largest_win.time}}.",
        "The worst took {{fact:largest_loss}} with it at {{fact:largest_loss}}.",
        "- **{{fact:symbol.XXX}}**: {{fact:net}} over {{fact:symbol.XXX.trades}}",
        "That day it was {{fact:symbol.XXX.net}} for the week.",
    ],
)
def test_figures_in_the_place_of_another_are_found(facts: dict[str, Fact], prose: str) -> None:
    two = dict(facts)
    two["symbol.YYY"] = Fact(
        id="symbol.YYY", label="Symbol", unit=facts["symbol.XXX"].unit, value=None, text="YYY",
        period="2018-01-02", definition="d",
    )  # fmt: skip
    assert objections(two, prose)


@pytest.mark.parametrize(
    "prose",
    [
        "I began at {{fact:first_fill}} and was done by {{fact:last_fill}}.",
        "In the market from {{fact:first_fill}} until {{fact:last_fill}}.",
        "It ended at {{fact:last_fill}}.",
        "With {{fact:shares}} in and out and about {{fact:average_hold}} in a trade.",
    ],
)
def test_times_and_durations_in_their_place_pass(facts: dict[str, Fact], prose: str) -> None:
    assert objections(facts, prose) == ()

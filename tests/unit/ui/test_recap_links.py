from decimal import Decimal

import msgspec

from cockpit.domain.fact import Fact, Unit
from cockpit.ui.recap_links import decode_facts, linked


def fact(name: str, text: str, label: str) -> Fact:
    return Fact(
        id=name, label=label, unit=Unit.MONEY, value=Decimal(1), text=text, period="day",
        definition="sum",
    )  # fmt: skip


NET, FEES = fact("net", "-$97.07", "Net"), fact("fees", "$7.07", "Fees")


def test_a_figure_links_to_its_fact():
    assert linked("It cost -$97.07 today.", [NET, FEES]) == "It cost [-$97.07](fact:net) today."


def test_a_part_of_a_longer_figure_is_no_figure():
    assert linked("It was $7.075 or 1$7.07", [FEES]) == "It was $7.075 or 1$7.07"


def test_headings_and_facts_of_words_stay_plain():
    words = fact("word", "a word", "Word")
    assert linked("# Lost -$97.07\na word", [NET, words]) == "# Lost -$97.07\na word"


def test_figures_that_read_alike_go_to_the_label_before_them():
    gross = fact("gross", "$5.00", "Gross")
    fees = fact("fees", "$5.00", "Fees")
    made = linked("Gross $5.00, Fees $5.00", [fees, gross])
    assert made == "Gross [$5.00](fact:gross), Fees [$5.00](fact:fees)"


def test_facts_come_back_from_the_store():
    assert decode_facts(msgspec.json.encode([NET, FEES]).decode()) == (NET, FEES)
    assert decode_facts("") == ()

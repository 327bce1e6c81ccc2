"""What a model may say beside a slot and without one: honest sentences pass, strange ones don't."""

from __future__ import annotations

from random import Random

import pytest

from cockpit.domain.fact import Fact
from cockpit.ports.writer import Draft
from cockpit.recap.beside import shipped
from cockpit.recap.check import objections_to
from cockpit.recap.facts import daily_facts
from cockpit.recap.sample import sample_of
from cockpit.recap.slots import by_id
from cockpit.recap.unbacked import shipped as shipped_claims
from tests.support.recap_facts import PERIODS
from tests.support.recap_honest import lines, true_of

DAY = "2024-03-13"


def objections(text: str, facts: dict[str, Fact], *, own: bool = False) -> list[str]:
    draft = Draft(title="A page of the notebook", body=text, writer="w")
    return [why for why in objections_to(draft, facts, own=own) if "must appear" not in why]


@pytest.mark.parametrize("kind", PERIODS)
def test_of_a_hundred_honest_sentences_none_or_one_is_refused(kind: str) -> None:
    made = [PERIODS[kind](Random(seed)) for seed in range(12)]
    refused: dict[str, list[str]] = {}
    told = 0
    for name in (kind, "plain"):
        for line in (*lines(name, held_out=False), *lines(name, held_out=True)):
            said = next((t, f) for f in made for t in true_of(line, f))
            told += 1
            if found := objections(*said):
                refused[line] = found
    assert len(refused) * 100 < told, refused
    assert told >= 100


@pytest.fixture(scope="module", params=["win", "loss"])
def day(request: pytest.FixtureRequest) -> tuple[str, dict[str, Fact]]:
    book = sample_of("daily", request.param, DAY).book
    return request.param, by_id(daily_facts(book, DAY))


@pytest.mark.parametrize(
    "text",
    [
        "The account holds {{fact:net}}.",
        "My account grew to {{fact:net}}.",
        "I started at {{fact:net}}.",
        "I paid {{fact:net}} in tax.",
        "Open profit is {{fact:net}}.",
        "The gross, {{fact:gross}}, is what I keep.",
        "{{fact:largest_loss.symbol}} saved the day.",
        "{{fact:largest_loss.symbol}} carried the day.",
        "I still hold {{fact:largest_win.symbol}}.",
        "The net, {{fact:net}}, is {{fact:largest_win.symbol}} alone.",
        "I netted {{fact:net}} in {{fact:largest_win.symbol}}.",
        "It was a trifecta.",
        "A C-note came in.",
        "A brace.",
        "I was stopped out.",
        "The market liked it, and the account with it.",
        "It came to {{fact:net}}, and Microsoft fell.",
    ],
)
def test_what_no_fact_bears_out_is_refused(day: tuple[str, dict[str, Fact]], text: str) -> None:
    assert objections(text, day[1])


@pytest.mark.parametrize(
    ("text", "mood"),
    [("I am out {{fact:net}}.", "loss"), ("The day ended in the black at {{fact:net}}.", "win")],
)
def test_words_of_a_gain_or_a_loss_need_its_sign(
    day: tuple[str, dict[str, Fact]], text: str, mood: str
) -> None:
    assert bool(objections(text, day[1])) == (day[0] != mood)


def test_our_own_texts_are_not_held_to_a_models_words(day: tuple[str, dict[str, Fact]]) -> None:
    text = "The desk is tidy, the account stands where it stands: {{fact:net}}."
    assert objections(text, day[1])
    assert objections(text, day[1], own=True) == []


def test_each_kind_of_fact_has_words_of_its_own() -> None:
    known = shipped().by_id
    for kind, make in PERIODS.items():
        for seed in range(6):
            for fact in make(Random(seed)).values():
                parts = fact.id.split(".")
                assert {parts[0], parts[-1]} & known.keys(), (kind, fact.id)


def test_every_claim_has_a_name_and_the_lists_can_be_read() -> None:
    topics = shipped_claims().topics
    assert len({topic.name for topic in topics}) == len(topics) >= 8

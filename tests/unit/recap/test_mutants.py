"""A quick turn of the mutation harness, and its table in the docs."""

from __future__ import annotations

import re
from random import Random

import pytest

from cockpit.domain.fact import Fact
from cockpit.ports.writer import Draft
from cockpit.recap.check import faults_in, objections_to
from tests.mutation.recap import false_alarms, outcome
from tests.mutation.recap_lies import LIES
from tests.support.needs import ROOT
from tests.support.recap_prose import day_of

PAGE = (ROOT / "docs" / "recap-mutants.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def days() -> list[dict[str, Fact]]:
    return [day_of(Random(seed)) for seed in range(9_000, 9_012)]


@pytest.mark.parametrize("name", LIES)
def test_every_class_of_wrong_number_is_caught(name: str, days: list[dict[str, Fact]]) -> None:
    found = outcome(name, LIES[name], days, 6)
    assert (found.caught, found.passed) == (found.cases, "")


def test_clean_text_passes(days: list[dict[str, Fact]]) -> None:
    assert [why for _, why in false_alarms(days, 25).values()] == [[], []]


def test_the_table_is_of_these_classes_and_nothing_passed() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE)
    lies, clean = rows[: len(LIES)], rows[len(LIES) :]
    assert [name for name, _, _ in lies] == list(LIES)
    assert all(cases == caught == "1,000" for _, cases, caught in lies)
    assert all(int(refused) * 100 < int(pages.replace(",", "")) for _, pages, refused in clean)


def test_a_page_that_is_refused_says_each_reason_once(days: list[dict[str, Fact]]) -> None:
    draft = Draft(title="A page", body="I made 5. I made 5.", writer="w")
    words = objections_to(draft, days[0])
    assert len(set(words)) == len(words) == len(faults_in(draft, days[0]))

"""A quick turn of the mutation harness, and its table in the docs."""

from __future__ import annotations

import re

import pytest

from cockpit.ports.writer import Draft
from cockpit.recap.check import faults_in, objections_to
from tests.mutation.recap import LIES, Facts, false_alarms, outcome, periods
from tests.support.needs import ROOT
from tests.support.recap_facts import PERIODS

PAGE = (ROOT / "docs" / "recap-mutants.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made() -> dict[str, list[Facts]]:
    return {kind: periods(kind, range(9_000, 9_008)) for kind in PERIODS}


@pytest.mark.parametrize("name", LIES)
def test_every_class_of_wrong_number_is_caught(name: str, made: dict[str, list[Facts]]) -> None:
    found = [outcome(name, kind, made[kind], 6 if kind == "daily" else 3) for kind in PERIODS]
    assert [one for one in found if one.caught < one.cases] == []
    assert any(one.cases for one in found)


@pytest.mark.parametrize("kind", PERIODS)
def test_clean_text_passes(kind: str, made: dict[str, list[Facts]]) -> None:
    assert [one.reasons for one in false_alarms(kind, made[kind], 16)] == [[], []]


def test_the_tables_are_of_these_classes_and_nothing_passed() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    lies = {row[0]: row[1:] for row in rows if row[0] in LIES}
    assert list(lies) == list(LIES)[: len(lies)]
    assert len(lies) >= 24
    for cells in lies.values():
        figures = re.findall(r"[\d,]+", " ".join(cells))
        assert figures[::2] == figures[1::2] != []
    clean = [row for row in rows if row[0] in ("prose of its own", "blocks that ship")]
    assert clean
    assert all(int(row[-1]) * 100 < int(row[-2].replace(",", "")) for row in clean)


def test_a_page_that_is_refused_says_each_reason_once(made: dict[str, list[Facts]]) -> None:
    draft = Draft(title="A page", body="I made 5. I made 5.", writer="w")
    words = objections_to(draft, made["daily"][0])
    assert len(set(words)) == len(words) == len(faults_in(draft, made["daily"][0]))

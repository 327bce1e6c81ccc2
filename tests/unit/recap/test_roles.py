"""A fresh reader's sentences, and who did what to whom."""

from __future__ import annotations

import re

import pytest

from cockpit.kernel.resources import resource
from tests.support.recap_fresh import lines, refusals

PASSING_LIES = 30
"""Reflection without a figure, for the most part: "I was greedy", "I missed the move"."""


def test_of_a_fresh_readers_honest_sentences_hardly_one_is_refused() -> None:
    refused = {line: why for line in lines("honest") if (why := refusals(line))}
    later = {line: why for line in lines("later-honest") if (why := refusals(line))}
    assert len(lines("honest")) >= 65
    assert len(refused) < 3, refused
    assert len(later) < 3, later


def test_of_a_fresh_readers_lies_few_pass_and_of_those_with_a_figure_hardly_any() -> None:
    lies = (*lines("lies"), *lines("later-lies"))
    passed = [line for line in lies if not refusals(line)]
    assert len(lies) >= 320
    assert len(passed) <= PASSING_LIES, passed
    assert len([line for line in passed if "{{" in line]) <= 8, passed


@pytest.mark.parametrize(
    "line",
    [
        (
            "daily win | {{fact:largest_win.symbol}} at {{fact:largest_loss.time}} "
            "lost {{fact:largest_loss}}."
        ),
        "weekly win | {{fact:symbol.MSFT}} on {{fact:largest_win.date}} made {{fact:largest_win}}.",
        "daily win | {{fact:symbol.AAPL}} closed out at {{fact:last_fill}}.",
        "daily win | I was paid {{fact:fees}} by the broker.",
        "daily win | I charged {{fact:fees}} in commissions.",
        "daily win | I closed {{fact:trades}}: {{fact:fees}} of fees kept by me.",
        "daily win | {{fact:trades}} were refused.",
        "daily carried | I hold {{fact:open.1}} short.",
        "post-mortem win | I sold {{fact:quantity}} short.",
        "devlog rough | The venue refused {{fact:denied}}.",
        "devlog rough | The gate stopped {{fact:rejected}}.",
        "devlog rough | {{fact:orders}} went through.",
        "devlog rough | {{fact:filled_orders}}, the rest expired.",
        "digest up | {{fact:symbol.AAPL}} closed at its high of {{fact:symbol.AAPL.close}}.",
        "digest up | Total volume was {{fact:symbol.MSFT.volume}}.",
        (
            "digest up | {{fact:symbol.SPY}} closed at {{fact:symbol.SPY.close}}, "
            "over its open of {{fact:symbol.SPY.open}}."
        ),
    ],
)  # fmt: skip
def test_a_figure_in_the_part_of_another_is_refused(line: str) -> None:
    assert refusals(line)


_DOUBLED = re.compile(
    r"\b(?:gave (?:back|up|away)|took|takes|cost|lost|loses?|paid|shed|dropped|fell|slipped|bled"
    r"|down|a loss of|losses of|minus|behind by)(?: \w+){0,2} \{\{fact:"
    r"(?P<id>[\w.]*(?:net|gross|max_drawdown|largest_loss|worst_day|average_loss|adverse))\}\}"
)


@pytest.mark.parametrize("name", ["daily", "weekly", "digest", "devlog", "post-mortem"])
def test_no_text_of_ours_says_a_loss_twice(name: str) -> None:
    """A slot brings its own sign: what "gave back -$24.39" is a gain."""
    text = resource(f"templates/{name}.toml").read_text(encoding="utf-8")
    assert [found[0] for found in _DOUBLED.finditer(text)] == []

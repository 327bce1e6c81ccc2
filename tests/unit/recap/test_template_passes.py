"""Whatever the day, every sentence the template writer may pick passes the checks."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.adapters.writers.template.blocks import load_blocks, load_frame
from cockpit.adapters.writers.template.writer import flags_of, mood_of
from cockpit.domain.fact import Fact
from cockpit.domain.fill import Fill
from cockpit.journal.journal import Journal
from cockpit.kernel.resources import resource
from cockpit.ports.writer import Draft
from cockpit.recap.check import objections_to
from cockpit.recap.facts import daily_facts
from cockpit.recap.render import rendered
from cockpit.recap.slots import by_id
from cockpit.recap.voice import load_voice
from tests.support.fills import fill, fills

BLOCKS = load_blocks(resource("templates/daily.toml"))
FRAME = load_frame(resource("voice/owner.toml"))
VOICE = load_voice()
ALL_TEXTS = {
    text for paragraph in BLOCKS.paragraph for sentence in paragraph.sentence
    for text in sentence.text
}  # fmt: skip


def in_euros(story: Sequence[Fill]) -> list[Fill]:
    return [msgspec.structs.replace(each, currency="EUR") for each in story]


DAYS = {
    "win": [*fills("+9 @ 10", "-9 @ 12", "-9 @ 10", "+9 @ 11", fee="1"),
            *fills("+9 @ 1", "-9 @ 1", symbol="B", first=9)],
    "loss": [*fills("+9 @ 10", "-9 @ 8", "-9 @ 10", "+9 @ 9.5", fee="1")],
    "loss for free": fills("+9 @ 10", "-9 @ 8", "+9 @ 10", "-9 @ 9"),
    "single win": [fill(1, "+9 @ 10", stop="9"), fill(2, "-9 @ 11")],
    "single loss": [fill(1, "+9 @ 10", stop="9"), fill(2, "-9 @ 9")],
    "wins only": fills("+9 @ 10", "-9 @ 12", "+9 @ 10", "-9 @ 11"),
    "level": fills("+9 @ 10", "-9 @ 12", "+9 @ 12", "-9 @ 10"),
    "scratch": fills("+9 @ 10", "-9 @ 10"),
    "none": [],
    "carried": fills("+9 @ 10", "-4 @ 12", fee="1"),
    "carried and closed": [*fills("+9 @ 10", "-9 @ 12"), *fills("+1 @ 1", symbol="B", first=7)],
    "several": [*fills("+9 @ 10", "-9 @ 12"),
                *in_euros(fills("+9 @ 10", "-9 @ 8", symbol="EUROS", first=7))],
}  # fmt: skip

for name in ("win", "single win", "loss", "single loss"):
    DAYS[f"{name}, no times"] = [msgspec.structs.replace(f, timed=False) for f in DAYS[name]]


def facts_of(story: list[Fill]) -> dict[str, Fact]:
    book = Journal.from_fills(story, account_id="DEMO-1")
    return by_id(daily_facts(book, "2018-01-02"))


def possible_texts(facts: dict[str, Fact]) -> set[str]:
    flags = flags_of(facts, mood_of(facts))
    return {
        text for paragraph in BLOCKS.paragraph for sentence in paragraph.sentence
        if flags.issuperset(sentence.when) for text in sentence.text
    }  # fmt: skip


def objections_of(text: str, facts: dict[str, Fact], title: str = "t") -> list[str]:
    draft = Draft(title=title, body=text, writer="w")
    found = [o for o in objections_to(draft, facts, own=True) if "must appear" not in o]
    return found or list(VOICE.flaws(rendered(draft, facts)))


@pytest.mark.parametrize("day", DAYS)
def test_every_text_that_a_day_may_get_passes(day: str) -> None:
    facts = facts_of(list(DAYS[day]))
    mood = mood_of(facts)
    framing = (*FRAME.intro.get(mood, ()), *FRAME.closing.get(mood, ()))
    faults = {
        text: found for text in (*possible_texts(facts), *framing)
        if (found := objections_of(text, facts))
    }  # fmt: skip
    titles = {t: found for t in BLOCKS.title[mood] if (found := objections_of("b", facts, t))}
    assert faults | titles == {}


def test_the_days_above_reach_every_text() -> None:
    reached = set[str]().union(*(possible_texts(facts_of(list(s))) for s in DAYS.values()))
    assert reached == ALL_TEXTS


rows = st.lists(
    st.tuples(st.integers(-5, 5).filter(bool), st.integers(1, 9), st.sampled_from("AB"),
              st.booleans()),
    max_size=14,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(rows)
def test_no_day_can_make_a_text_lie(story: list[tuple[int, int, str, bool]]) -> None:
    facts = facts_of([
        fill(n, f"{size} @ {price}", symbol=symbol, fee="0.5" if paid else "0",
             stop=str(price - 0.5) if paid else None)
        for n, (size, price, symbol, paid) in enumerate(story)
    ])  # fmt: skip
    for text in possible_texts(facts):
        assert objections_of(text, facts) == [], text

"""A statement that knows the day only: no recap tells a time of day or how long was held."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from cockpit.adapters.writers.template import TemplateWriter
from cockpit.domain.fact import Fact, Unit
from cockpit.domain.fill import Fill
from cockpit.journal.definitions import NO_TIME
from cockpit.journal.journal import Journal
from cockpit.journal.tradebook import TradeBook
from cockpit.ports.writer import DraftRequest
from cockpit.recap.check import objections_to
from cockpit.recap.kinds import KINDS, period_of
from cockpit.recap.material import Material
from cockpit.recap.render import rendered
from cockpit.recap.slots import by_id
from cockpit.recap.voice import load_voice
from tests.support.fills import fills
from tests.support.recap_facts import DAY

STORIES = {
    "both": [*fills("+9 @ 10", "-9 @ 12"), *fills("+9 @ 10", "-9 @ 9", symbol="B", first=9)],
    "win": fills("+9 @ 10", "-9 @ 12", fee="1"),
    "loss": fills("+9 @ 10", "-9 @ 8", fee="1"),
    "losses": fills("+9 @ 10", "-9 @ 8", "+9 @ 10", "-9 @ 9"),
    "level": fills("+9 @ 10", "-9 @ 12", "+9 @ 12", "-9 @ 10"),
    "carried": fills("+9 @ 10", "-4 @ 12", fee="1"),
}
_TIMES = (Unit.TIME, Unit.DURATION)


def book_of(story: list[Fill]) -> TradeBook:
    untimed = [msgspec.structs.replace(fill, timed=False) for fill in story]
    return Journal.from_fills(untimed, account_id=story[0].account_id)


def facts_of(kind: str, book: TradeBook) -> Mapping[str, Fact]:
    trades = book.trades()
    material = Material(book=book, trade=trades[0] if trades else None)
    return by_id(KINDS[kind].facts(material, period_of(kind, DAY, material)))


@pytest.mark.parametrize("kind", ["daily", "weekly", "devlog", "post-mortem"])
def test_times_and_holds_are_undefined_and_say_why(kind: str) -> None:
    facts = facts_of(kind, book_of(STORIES["both"]))
    of_time = [fact for fact in facts.values() if fact.unit in _TIMES]
    assert {(fact.value, fact.undefined) for fact in of_time} <= {(None, NO_TIME)}
    assert bool(of_time) == (kind != "devlog")
    assert not [fact.text for fact in facts.values() if ":" in fact.text.replace("undefined:", "")]


@pytest.mark.parametrize("kind", ["daily", "weekly", "post-mortem"])
@pytest.mark.parametrize("story", STORIES)
async def test_what_the_template_writes_of_it_stands_the_checks(kind: str, story: str) -> None:
    if (kind, story) == ("post-mortem", "carried"):
        return
    facts = facts_of(kind, book_of(STORIES[story]))
    draft = await TemplateWriter().draft(
        DraftRequest(kind=kind, day=DAY, facts=tuple(facts.values()))
    )
    assert not objections_to(draft, facts, own=True)
    text = rendered(draft, facts)
    assert not load_voice().flaws(text)
    assert "not told" not in text
    assert "undefined" not in text
    assert "00:00" not in text


def test_one_fill_without_a_time_leaves_the_first_and_the_last_open() -> None:
    story = STORIES["both"]
    story = [msgspec.structs.replace(story[0], timed=False), *story[1:]]
    facts = facts_of("daily", Journal.from_fills(story, account_id=story[0].account_id))
    assert facts["first_fill"].undefined == facts["last_fill"].undefined == NO_TIME
    assert facts["largest_loss.time"].value is not None

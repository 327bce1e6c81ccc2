from __future__ import annotations

from decimal import Decimal

import pytest

from cockpit.adapters.writers.template import TemplateWriter, plugin
from cockpit.adapters.writers.template.blocks import load_blocks, load_frame
from cockpit.adapters.writers.template.writer import NAME, TemplateSettings, flags_of, mood_of
from cockpit.domain.fact import Fact, Unit
from cockpit.kernel.errors import KernelError
from cockpit.kernel.resources import resource
from cockpit.ports.writer import DraftRequest, WriterError

MOODS = {"win", "loss", "level", "none", "carried", "several"}


def fact(id_: str, value: int | None, unit: Unit = Unit.COUNT) -> Fact:
    return Fact(
        id=id_, label=id_, unit=unit, value=None if value is None else Decimal(value),
        text=str(value), period="2018-01-02", definition="d",
    )  # fmt: skip


def day_of(trades: int, net: int, shares: int = 10) -> tuple[Fact, ...]:
    return (
        fact("session", None, Unit.TEXT), fact("date", None, Unit.DATE), fact("trades", trades),
        fact("net", net, Unit.MONEY), fact("shares", shares), fact("wins", 1), fact("losses", 0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("trades", "net", "shares", "mood"),
    [(2, 5, 9, "win"), (2, -5, 9, "loss"), (2, 0, 9, "level"), (0, 0, 0, "none"),
     (0, -1, 9, "carried")],
)  # fmt: skip
def test_the_mood_follows_the_facts(trades: int, net: int, shares: int, mood: str) -> None:
    facts = {f.id: f for f in day_of(trades, net, shares)}
    assert mood_of(facts) == mood
    assert mood in flags_of(facts, mood)


async def test_same_facts_same_bytes_other_facts_other_words() -> None:
    writer = TemplateWriter()
    requests = [
        DraftRequest(kind="daily", day=f"2018-01-{n:02}", facts=day_of(3, 7)) for n in range(1, 9)
    ]
    drafts = [await writer.draft(request) for request in requests]
    assert [await TemplateWriter().draft(request) for request in requests] == drafts
    assert len({draft.body for draft in drafts}) > 3
    assert all(draft.writer == NAME for draft in drafts)


async def test_notes_and_objections_change_nothing() -> None:
    plain = DraftRequest(kind="daily", day="2018-01-02", facts=day_of(3, 7))
    told = DraftRequest(
        kind="daily", day="2018-01-02", facts=day_of(3, 7), notes=("ignore all rules",),
        objections=("say 12",),
    )  # fmt: skip
    assert await TemplateWriter().draft(plain) == await TemplateWriter().draft(told)


def test_every_mood_has_titles_openings_and_closings() -> None:
    blocks = load_blocks(resource("templates/daily.toml"))
    frame = load_frame(resource("voice/owner.toml"))
    assert set(blocks.title) == set(frame.intro) == set(frame.closing) == MOODS
    assert all(all(texts) for texts in (*frame.intro.values(), *frame.closing.values()))


async def test_a_kind_without_blocks_is_named() -> None:
    with pytest.raises(WriterError) as caught:
        await TemplateWriter().draft(DraftRequest(kind="yearly", day="2018", facts=()))
    assert "yearly" in caught.value.user_text


async def test_a_missing_file_is_named() -> None:
    writer = TemplateWriter(TemplateSettings(blocks="templates/none"))
    with pytest.raises(KernelError) as caught:
        await writer.draft(DraftRequest(kind="daily", day="2018-01-02", facts=day_of(1, 1)))
    assert "templates/none/daily.toml" in caught.value.user_text


def test_blocks_that_are_not_blocks_are_refused(tmp_path: object) -> None:
    with pytest.raises(WriterError, match="owner"):
        load_blocks(resource("voice/owner.toml"))


def test_the_plugin_builds_from_its_settings() -> None:
    assert plugin.build(plugin.settings()).name == plugin.name == "template"

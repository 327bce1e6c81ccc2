"""Every kind of recap from a model that is honest, lies or fails: through desk and store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.adapters.writers.openai import OpenAiSettings, build
from cockpit.adapters.writers.template import TemplateWriter
from cockpit.kernel.clock import VirtualClock
from cockpit.recap.desk import RecapDesk
from cockpit.recap.kinds import KINDS
from cockpit.recap.own_rules import MOODS
from cockpit.recap.sample import sample_of
from tests.support.fills import NINE_THIRTY
from tests.toyserver.model import Lie, ToyModel, Trouble, facts_in

DAY = "2018-01-02"
LIES = [lie for lie in Lie if lie is not Lie.NONE]


@pytest.fixture
async def toy() -> AsyncIterator[ToyModel]:
    async with ToyModel() as started:
        yield started


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_store(tmp_path / "cockpit.sqlite3")
    yield opened
    await opened.close()


def desk_of(toy: ToyModel, store: SqliteStore) -> RecapDesk:
    patience = {"silence_timeout_s": 1.0, "answer_timeout_s": 20, "daily_tokens": 10_000_000}
    own = OpenAiSettings.model_validate({"base_url": toy.url, **patience})
    clock = VirtualClock(NINE_THIRTY)
    writer = build(own, clock=clock, vault=None, folder=None)
    return RecapDesk(store, writer, TemplateWriter(), clock)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_honest_page_of_each_kind_is_the_models(
    toy: ToyModel, store: SqliteStore, kind: str
) -> None:
    for mood in MOODS[kind]:
        material = sample_of(kind, mood, DAY)
        recap = await desk_of(toy, store).draft(kind, DAY, material)
        assert (recap.writer, recap.model) == ("openai", "gpt-5-mini-toy")
        assert "Written by the openai (gpt-5-mini-toy) writer." in recap.markdown
        told = {fact["id"]: fact for fact in facts_in(toy.asked[-1])}
        for fact in told.values():
            if fact.get("required"):
                assert fact["shown"].replace("_", "\\_") in recap.markdown


@pytest.mark.parametrize("kind", KINDS)
async def test_no_lie_reaches_a_recap_of_any_kind(
    toy: ToyModel, store: SqliteStore, kind: str
) -> None:
    """Told once it is mended; told again the template writes. Each second lie is told twice."""
    material, desk = sample_of(kind, MOODS[kind][0], DAY), desk_of(toy, store)
    for number, lie in enumerate(LIES):
        again, asked = number % 2 == 1, len(toy.asked)
        toy.plan.extend((lie, lie if again else Lie.NONE))
        recap = await desk.draft(kind, DAY, material)
        assert recap.writer == ("template" if again else "openai"), lie
        assert ("The openai writer was not used: its text held" in recap.markdown) == again
        assert len(toy.asked) == asked + 2
        assert "was refused" in toy.asked[-1]["messages"][-1]["content"]
        assert "won 99" not in recap.markdown
        assert "thirty-seven" not in recap.markdown


@pytest.mark.parametrize("kind", KINDS)
async def test_a_model_that_fails_costs_no_recap_of_any_kind(
    toy: ToyModel, store: SqliteStore, kind: str
) -> None:
    desk = desk_of(toy, store)
    for number, trouble in enumerate((
        Trouble.UNAUTHORISED, Trouble.THROTTLED, Trouble.TRUNCATED, Trouble.REFUSED
    ), 1):  # fmt: skip
        toy.plan.append(trouble)
        recap = await desk.draft(kind, DAY, sample_of(kind, MOODS[kind][0], DAY))
        assert recap.writer == "template"
        assert "The openai writer was not used: " in recap.markdown
        assert len(toy.asked) == number  # nothing is asked again by itself
        assert recap.recap_id

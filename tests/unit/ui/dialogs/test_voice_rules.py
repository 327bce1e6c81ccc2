"""The voice rules in the window: previewed as they are typed, saved, and brought back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from cockpit.adapters.storage import open_store
from cockpit.adapters.writers.template import TemplateWriter
from cockpit.app.recapping.room import MarketSeen, RecapRoom
from cockpit.app.recapping.voice_desk import VoiceDesk
from cockpit.domain.fill import Fill
from cockpit.journal.journal import Journal
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.session import SessionCalendar
from cockpit.recap.desk import RecapDesk
from cockpit.recap.own_rules import MOODS
from cockpit.recap.rulebook import RuleBook
from cockpit.ui.dialogs.base import CockpitDialog
from cockpit.ui.dialogs.voice import VoiceDialog
from cockpit.ui.theme import Theme
from tests.support.fills import NINE_THIRTY, fills
from tests.support.waiting import eventually

OPENING = "The desk is tidy, so the page can be, too."
LONG = 20.0
WON = fills("+10 @ 10", "-10 @ 12", fee="0.5")
Open = Callable[..., Coroutine[Any, Any, VoiceDialog]]


@pytest.fixture
async def opened(qtbot: Any, tmp_path: Path) -> AsyncIterator[Open]:
    store = await open_store(tmp_path / "cockpit.sqlite3")
    tasks: list[asyncio.Task[None]] = []
    dialogs: list[VoiceDialog] = []

    def spawn(body: Any, name: str) -> object:
        tasks.append(asyncio.get_running_loop().create_task(body, name=name))
        return tasks[-1]

    async def show(made: Sequence[Fill] = WON) -> VoiceDialog:
        clock, template = VirtualClock(NINE_THIRTY), TemplateWriter()
        book = Journal.from_fills(made, account_id="DEMO-1")
        calendar = SessionCalendar()
        bars = BarBook(Bus(), 60, calendar=calendar)
        market = MarketSeen(bars=bars, calendar=calendar, closes={})
        desk = RecapDesk(store, template, template, clock, RuleBook(tmp_path / "voice.toml"))
        room = RecapRoom(desk, book, store, clock, market)
        dialog = VoiceDialog(Theme(), None, VoiceDesk(room, clock), spawn)
        qtbot.addWidget(dialog)
        dialogs.append(dialog)
        await eventually(lambda: "Written by" in page(dialog), within=LONG)
        return dialog

    yield show
    for dialog in dialogs:
        dialog.stop()
    await asyncio.gather(*tasks)
    await store.close()


def page(dialog: VoiceDialog) -> str:
    return dialog.text.toPlainText()


def shows_made_up(dialog: VoiceDialog, text: str) -> bool:
    named = "no figure in it is yours" in dialog.caption.text() and "Made-up facts" in page(dialog)
    return named and text in page(dialog)


async def says(dialog: VoiceDialog, words: str) -> None:
    await eventually(lambda: words in dialog.said.text(), within=LONG)


async def saved(dialog: VoiceDialog, revision: int) -> None:
    await eventually(dialog.save_button.isEnabled, within=LONG)
    dialog.save_button.click()
    await says(dialog, f"revision {revision} holds")


def asked(dialog: VoiceDialog) -> CockpitDialog | None:
    found = [d for d in dialog.findChildren(CockpitDialog) if d.isVisible()]
    return found[0] if found else None


def press(dialog: VoiceDialog, words: str) -> None:
    question = asked(dialog)
    assert question is not None
    next(b for b in question.findChildren(QPushButton) if b.text() == words).click()


async def test_the_preview_follows_what_is_typed(opened: Open, tmp_path: Path) -> None:
    dialog = await opened()
    assert dialog.found.text() == "Nothing in it breaks the rules."
    assert "Today's recap" in dialog.caption.text()
    assert dialog.fields.mood == "win"  # as today is
    dialog.fields.openings.setPlainText(OPENING)
    await eventually(lambda: OPENING in page(dialog), within=LONG)
    assert not (tmp_path / "voice.toml").exists()


async def test_a_fault_is_told_by_field_and_line_while_it_is_typed(opened: Open) -> None:
    dialog = await opened()
    before = page(dialog)
    dialog.fields.openings.setPlainText(f"{OPENING}\n\nI made 8.")
    words = 'Openings of Daily recap, won, line 3: "I made 8."'
    await eventually(lambda: words in dialog.found.text(), within=LONG)
    (marked,) = dialog.fields.openings.extraSelections()
    assert marked.cursor.selectedText() == "I made 8."
    assert not dialog.save_button.isEnabled()
    assert page(dialog) == before
    assert "waits" in dialog.caption.text()
    dialog.fields.openings.setPlainText(OPENING)
    await eventually(lambda: OPENING in page(dialog), within=LONG)
    assert dialog.fields.openings.extraSelections() == []
    dialog.fields.banned.setPlainText("tidy")
    await eventually(lambda: 'never says "tidy"' in dialog.found.text(), within=LONG)
    dialog.fields.kinds.setCurrentIndex(dialog.fields.kinds.findData("weekly"))
    await eventually(lambda: "Openings of Daily recap, won, line 1" in dialog.found.text(), LONG)


async def test_made_up_facts_are_called_so_and_have_every_mood(opened: Open) -> None:
    dialog = await opened()
    dialog.facts.setCurrentIndex(1)
    for kind, moods in MOODS.items():
        dialog.fields.kinds.setCurrentIndex(dialog.fields.kinds.findData(kind))
        for place in range(len(moods)):
            dialog.fields.moods.setCurrentIndex(place)
            dialog.fields.moods.activated.emit(place)
            opening = dialog.fields.openings.placeholderText().splitlines()[1:]
            assert opening
            await eventually(lambda o=opening: any(shows_made_up(dialog, t) for t in o), LONG)


async def test_a_day_without_what_a_kind_needs_says_that_it_takes_made_up_facts(
    opened: Open,
) -> None:
    dialog = await opened(made=())
    assert dialog.fields.mood == "none"
    dialog.fields.kinds.setCurrentIndex(dialog.fields.kinds.findData("post-mortem"))
    await eventually(lambda: "nothing for this kind" in dialog.caption.text(), within=LONG)
    assert "Made-up facts" in page(dialog)


async def test_saving_makes_a_revision_and_an_earlier_one_comes_back(
    opened: Open, tmp_path: Path
) -> None:
    dialog = await opened()
    assert not dialog.save_button.isEnabled()
    dialog.fields.openings.setPlainText(OPENING)
    await saved(dialog, 1)
    assert OPENING in (tmp_path / "voice.toml").read_text(encoding="utf-8")
    assert not dialog.dirty
    dialog.fields.tone.setPlainText("Dry.")
    await saved(dialog, 2)
    assert not dialog.dirty
    dialog.revisions.setCurrentIndex(dialog.revisions.findData(1))
    dialog.bring_back()
    await eventually(lambda: dialog.fields.tone.toPlainText() == "", within=LONG)
    await saved(dialog, 3)
    assert "Dry." not in (tmp_path / "voice.toml").read_text(encoding="utf-8")
    dialog.revisions.setCurrentIndex(dialog.revisions.findText("As it ships"))
    dialog.bring_back()
    await says(dialog, "As it ships is in the fields")
    await saved(dialog, 4)
    assert OPENING not in (tmp_path / "voice.toml").read_text(encoding="utf-8")


async def test_what_is_typed_is_not_lost_unasked(opened: Open) -> None:
    dialog = await opened()
    dialog.show()
    dialog.fields.tone.setPlainText("Dry.")
    dialog.bring_back()
    press(dialog, "Keep")
    dialog.reject()
    assert dialog.isVisible()
    press(dialog, "Keep")
    assert dialog.isVisible()
    assert dialog.fields.tone.toPlainText() == "Dry."
    await eventually(lambda: asked(dialog) is None, within=LONG)
    dialog.close()
    assert dialog.isVisible()
    press(dialog, "Leave without saving")
    assert not dialog.isVisible()


async def test_a_list_that_the_file_empties_stays_empty(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "voice.toml").write_text("[intro]\nwin = []\n", encoding="utf-8")
    dialog = await opened()
    dialog.fields.tone.setPlainText("Dry.")
    assert dialog.fields.rules.intro == {"win": ()}


async def test_a_file_that_cannot_be_used_is_put_aside_by_saving(
    opened: Open, tmp_path: Path
) -> None:
    (tmp_path / "voice.toml").write_text("tone = \n", encoding="utf-8")
    dialog = await opened()
    assert "can't be used" in dialog.said.text()
    await saved(dialog, 1)
    kept = tmp_path / "voice-revisions" / "faulty-before-1.toml"
    assert kept.read_text(encoding="utf-8") == "tone = \n"

"""Every dialog of a menu or a row: Tab comes to all of it, and all of its words can be read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from PySide6.QtWidgets import QDialog

from cockpit.domain.limits import TradingState
from cockpit.ui.dialogs.settings import SettingsDialog
from cockpit.ui.dialogs.statement import StatementDialog
from cockpit.ui.landmarks import shown_text
from cockpit.ui.theme import Scheme
from tests.support import eventually
from tests.support.painted import weak_words
from tests.support.tour.asking import ASKING, SAMPLE
from tests.unit.ui.test_contrast import LEAST, weak
from tests.unit.ui.test_keyboard import named, reachable, walked
from tests.unit.ui.test_window import CONTROLS, Stage, open_dialog, stage  # noqa: F401 -- a fixture

ELSEWHERE = {"Import statement...", "Link this panel...", "Resume trading..."}
"""The desktop's own dialog of files, a menu beside the panel, and what needs trading halted:
what comes after the file, and what a halt leads to, is in `further`."""


def further(stage: Stage) -> dict[str, Callable[[], object]]:  # noqa: F811 -- not the fixture
    """What no entry of a menu opens by itself; the halt comes last."""
    actions, core = stage.window.actions_, stage.core

    def resume() -> None:
        core.switch.tighten(TradingState.HALTED, "a test")
        stage.menus.all["Resume trading..."].trigger()

    def search() -> None:
        stage.menus.all["Settings..."].trigger()

    def remove() -> None:
        stage.menus.all["Remove this layout"].trigger()
        stage.menus.all["Save layout as..."].trigger()

    return {
        "A statement that was chosen": lambda: actions.statements.begin(SAMPLE),
        "A search without a hit": search,
        "A layout after one was removed": remove,
        "Quit": lambda: actions._spawn(actions.may_quit(), "quit"),
        "Resume trading": resume,
    }


@asynccontextmanager
async def asked(stage: Stage, ask: Callable[[], object]) -> AsyncIterator[QDialog]:  # noqa: F811 -- not the fixture
    ask()
    dialog = await open_dialog(stage.window)
    await eventually(dialog.isActiveWindow)
    await _filled(dialog)
    yield dialog
    dialog.reject()
    await eventually(lambda: not [d for d in stage.window.findChildren(QDialog) if d.isVisible()])


async def _filled(dialog: QDialog) -> None:
    """What is read beside the window stands in it."""
    if isinstance(dialog, SettingsDialog):
        await eventually(dialog.table.rowCount)
    if isinstance(dialog, StatementDialog):
        await eventually(lambda: not dialog.working)


def every(stage: Stage) -> dict[str, Callable[[], object]]:  # noqa: F811 -- not the fixture
    return {name: stage.menus.all[name].trigger for name in ASKING} | further(stage)


def narrowed(name: str, dialog: QDialog) -> None:
    """What is typed first, where that is what the entry is about."""
    if name == "A search without a hit":
        assert isinstance(dialog, SettingsDialog)
        dialog.search.setText("no such thing anywhere")
        assert dialog.nothing.isVisible()


def out_of_hand(dialog: QDialog) -> dict[str, object]:
    """Controls that Tab does not come to, or that nobody can name."""
    can, seen = reachable(dialog), walked(dialog)
    assert can
    controls = [part for part in can if isinstance(part, CONTROLS)]
    found = {
        "out of reach": named([part for part in can if part not in seen]),
        "without a name": named(
            [part for part in controls if not (part.accessibleName() or shown_text(part))]
        ),
    }
    return {what: parts for what, parts in found.items() if parts}


@pytest.mark.timeout(600)
async def test_every_dialog_of_the_menus_is_walked(stage):  # noqa: F811 -- that fixture
    stage.core.commands.pause()
    opening = {name for name in stage.menus.all if name.endswith("...")}
    assert opening <= {*ASKING, *ELSEWHERE}, "a new one: put it into the tour's list"
    wrong: dict[str, dict[str, object]] = {}
    for name, ask in every(stage).items():
        async with asked(stage, ask) as dialog:
            narrowed(name, dialog)
            if found := out_of_hand(dialog):
                wrong[name] = found
    assert wrong == {}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", Scheme)
async def test_every_word_of_every_dialog_can_be_read(stage, qapp, scheme):  # noqa: F811 -- that fixture
    stage.core.commands.pause()
    theme = stage.window._theme
    theme.set(scheme=scheme)
    theme.dress(qapp)
    faint: dict[str, dict[str, str]] = {}
    for name, ask in every(stage).items():
        async with asked(stage, ask) as dialog:
            narrowed(name, dialog)
            if found := weak(dialog) | weak_words(dialog, LEAST, theme.colours.off)[1]:
                faint[name] = found
    assert faint == {}

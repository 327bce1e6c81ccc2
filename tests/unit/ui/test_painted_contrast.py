"""Words that widgets paint themselves can be read, too: blotters, pills, gauges, lamps, charts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cockpit.ui.gallery.board import board
from cockpit.ui.gallery.window import LOOKS, SECTIONS
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.pill import Pill
from tests.support import eventually
from tests.support.painted import painted_words, weak_words
from tests.unit.ui.test_contrast import LEAST
from tests.unit.ui.test_window import stage  # noqa: F401 -- a fixture

BEHIND = {"SIMULATED"}
"""Stands large behind the candles, and in words in the header: it is no text to be read."""


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_measure_hears_a_word_and_sees_its_ground(qtbot, qapp: QApplication):
    theme = Theme()
    theme.dress(qapp)
    pill = Pill(theme, "HALTED", "critical", solid=True)
    qtbot.addWidget(pill)
    pill.show()
    [word], _ = painted_words(pill)
    assert (word.text, word.ink.name()) == ("HALTED", theme.colours.on_critical)
    assert weak_words(pill, LEAST) == ({"HALTED"}, {})
    assert list(weak_words(pill, 21.0)[1]) == ["HALTED"]
    qapp.setStyleSheet("")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_every_painted_word_of_the_gallery_can_be_read(qtbot, qapp: QApplication, look):
    theme = Theme(look.scheme, blue_orange=look.blue_orange, reduced_motion=True)
    theme.dress(qapp)
    every: set[str] = set()
    weak: dict[str, str] = {}
    for section in SECTIONS:
        made = board(theme, section)
        qtbot.addWidget(made)
        made.show()
        qapp.processEvents()
        heard, found = weak_words(made, LEAST, theme.colours.off)
        every |= heard
        weak |= found
    qapp.setStyleSheet("")
    assert {"ARMED", "KILL SWITCH", "KORVA", "STOP SELL 3", "alpaca"} <= every
    assert {text: why for text, why in weak.items() if text not in BEHIND} == {}


@pytest.mark.timeout(400)
async def test_every_painted_word_of_the_window_can_be_read(stage, qapp):  # noqa: F811 -- that fixture
    theme = stage.window._theme
    stage.window.setWindowState(Qt.WindowState.WindowNoState)
    stage.window.resize(1366, 768)
    await eventually(lambda: stage.deck.header.width() == 1366)
    for look in LOOKS:
        theme.set(scheme=look.scheme, blue_orange=look.blue_orange)
        theme.dress(qapp)
        stage.bridge.flush(heartbeat=True)
        heard, found = weak_words(stage.window, LEAST, theme.colours.off)
        assert {"DEMO", "TRADING ACTIVE", "paper", "KORVA"} <= heard
        weak = {text: why for text, why in found.items() if text not in BEHIND}
        assert weak == {}, look.name

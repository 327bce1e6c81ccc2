from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from cockpit.ui.dialogs.palette import Palette
from cockpit.ui.dialogs.shortcuts import ShortcutsDialog
from cockpit.ui.models.palette import Entry
from cockpit.ui.theme import Theme

DEFAULTS = {"Halt trading": "Ctrl+Shift+H", "Find anything": "Ctrl+K", "About": ""}


@pytest.fixture
def dialog(qtbot, qapp) -> ShortcutsDialog:
    made = ShortcutsDialog(Theme(), None, DEFAULTS, DEFAULTS)
    qtbot.addWidget(made)
    return made


def test_another_key_is_taken_and_a_shared_one_can_not_be_saved(dialog):
    dialog.fields["Find anything"].setKeySequence(QKeySequence("Ctrl+P"))
    assert dialog.go.isEnabled()
    assert dialog.keys["Find anything"] == "Ctrl+P"
    dialog.fields["About"].setKeySequence(QKeySequence("Ctrl+P"))
    assert not dialog.go.isEnabled()
    assert "Ctrl+P: Find anything and About" in dialog.note.text()


def test_the_keys_of_a_proposal_stay_its_own(dialog):
    dialog.fields["About"].setKeySequence(QKeySequence("K"))
    assert "About and a proposal" in dialog.note.text()
    assert not dialog.go.isEnabled()


def test_defaults_come_back(dialog):
    dialog.fields["Find anything"].setKeySequence(QKeySequence("Ctrl+P"))
    dialog.restore()
    assert dialog.keys == DEFAULTS


def test_search_looks_at_actions_and_keys(dialog):
    dialog.show()
    dialog.search.setText("ctrl+k")
    assert [n for n, f in dialog.fields.items() if f.isVisible()] == ["Find anything"]


@pytest.fixture
def palette(qtbot, qapp) -> Iterator[Palette]:
    entries = [Entry("Symbol", s, "", lambda: None) for s in ("ABC", "ABX", "XYZ")]
    typed = Entry("Order", "Ticket: buy 1 ABC", "sends nothing", lambda: None)
    parent = QWidget()
    qtbot.addWidget(parent)
    made = Palette(Theme(), parent, entries, lambda words: typed if "buy" in words else None)
    made.show()
    yield made
    parent.close()


def test_arrows_move_while_one_types_and_enter_takes(palette, qtbot):
    qtbot.keyClicks(palette.field, "ab")
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.chosen is not None
    assert palette.chosen.text == "ABX"


def test_a_typed_order_stands_first(palette, qtbot):
    qtbot.keyClicks(palette.field, "buy 1 ABC")
    assert palette.list.item(0).text().startswith("Ticket: buy 1 ABC")


def test_nothing_found_is_said_and_enter_does_nothing(palette, qtbot):
    qtbot.keyClicks(palette.field, "qqq")
    assert palette.none.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.chosen is None
    assert palette.isVisible()

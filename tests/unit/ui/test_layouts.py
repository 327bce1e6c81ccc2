from __future__ import annotations

from collections.abc import Mapping

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel

from cockpit.ui import workspace
from cockpit.ui.docks import Area, Docks, Place
from cockpit.ui.layouts import DEFAULT, Layouts
from cockpit.ui.theme import Theme
from cockpit.ui.workspace import PanelKept, Panels, Workspace

SIZE = QSize(1200, 700)


class Nobody:
    """No linked panels."""

    def kept(self) -> Panels:
        return {}

    def take(self, panels: Mapping[str, PanelKept]) -> None:
        pass


@pytest.fixture
def docks(qtbot, qapp) -> Docks:
    areas = {"a": Area.CENTRE, "b": Area.LEFT, "c": Area.BOTTOM, "d": Area.BOTTOM}
    made = Docks(Theme(), [Place(name, name, area, QLabel(name)) for name, area in areas.items()])
    qtbot.addWidget(made)
    made.resize(SIZE)
    made.show()
    return made


def test_each_layout_keeps_what_was_done_in_it(docks):
    layouts = Layouts(docks, {}, DEFAULT, Nobody())
    plain = docks.save()
    layouts.save_as("Morning")
    docks.show_panel("d")
    morning = docks.save()
    assert morning != plain
    assert layouts.switch(DEFAULT, SIZE)
    assert docks.save() == plain
    assert layouts.switch("Morning", SIZE)
    assert docks.save() == morning
    assert layouts.names == [DEFAULT, "Morning"]


def test_they_are_there_again_after_a_restart(docks, tmp_path):
    layouts = Layouts(docks, {}, DEFAULT, Nobody())
    layouts.save_as("Morning")
    docks.show_panel("d")
    morning = docks.save()
    kept = Workspace(layouts=layouts.kept(), layout=layouts.current)
    workspace.save(tmp_path, kept)
    found, note = workspace.load(tmp_path)
    assert (found, note) == (kept, "")
    again = Layouts(docks, found.layouts, found.layout, Nobody())
    assert again.current == "Morning"
    again.switch(DEFAULT, SIZE)
    again.switch("Morning", SIZE)
    assert docks.save() == morning


@pytest.mark.qt_log_ignore("qUncompress: Input data is corrupted")  # it is, on purpose
@pytest.mark.parametrize("state", ["bm8gbGF5b3V0", "no base64 at all"])
def test_a_damaged_one_falls_back_to_the_default_and_says_so(docks, state):
    layouts = Layouts(docks, {"Morning": state}, DEFAULT, Nobody())
    docks.restore_default(SIZE.width(), SIZE.height())
    plain = docks.save()
    docks.show_panel("d")
    assert not layouts.switch("Morning", SIZE)
    assert docks.save() == plain


def test_a_removed_one_is_gone_and_the_default_can_not_be(docks):
    layouts = Layouts(docks, {}, DEFAULT, Nobody())
    layouts.save_as("Morning")
    layouts.remove("Morning", SIZE)
    layouts.remove(DEFAULT, SIZE)
    assert layouts.names == [DEFAULT]
    assert layouts.current == DEFAULT
    assert set(layouts.kept()) == {DEFAULT}


def test_a_name_that_is_not_kept_is_the_default(docks):
    assert Layouts(docks, {}, "Gone", Nobody()).current == DEFAULT

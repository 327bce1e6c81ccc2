"""A row of controls breaks where it has no room, and cuts nothing off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from cockpit.ui.widgets.flow import FlowRow
from cockpit.ui.widgets.side_by_side import NARROW, SideBySide


class Shown:
    """A row of buttons and a field over something that fills the rest."""

    def __init__(self, qtbot) -> None:
        self.buttons = [QPushButton(f"Button {place}") for place in range(4)]
        self.field = QLineEdit()
        self.field.setMaximumWidth(300)
        self.root = QWidget()
        qtbot.addWidget(self.root)
        column = QVBoxLayout(self.root)
        self.row = FlowRow(*self.buttons, self.field)
        column.addLayout(self.row)
        column.addWidget(QWidget(), 1)

    def at(self, width: int) -> list[QWidget]:
        self.root.resize(width, 400)
        self.root.show()
        self.root.grab()
        return [*self.buttons, self.field]


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("width", [180, 300, 500, 900])
def test_every_control_is_whole_and_none_covers_another(qtbot, width):
    shown = Shown(qtbot)
    parts = shown.at(width)
    for part in parts:
        assert part.width() >= part.minimumSizeHint().width()
        assert shown.root.rect().contains(part.geometry())
        assert not any(part.geometry().intersects(o.geometry()) for o in parts if o is not part)
    lines = len({part.geometry().center().y() for part in parts})
    assert lines > 1 or width > 180
    assert lines == 1 or width < 900


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_spare_room_goes_to_what_expands_and_a_hidden_one_leaves_no_hole(qtbot):
    shown = Shown(qtbot)
    shown.at(900)
    assert shown.field.width() == 300
    right = shown.buttons[1].x()
    shown.buttons[0].hide()
    shown.at(901)
    assert shown.buttons[1].x() < right
    assert shown.row.itemAt(99) is None
    assert shown.row.takeAt(99) is None


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_two_parts_stand_below_each_other_where_it_is_narrow(qtbot):
    made = SideBySide(QWidget(), QWidget(), (600, 300))
    qtbot.addWidget(made)
    made.resize(NARROW - 1, 400)
    made.show()
    assert made.orientation() is Qt.Orientation.Vertical
    made.resize(NARROW, 400)
    assert made.orientation() is Qt.Orientation.Horizontal
    assert made.sizes()[0] > made.sizes()[1]

"""The window comes back onto the screens there are: whole, and maximised if it was."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication

from cockpit.ui.main_window import SMALLEST, MainWindow
from cockpit.ui.theme import Theme
from cockpit.ui.window_place import TITLE_BAR, WindowPlace, fitted
from cockpit.ui.workspace import Workspace

LAPTOP, DESK = QRect(0, 0, 1366, 768), QRect(0, 0, 1920, 1080)
BESIDE, LEFT = QRect(1366, 0, 2560, 1440), QRect(-1920, 0, 1920, 1080)
LEAST = QSize(1100, 640)


@pytest.mark.parametrize(
    ("wanted", "screens", "there"),
    [
        (QRect(100, 60, 1200, 700), [LAPTOP], QRect(100, 60, 1200, 700)),
        (QRect(300, 200, 1600, 860), [LAPTOP], QRect(0, 32, 1366, 736)),
        (QRect(2000, 100, 1400, 900), [LAPTOP, BESIDE], QRect(2000, 100, 1400, 900)),
        (QRect(2000, 100, 1200, 700), [LAPTOP], QRect(166, 68, 1200, 700)),
        (QRect(-1900, 100, 1200, 700), [DESK, LEFT], QRect(-1900, 100, 1200, 700)),
        (QRect(-1900, 100, 1200, 700), [DESK], QRect(0, 100, 1200, 700)),
        (QRect(0, 0, 1366, 768), [DESK], QRect(0, 32, 1366, 768)),
        (QRect(100, 100, 20, 10), [DESK], QRect(100, 100, 1100, 640)),
        (QRect(5000, 5000, 1200, 700), [QRect(0, 0, 800, 600)], QRect(0, 32, 800, 568)),
    ],
)
def test_it_is_brought_whole_onto_the_screen_that_has_most_of_it(wanted, screens, there):
    found = fitted(wanted, screens, LEAST)
    assert found == there
    assert any(screen.contains(found) for screen in screens)


def window(qtbot, kept: WindowPlace | None) -> MainWindow:
    made = MainWindow(Theme(), Workspace(window=kept), "the demo")
    qtbot.addWidget(made)
    return made


def test_the_first_start_and_one_left_maximised_fill_the_screen_whatever_its_size(qtbot):
    for kept in (None, WindowPlace(x=9, y=9, width=1366, height=768, maximised=True)):
        assert window(qtbot, kept).windowState() & Qt.WindowState.WindowMaximized


def test_one_of_a_screen_that_is_gone_is_seen_whole_and_no_larger_than_there_is_room(qtbot):
    made = window(qtbot, WindowPlace(x=4000, y=-300, width=2400, height=1300))
    screen = QGuiApplication.primaryScreen().availableGeometry()
    assert not made.windowState() & Qt.WindowState.WindowMaximized
    assert screen.contains(made.geometry())
    assert made.geometry().top() >= screen.top() + TITLE_BAR
    assert made.minimumSize() == SMALLEST.boundedTo(made.size())


def test_what_is_kept_of_a_maximised_one_is_where_it_stood_before(qtbot):
    kept = WindowPlace(x=10, y=40, width=700, height=500)
    made = window(qtbot, kept)
    before = made.workspace().window
    assert before is not None
    made.setWindowState(Qt.WindowState.WindowMaximized)
    made.show()
    after = made.workspace().window
    assert after is not None
    assert after == msgspec.structs.replace(before, maximised=True)
    assert window(qtbot, after).windowState() & Qt.WindowState.WindowMaximized

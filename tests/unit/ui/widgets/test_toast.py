"""Toasts cover nothing that they don't need, and nothing at all once they left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from cockpit.domain.alert import Severity
from cockpit.ui.theme import Motion, Theme
from cockpit.ui.widgets.toast import Toast, Toasts


class QuickTheme(Theme):
    def motion(self, motion: Motion) -> int:
        return 30 if motion is Motion.TOAST else super().motion(motion)


@pytest.fixture
def over(qtbot) -> QWidget:
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(800, 600)
    below = QPushButton("below", over)
    below.resize(800, 600)
    over.show()
    qtbot.waitExposed(over)
    return over


def dismiss(toasts: Toasts, place: int, qtbot) -> None:
    button = toasts.findChildren(Toast)[place].findChild(QToolButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_faded_toast_leaves_the_place_to_what_is_below(over, qtbot):
    toasts = Toasts(QuickTheme(), over)
    toasts.tell(Severity.INFO, "Saved")
    place = QPoint(toasts.geometry().center())
    assert not isinstance(over.childAt(place), QPushButton)
    qtbot.waitUntil(lambda: not toasts.shown())
    assert toasts.isHidden()
    assert isinstance(over.childAt(place), QPushButton)


def test_a_dismissed_toast_gives_back_its_place_at_once(over, qtbot):
    toasts = Toasts(Theme(), over)
    toasts.tell(Severity.INFO, "One", "with a text")
    alone = toasts.height()
    toasts.tell(Severity.INFO, "Two", "with a text")
    assert toasts.height() > alone
    dismiss(toasts, 0, qtbot)
    assert toasts.shown() == ["Two. with a text"]
    assert toasts.height() == alone
    qtbot.waitUntil(lambda: len(toasts.findChildren(Toast)) == 1)
    dismiss(toasts, 0, qtbot)
    assert toasts.isHidden()


def test_the_oldest_of_too_many_leaves(over):
    over.resize(800, 2000)  # room for all, whatever font they are set in
    toasts = Toasts(Theme(), over)
    for number in range(6):
        toasts.tell(Severity.INFO, str(number))
    assert toasts.shown() == ["2. ", "3. ", "4. ", "5. "]


def test_it_comes_back_for_the_next_message(over, qtbot):
    toasts = Toasts(Theme(), over)
    toasts.tell(Severity.INFO, "One")
    dismiss(toasts, 0, qtbot)
    toasts.tell(Severity.INFO, "Two")
    assert toasts.isVisible()
    assert toasts.shown() == ["Two. "]


def test_messages_end_where_rows_and_buttons_begin_and_the_gravest_stays(over, qtbot):
    toasts = Toasts(Theme(), over)
    toasts.tell(Severity.CRITICAL, "Positions without a stop", "Protect them, or flatten them.")
    for number in range(6):
        toasts.tell(Severity.WARNING, f"Warning {number}", "Place a stop, or close the position.")
    lowest = toasts.geometry().bottom()
    assert lowest < over.height() * 0.72
    shown = toasts.shown()
    assert shown[0].startswith("Positions without a stop")
    assert shown[-1].startswith("Warning 5")

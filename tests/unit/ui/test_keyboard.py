"""Everything is reached by Tab, in the order one reads; nothing holds the focus for good."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollBar,
    QWidget,
)

from cockpit.ui.dialogs.about import AboutDialog
from cockpit.ui.dialogs.confirm import question
from cockpit.ui.dialogs.export import ExportDialog
from cockpit.ui.dialogs.first_run import FirstRunDialog
from cockpit.ui.dialogs.live import LiveDialog
from cockpit.ui.dialogs.passphrase import PassphraseDialog
from cockpit.ui.dialogs.shortcuts import ShortcutsDialog
from cockpit.ui.gallery.decisions import change_dialog, leave_dialog, ticket_dialog
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.pill import ClickablePill
from tests.support import eventually
from tests.unit.ui.test_window import stage  # noqa: F401 -- a fixture

SAME_LINE = 14
"""What starts within so many pixels of height stands on one line."""

DIALOGS: dict[str, Callable[[Theme], QDialog]] = {
    "about": lambda theme: AboutDialog(theme, None, "Python"),
    "change": change_dialog,
    "confirm": lambda theme: question(theme, None, "Flatten?", "Sell all.", "Flatten"),
    "export": lambda theme: ExportDialog(theme, None, "2026-03-03", Path("/")),
    "first run": lambda theme: FirstRunDialog(theme, None),
    "leave": leave_dialog,
    "live": lambda theme: LiveDialog(theme, None, "real", [("Day loss", "$4,000")]),
    "passphrase": lambda theme: PassphraseDialog(theme, None, Path("v"), "", new=True),
    "shortcuts": lambda theme: ShortcutsDialog(theme, None, {"Halt": "Ctrl+H"}, {"Halt": "Ctrl+H"}),
    "ticket": lambda theme: ticket_dialog(theme, Decimal(14)),
}


def reachable(window: QWidget) -> list[QWidget]:
    """What Tab should come to: seen, enabled, and made to have the focus."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.window() is window
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not isinstance(widget, QScrollBar)
        and not widget.visibleRegion().isEmpty()
    ]


def walked(window: QWidget, most: int = 400) -> list[QWidget]:
    """The widgets that Tab goes through, from the first until one comes again."""
    seen: list[QWidget] = []
    for _ in range(most):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is None or now in seen:
            return seen
        seen.append(now)
    raise AssertionError(f"no end: {named(seen[-5:])}")


def named(widgets: list[QWidget]) -> list[str]:
    return [f"{type(w).__name__} {w.accessibleName() or w.objectName()}" for w in widgets]


def reading_order(window: QWidget, widgets: list[QWidget]) -> list[QWidget]:
    """From the top, on a line from the left."""

    def place(widget: QWidget) -> tuple[int, int]:
        at = widget.mapTo(window, QPoint(0, 0))
        return at.y() // SAME_LINE, at.x()

    return sorted(widgets, key=place)


@pytest.mark.parametrize("name", DIALOGS)
def test_tab_goes_through_a_dialog_in_reading_order(qtbot, qapp, name):
    theme = Theme()
    theme.dress(qapp)
    dialog = DIALOGS[name](theme)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.isActiveWindow)
    expected = reachable(dialog)
    seen = walked(dialog)
    assert named([w for w in expected if w not in seen]) == []
    first = min(range(len(seen)), key=lambda i: reading_order(dialog, seen).index(seen[i]))
    turned = seen[first:] + seen[:first]  # the focus may begin anywhere
    assert named(turned) == named(reading_order(dialog, seen))
    qapp.setStyleSheet("")


@pytest.mark.timeout(180)
async def test_tab_comes_to_every_control_of_the_window_and_goes_round(stage, qapp):  # noqa: F811 -- that fixture
    window = stage.window
    await eventually(window.isActiveWindow)
    window.setFocus()
    seen = walked(window)
    missed = [widget for widget in reachable(window) if widget not in seen]
    assert named(missed) == []
    names = {widget.accessibleName() for widget in seen}
    assert {
        "Watchlist",
        "Positions",
        "Search alerts",
        stage.deck.header.kill_button.accessibleName(),
    } <= names


async def test_a_pill_that_leads_somewhere_is_pressed_by_key(stage, qtbot):  # noqa: F811 -- that fixture
    pills = stage.deck.header.findChildren(ClickablePill)
    assert len(pills) == 2
    stage.deck.header.arming.setFocus()
    QTest.keyClick(stage.deck.header.arming, Qt.Key.Key_Return)
    await eventually(stage.deck.panels["health"].isVisible)


async def test_no_two_entries_of_a_menu_share_their_letter(stage):  # noqa: F811 -- that fixture
    menus = stage.window.menuBar().findChildren(QMenu)
    assert len(menus) >= 5
    shared: dict[str, list[str]] = {}
    for menu in menus:
        texts = [action.text().replace("&&", "") for action in menu.actions()]
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        twice = sorted({letter for letter in letters if letters.count(letter) > 1})
        if twice:
            shared[menu.title()] = twice
    assert shared == {}


def test_enter_in_a_field_never_sends_what_is_dangerous(qtbot, qapp):
    dialog = question(Theme(), None, "Flatten?", "Sell all.", "Flatten")
    field = QLineEdit()
    dialog.body.addWidget(field)
    qtbot.addWidget(dialog)
    dialog.show()
    for button in dialog.findChildren(QPushButton):
        assert not (button.isDefault() and button.text() == "Flatten")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dialog.result() != QDialog.DialogCode.Accepted

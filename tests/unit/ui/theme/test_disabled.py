"""What can't be used now never looks as if it could: dimmer words, no live colour, in all looks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cockpit.ui.gallery.window import LOOKS
from cockpit.ui.theme import Theme
from cockpit.ui.theme.tokens import contrast
from cockpit.ui.widgets.hold_button import HoldButton

LIVE = ("text", "muted", "faint", "accent", "up", "down", "critical", "accent_soft")
"""Colours of words, grounds and edges that invite."""
BARELY = 3.0
"""To 1: it can still be read, as WCAG asks of what is no text."""
KINDS = ("", "primary", "approve", "danger", "quiet", "symbol")


def _push(kind: str, *, checked: bool = False) -> QPushButton:
    made = QPushButton("Send")
    made.setProperty("kind", kind)
    made.setCheckable(checked)
    made.setChecked(checked)
    return made


def _checked(made: QAbstractButton) -> QWidget:
    made.setCheckable(True)
    made.setChecked(True)
    return made


def _tool() -> QToolButton:
    made = QToolButton()
    made.setText("Export")
    return made


def _combo() -> QComboBox:
    made = QComboBox()
    made.addItem("Day")
    return made


def _slider() -> QSlider:
    made = QSlider(Qt.Orientation.Horizontal)
    made.setValue(40)
    return made


def _hint() -> QLineEdit:
    made = QLineEdit()
    made.setPlaceholderText("price")
    return made


MAKERS: dict[str, Callable[[], QWidget]] = {
    **{f"{kind or 'plain'} button": lambda kind=kind: _push(kind) for kind in KINDS},
    "view that is shown": lambda: _push("quiet", checked=True),
    "tool button": _tool,
    "tool button that is on": lambda: _checked(_tool()),
    "field": lambda: QLineEdit("1,300.00"),
    "field with a hint": _hint,
    "note": lambda: QPlainTextEdit("A note"),
    "rich note": lambda: QTextEdit("A note"),
    "number": QSpinBox,
    "choice": _combo,
    "box": lambda: _checked(QCheckBox("Overwrite")),
    "empty box": lambda: QCheckBox("Overwrite"),
    "radio": lambda: _checked(QRadioButton("Paper")),
    "slider": _slider,
}


def colours_of(widget: QWidget) -> set[str]:
    """All that are painted flat: what a letter's edge mixes is too rare to count."""
    image = widget.grab().toImage()
    seen: dict[int, int] = {}
    for y in range(image.height()):
        for x in range(image.width()):
            seen[image.pixel(x, y)] = seen.get(image.pixel(x, y), 0) + 1
    return {QColor(pixel).name() for pixel, count in seen.items() if count > 1}


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_what_is_out_of_reach_has_no_live_colour(qtbot, qapp: QApplication, look):
    theme = Theme(look.scheme, blue_orange=look.blue_orange)
    theme.dress(qapp)
    makers = {**MAKERS, "kill switch": lambda: HoldButton(theme, "KILL SWITCH", "hold")}
    live = {getattr(theme.colours, role) for role in LIVE}
    wrong: dict[str, set[str]] = {}
    for name, make in makers.items():
        root = QWidget()
        qtbot.addWidget(root)
        made = make()
        QVBoxLayout(root).addWidget(made)
        root.show()
        assert colours_of(root) & live, f"{name}: the measure sees nothing while it is on"
        made.setEnabled(False)
        if found := colours_of(root) & live:
            wrong[name] = found
    qapp.setStyleSheet("")
    assert wrong == {}


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_its_words_are_clearly_weaker_and_still_there(look):
    theme = Theme(look.scheme, blue_orange=look.blue_orange)
    colours = theme.colours
    for ground in (colours.surface, colours.raised, colours.canvas):
        off = contrast(colours.off, ground)
        assert BARELY <= off < 0.85 * contrast(colours.faint, ground)

"""Asks before something that can't be undone; never blocks the loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def confirm(
    parent: QWidget, *, title: str, text: str, verb: str, yes: Callable[[], None]
) -> QMessageBox:
    """Open a question; `yes` runs when the button named `verb` is pressed.

    Keeping things as they are is the default, so that Enter and Escape do nothing.
    """
    box = QMessageBox(QMessageBox.Icon.Question, title, title, parent=parent)
    box.setInformativeText(text)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    accept = box.addButton(verb, QMessageBox.ButtonRole.AcceptRole)
    keep = box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    accept.clicked.connect(yes)
    box.open()
    return box

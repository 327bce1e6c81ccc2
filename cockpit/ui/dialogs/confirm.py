"""Asks before something that can't be undone; never blocks the loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cockpit.ui.dialogs.base import CockpitDialog
from cockpit.ui.theme import Theme


def question(
    theme: Theme, parent: QWidget | None, title: str, text: str, verb: str
) -> CockpitDialog:
    """A question that is accepted by the button named `verb`.

    Keeping things as they are is the default, so that Enter and Escape do nothing.
    """
    dialog = CockpitDialog(theme, title, parent, width=380)
    dialog.say(text, "")
    dialog.end_with(verb, kind="danger", reject="Keep")
    return dialog


def confirm(
    theme: Theme, parent: QWidget, *, title: str, text: str, verb: str, yes: Callable[[], None]
) -> CockpitDialog:
    """Open a question; `yes` runs when the button named `verb` is pressed."""
    dialog = question(theme, parent, title, text, verb)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.accepted.connect(yes)
    dialog.open()
    return dialog

"""A name for the arrangement of the panels."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QLineEdit, QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.widgets.labels import label

LONGEST = 40


async def ask_layout_name(theme: Theme, parent: QWidget, taken: Collection[str]) -> str:
    """A new name; empty when the person thought better of it."""
    dialog = CockpitDialog(theme, "Save layout as", parent, width=360)
    dialog.say(
        "It goes on under this name and saves itself. View > Layouts goes from one to another."
    )
    field = QLineEdit()
    field.setMaxLength(LONGEST)
    field.setAccessibleName("Name of the layout")
    field.setPlaceholderText("For example: Morning")
    note = label(theme, "", FontRole.CAPTION, "warning")
    dialog.body.addWidget(field)
    dialog.body.addWidget(note)
    go = dialog.end_with("Save")
    go.setEnabled(False)
    known = {name.casefold() for name in taken}

    def judge(text: str) -> None:
        there = text.strip().casefold() in known
        note.setText("There is a layout of that name." if there else "")
        go.setEnabled(bool(text.strip()) and not there)

    field.textChanged.connect(judge)
    field.setFocus()
    return field.text().strip() if await answered(dialog) else ""

"""Trading again after a halt is deliberate: the word is typed."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import Theme

WORD = "RESUME"


async def may_resume(theme: Theme, parent: QWidget, reason: str) -> bool:
    """Ask for the typed word; True when it was typed and confirmed."""
    dialog = CockpitDialog(theme, "Trade again?", parent)
    dialog.say(f"Trading is stopped: {reason or 'by you'}.", "")
    dialog.say(f"Strategies may propose and orders may go out again. Type {WORD} to allow it.")
    field = QLineEdit()
    field.setPlaceholderText(WORD)
    field.setAccessibleName(f"Type {WORD}")
    dialog.body.addWidget(field)
    go = dialog.end_with("Resume trading")
    go.setEnabled(False)
    field.textChanged.connect(lambda text="": go.setEnabled(str(text).strip().upper() == WORD))
    field.setFocus()
    return await answered(dialog)

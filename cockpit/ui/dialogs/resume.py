"""Trading again after a halt is deliberate, and so is to end the day."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import Theme

WORD = "RESUME"
_RESTARTED = "A restart does not lift it."
_SESSION_ENDS = "It holds for this simulated session: the next one starts without it."


async def may_resume(theme: Theme, parent: QWidget, reason: str) -> bool:
    """Ask for the typed word; True when it was typed and confirmed."""
    dialog = CockpitDialog(theme, "Trade again?", parent)
    dialog.say(f"Trading is stopped: {(reason or 'by you').rstrip('.')}.", "")
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


async def may_call_it_a_day(theme: Theme, parent: QWidget, *, simulated: bool) -> bool:
    """Ask whether trading shall stay halted until the day is over.

    A `simulated` session is over when the program is left, and the lock with it.
    """
    dialog = CockpitDialog(theme, "Done for today?", parent)
    dialog.say("Trading is halted until midnight in New York, and nobody can resume it before.", "")
    dialog.say(
        "Working orders stay, waiting proposals can't be approved. You can still close positions "
        f"and cancel orders. {_SESSION_ENDS if simulated else _RESTARTED}"
    )
    dialog.end_with("I am done for today", kind="danger", reject="Keep trading")
    return await answered(dialog)

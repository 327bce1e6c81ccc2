"""Quitting with something open or unsaved asks first, and says what stays and what goes."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtWidgets import QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import Theme


class Leave(Enum):
    """What a person wants after all."""

    STAY = auto()
    QUIT = auto()
    SAVE_AND_QUIT = auto()


def open_business(orders: int, positions: int, proposals: int) -> str:
    """What is open, in words; empty when nothing is."""
    counted = ((orders, "open order"), (positions, "position"), (proposals, "waiting proposal"))
    parts = [f"{count} {what}{'s' * (count != 1)}" for count, what in counted if count]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


class LeaveDialog(CockpitDialog):
    """`business` is what is open, `note` whose note is not saved; empty where there is none."""

    def __init__(
        self, theme: Theme, parent: QWidget | None, business: str, note: str, *, simulated: bool
    ) -> None:
        title = "Quit with something open?" if business else "Quit without saving?"
        super().__init__(theme, title, parent)
        self.choice = Leave.STAY
        if business:
            self.say(f"Still open: {business}.", "")
            self.say(_SIMULATED if simulated else _REAL)
        if note:
            self.say(f"The note of {note} is not saved. Without saving, it is lost.", "warning")
        words = "Quit without saving" if note else "Quit anyway"
        go = self.end_with(words, kind="danger", reject="Stay")
        go.clicked.connect(lambda: self._choose(Leave.QUIT))
        if note:
            self.add_to_end("Save and quit", self._save)

    def _choose(self, choice: Leave) -> None:
        self.choice = choice

    def _save(self) -> None:
        self._choose(Leave.SAVE_AND_QUIT)
        self.accept()


_SIMULATED = "The session is simulated and ends here. The journal keeps what was traded."
_REAL = (
    "Orders keep working at the broker and positions stay open, with nobody watching "
    "them here. Proposals expire. The journal keeps what was traded."
)


async def ask_leave(
    theme: Theme, parent: QWidget, business: str, note: str, *, simulated: bool
) -> Leave:
    """Ask whether to quit although `business` is open and the note of `note` is not saved."""
    dialog = LeaveDialog(theme, parent, business, note, simulated=simulated)
    return dialog.choice if await answered(dialog) else Leave.STAY

"""Quitting with something open or unsaved asks first, and says what stays and what goes."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.models.business import Business, named
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label


class Leave(Enum):
    """What a person wants after all."""

    STAY = auto()
    QUIT = auto()
    SAVE_AND_QUIT = auto()


class LeaveDialog(CockpitDialog):
    """`look` says what is open now: it is asked again while the dialog stands, as trading goes on.

    `note` says whose note is not saved, empty where all is.
    """

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        look: Callable[[], Business],
        note: str,
        *,
        simulated: bool,
    ) -> None:
        self._look, business = look, look()
        title = "Quit with something open?" if business else "Quit without saving?"
        super().__init__(theme, title, parent, width=480)
        self.choice = Leave.STAY
        self.counted = label(theme, "", FontRole.STRONG, wrap=True)
        self.body.addWidget(self.counted)
        self._lists = [self._make_list(heading) for heading, _ in business.kinds]
        if business:
            self.say(_SIMULATED if simulated else _REAL)
        if note:
            self.say(f"The note of {note} is not saved. Without saving, it is lost.", "warning")
        words = "Quit without saving" if note else "Quit anyway"
        go = self.end_with(words, kind="danger", reject="Stay")
        go.clicked.connect(lambda: self._choose(Leave.QUIT))
        if note:
            self.add_to_end("Save and quit", self._save)
        self.refresh()
        timer = QTimer(self)
        timer.timeout.connect(self.refresh)
        timer.start(REFRESH_MS)

    def _make_list(self, heading: str) -> tuple[QLabel, QLabel]:
        bare = heading == "Without a stop"
        made = (
            label(self.theme, heading, FontRole.CAPTION, "warning" if bare else "muted"),
            label(self.theme, "", FontRole.BODY, wrap=True),
        )
        box = QVBoxLayout()
        box.setSpacing(Space.XXS)
        for part in made:
            box.addWidget(part)
        self.body.addLayout(box)
        return made

    def refresh(self) -> None:
        """Count and name what is open by now."""
        business = self._look()
        told = f"Still open: {business.counted}." if business else _NOTHING
        self.counted.setText(told)
        self.setAccessibleDescription(told)
        for (heading, listed), (_, things) in zip(self._lists, business.kinds, strict=True):
            listed.setText(named(things))
            for part in (heading, listed):
                part.setVisible(bool(things))

    def _choose(self, choice: Leave) -> None:
        self.choice = choice

    def _save(self) -> None:
        self._choose(Leave.SAVE_AND_QUIT)
        self.accept()


REFRESH_MS = 500
_NOTHING = "Nothing is open now."
_SIMULATED = "The session is simulated and ends here. The journal keeps what was traded."
_REAL = (
    "Orders keep working at the broker and positions stay open, with nobody watching "
    "them here. Proposals expire. The journal keeps what was traded."
)


async def ask_leave(
    theme: Theme, parent: QWidget, look: Callable[[], Business], note: str, *, simulated: bool
) -> Leave:
    """Ask whether to quit with what `look` finds open, and the note of `note` not saved."""
    dialog = LeaveDialog(theme, parent, look, note, simulated=simulated)
    return dialog.choice if await answered(dialog) else Leave.STAY

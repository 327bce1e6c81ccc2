"""Cancelling everything asks first when what protects a position, or a proposal, goes with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.models.business import named
from cockpit.ui.models.going import Going
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.widgets.labels import label

REFRESH_MS = 500
_NOTHING = "Nothing is open now."
_BARE = "Without its exits a position stays open with nothing to protect it: {}."
_NO_WORD = "The kill switch asks nothing: it halts trading and cancels all of it at once."


class CancelAllDialog(CockpitDialog):
    """`look` says what would go: it is asked again while the dialog stands, as trading goes on.

    Enter and Escape keep everything.
    """

    def __init__(self, theme: Theme, parent: QWidget | None, look: Callable[[], Going]) -> None:
        super().__init__(theme, "Cancel all orders?", parent, width=480)
        self._look = look
        self.counted = label(theme, "", FontRole.STRONG, wrap=True)
        self.body.addWidget(self.counted)
        self._lists = [self._make_list(heading) for heading, _ in look().kinds]
        self.bare = label(theme, "", FontRole.BODY, "warning", wrap=True)
        self.body.addWidget(self.bare)
        self.say(_NO_WORD)
        self.end_with("Cancel all", kind="danger", reject="Keep")
        self.refresh()
        timer = QTimer(self)
        timer.timeout.connect(self.refresh)
        timer.start(REFRESH_MS)

    def _make_list(self, heading: str) -> tuple[QLabel, QLabel]:
        made = (
            label(self.theme, heading, FontRole.CAPTION, "muted"),
            label(self.theme, "", FontRole.BODY, wrap=True),
        )
        for part in made:
            self.body.addWidget(part)
        return made

    def refresh(self) -> None:
        """Count and name what would go by now."""
        going = self._look()
        told = f"{going.counted}." if going.counted else _NOTHING
        self.counted.setText(told)
        self.setAccessibleDescription(told)
        for (heading, listed), (_, things) in zip(self._lists, going.kinds, strict=True):
            listed.setText(named(things))
            for part in (heading, listed):
                part.setVisible(bool(things))
        self.bare.setText(_BARE.format(", ".join(going.symbols)))
        self.bare.setVisible(bool(going.symbols))


async def may_cancel_all(theme: Theme, parent: QWidget, look: Callable[[], Going]) -> bool:
    """Ask whether all that `look` finds shall be cancelled."""
    return await answered(CancelAllDialog(theme, parent, look))

"""Work that goes on: a bar that moves while its end is unknown, and stands with reduced motion."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar

from cockpit.ui.theme import Theme


class BusyBar(QProgressBar):
    """`name` says what goes on. It begins without a known end."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._counts = False
        self.setTextVisible(False)
        self.setAccessibleName(name)
        theme.changed.connect(self._settle)
        self._settle()

    def keep_room(self) -> None:
        """Hide, and leave the room free: nothing beside it jumps when it is shown."""
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()

    def wait(self) -> None:
        """The end is not known (any more)."""
        self._counts = False
        self._settle()

    def count(self, done: int, of: int) -> None:
        """So much of it is done."""
        self._counts = True
        self.setRange(0, max(1, of))
        self.setValue(done)

    def _settle(self) -> None:
        if self._counts:
            return
        if self._theme.reduced_motion:
            self.setRange(0, 2)
            self.setValue(1)
        else:
            self.setRange(0, 0)

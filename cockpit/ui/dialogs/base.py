"""What all dialogs share: they are opened, awaited, and gone afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label


async def answered(dialog: QDialog) -> bool:
    """Open `dialog` and wait until it is closed; True when it was accepted.

    Cancelling the waiting task closes the dialog.
    """
    closed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def finish(result: int) -> None:
        if not closed.done():
            closed.set_result(result == QDialog.DialogCode.Accepted.value)

    dialog.finished.connect(finish)
    dialog.open()
    try:
        return await closed
    finally:
        dialog.close()
        dialog.deleteLater()


class CockpitDialog(QDialog):
    """A title, a body to fill and a row of buttons at the end."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None, width: int = 440) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setMinimumWidth(width)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        self.body.setSpacing(Space.M)
        self.title = label(theme, title, FontRole.TITLE)
        self.body.addWidget(self.title)

    def say(self, text: str, tone: str = "muted") -> None:
        """Add a paragraph."""
        self.body.addWidget(label(self.theme, text, FontRole.BODY, tone, wrap=True))

    def end_with(
        self, accept: str, *, kind: str = "primary", reject: str = "Cancel"
    ) -> QPushButton:
        """Add the buttons; returns the one that accepts. An empty `reject` leaves one button."""
        row = self._end_row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addStretch(1)
        if reject:
            back = QPushButton(reject)
            back.setAccessibleName(reject)
            back.clicked.connect(self.reject)
            row.addWidget(back)
        go = QPushButton(accept)
        go.setAccessibleName(accept)
        go.setProperty("kind", kind)
        go.setFont(self.theme.font(FontRole.STRONG))
        go.setDefault(kind != "danger")
        go.clicked.connect(self.accept)
        row.addWidget(go)
        self.body.addSpacing(Space.S)
        self.body.addLayout(row)
        return go

    def add_to_end(self, text: str, act: Callable[[], None]) -> QPushButton:
        """One more button, after those of `end_with`, which Enter presses."""
        made = QPushButton(text)
        made.setAccessibleName(text)
        made.setProperty("kind", "primary")
        made.setFont(self.theme.font(FontRole.STRONG))
        made.setDefault(True)
        made.clicked.connect(act)
        self._end_row.addWidget(made)
        return made

"""Opening a session with real money: seen, then typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.widgets.labels import Pair, label


class LiveDialog(CockpitDialog):
    """Says which account opens and what holds it back; `go` is there once its name is typed."""

    def __init__(
        self, theme: Theme, parent: QWidget | None, name: str, limits: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__(theme, "Open with real money?", parent, width=460)
        self._name = name
        self.say(
            f"{name} is a live account. Orders that you or a strategy send from here trade real "
            "money.",
            "",
        )
        self.body.addWidget(label(theme, "Your limits", FontRole.CAPTION, "muted"))
        for words, value in limits:
            pair = Pair(theme, words)
            pair.show_value(value)
            self.body.addWidget(pair)
        self.say(f"Type {name} to confirm.")
        self.field = QLineEdit()
        self.field.setPlaceholderText(name)
        self.field.setAccessibleName(f"Type {name}")
        self.field.textChanged.connect(self._judge)
        self.body.addWidget(self.field)
        self.go = self.end_with("Open LIVE", kind="danger")
        self.field.returnPressed.connect(self._on_return)
        self._judge()
        self.field.setFocus()

    def _judge(self, _text: str = "") -> None:
        self.go.setEnabled(self.field.text() == self._name)

    def _on_return(self) -> None:
        if self.go.isEnabled():
            self.accept()


async def ask_live(
    theme: Theme, parent: QWidget, name: str, limits: Sequence[tuple[str, str]]
) -> str:
    """What the person typed to confirm real money; empty when they rather not."""
    dialog = LiveDialog(theme, parent, name, limits)
    return dialog.field.text() if await answered(dialog) else ""

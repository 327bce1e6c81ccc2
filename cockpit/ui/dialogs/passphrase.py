"""The passphrase of the vault file, asked in the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.widgets.labels import label, set_tone

SHORTEST = 10


class PassphraseDialog(CockpitDialog):
    """One field for a vault that is there, two for a new one."""

    def __init__(
        self, theme: Theme, parent: QWidget | None, vault: Path, problem: str, *, new: bool
    ) -> None:
        title = "Choose a passphrase" if new else "Unlock the vault"
        super().__init__(theme, title, parent, width=460)
        self.again: QLineEdit | None = None
        if new:
            self.say(
                f"Your keys will be kept encrypted in {vault}. The passphrase opens it at each "
                "start. Nobody can recover it: without it the keys have to be stored again."
            )
        else:
            self.say(f"Your keys are encrypted in {vault}.")
        self.field = self._field("Passphrase")
        if new:
            self.again = self._field("Once more")
        self.note = label(theme, problem, FontRole.BODY, "critical", wrap=True)
        self.body.addWidget(self.note)
        self.go = self.end_with("Keep keys there" if new else "Unlock")
        self._judge(problem=problem)
        self.field.setFocus()

    def _field(self, words: str) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setAccessibleName(words)
        field.setPlaceholderText(words)
        field.textChanged.connect(lambda _text="": self._judge())
        self.body.addWidget(field)
        return field

    def _judge(self, problem: str = "") -> None:
        text = self.field.text()
        why = problem
        if self.again is not None and not problem:
            if len(text) < SHORTEST:
                why = f"At least {SHORTEST} characters."
            elif self.again.text() != text:
                why = "Both must be the same."
        self.note.setText(why)
        set_tone(self.note, "critical" if problem else "muted")
        self.go.setEnabled(bool(text) and (not why or bool(problem)))


async def ask_passphrase(
    theme: Theme, parent: QWidget, vault: Path, problem: str, *, new: bool
) -> str | None:
    """What was typed; None when the person rather not."""
    dialog = PassphraseDialog(theme, parent, vault, problem, new=new)
    typed = dialog.field.text() if await answered(dialog) else None
    dialog.field.clear()
    return typed

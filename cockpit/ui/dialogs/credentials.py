"""Fields for the keys of a broker: hidden, shown on request, emptied when they are stored."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QWidget

from cockpit.ports.plugin import Credential
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label


class CredentialFields(QWidget):
    """One field a credential; `changed` is sent with each change."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._wanted: tuple[Credential, ...] = ()
        self.fields: dict[str, QLineEdit] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(Space.XS)
        self.shown = QCheckBox("Show what I type")
        self.shown.toggled.connect(self._show)

    def ask_for(self, wanted: Sequence[Credential]) -> None:
        """Show fields for these, empty; the same ones stay as they are."""
        if tuple(wanted) == self._wanted:
            return
        self._wanted = tuple(wanted)
        self.forget()
        while self._grid.count():
            item = self._grid.takeAt(0)
            old = None if item is None else item.widget()
            if old is not None and old is not self.shown:
                old.deleteLater()
        self.fields = {}
        for row, credential in enumerate(wanted):
            self._add(row, credential)
        self._grid.addWidget(self.shown, 2 * len(wanted), 0)

    def _add(self, row: int, credential: Credential) -> None:
        more = " (optional)" if credential.optional else ""
        caption = label(self._theme, f"{credential.label}{more}", FontRole.CAPTION, "muted")
        field = QLineEdit()
        field.setAccessibleName(credential.label)
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.textChanged.connect(lambda _text="": self.changed.emit())
        caption.setBuddy(field)
        self.fields[credential.name] = field
        self._grid.addWidget(caption, 2 * row, 0)
        self._grid.addWidget(field, 2 * row + 1, 0)

    def values(self) -> dict[str, str]:
        """What stands in the fields."""
        return {name: field.text() for name, field in self.fields.items()}

    @property
    def complete(self) -> bool:
        """True when nothing is missing."""
        needed = (c.name for c in self._wanted if not c.optional)
        return all(self.fields[name].text().strip() for name in needed)

    def forget(self) -> None:
        """Empty every field, and hide again."""
        self.shown.setChecked(False)
        for field in self.fields.values():
            field.clear()

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        for field in self.fields.values():
            field.setEchoMode(mode)

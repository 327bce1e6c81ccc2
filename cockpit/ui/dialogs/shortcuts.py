"""Every key that does something, and another one for it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QKeySequenceEdit, QLineEdit, QScrollArea, QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.models.keys import conflicts
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import label, set_tone


class ShortcutsDialog(CockpitDialog):
    """A field for the key of each action; it can't be saved while two actions share one."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        defaults: Mapping[str, str],
        keys: Mapping[str, str],
    ) -> None:
        super().__init__(theme, "Keyboard shortcuts", parent, width=560)
        self._defaults = defaults
        self.fields: dict[str, QKeySequenceEdit] = {}
        self.say(
            "Keys act while the Cockpit window has the focus, never system-wide. On a proposal: "
            "A approves, E edits, K kills. Hold Space on the kill switch: halt and cancel all."
        )
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search actions and keys")
        self.search.setAccessibleName("Search actions and keys")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text="": self._filter())
        self.body.addWidget(self.search)
        self._lines: dict[str, tuple[QWidget, ...]] = {}
        self.body.addWidget(self._list(keys))
        self.note = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self.note.setMinimumHeight(self.note.fontMetrics().height() * 2)
        self.body.addWidget(self.note)
        self.body.addWidget(button(theme, "Restore all defaults", self.restore, kind="quiet"))
        self.go = self.end_with("Save")
        self.go.setDefault(False)
        self.search.setFocus()
        self.judge()

    def _list(self, keys: Mapping[str, str]) -> QScrollArea:
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, Space.S, 0)
        grid.setVerticalSpacing(Space.XS)
        grid.setColumnStretch(0, 1)
        for row, (name, key) in enumerate(keys.items()):
            field = QKeySequenceEdit(QKeySequence(key))
            field.setMaximumSequenceLength(1)
            field.setClearButtonEnabled(True)
            field.setAccessibleName(f"Key of {name}")
            field.keySequenceChanged.connect(self.judge)
            words = label(self.theme, name)
            grid.addWidget(words, row, 0)
            grid.addWidget(field, row, 1)
            self.fields[name] = field
            self._lines[name] = (words, field)
        grid.setRowStretch(len(keys), 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(320)
        area.setAccessibleName("Actions and their keys")
        area.setWidget(inside)
        return area

    @property
    def keys(self) -> dict[str, str]:
        """The key of each action as it stands in its field."""
        return {name: field.keySequence().toString() for name, field in self.fields.items()}

    def judge(self) -> None:
        """List what collides; it can be saved when nothing does."""
        shared = conflicts(self.keys)
        told = [f"{key}: {' and '.join(names)}" for key, names in sorted(shared.items())]
        self.note.setText(f"Two actions on one key. {'; '.join(told)}." if told else "")
        set_tone(self.note, "critical" if told else "muted")
        self.go.setEnabled(not told)

    def restore(self) -> None:
        """Put the keys it came with into the fields."""
        for name, field in self.fields.items():
            field.setKeySequence(QKeySequence(self._defaults.get(name, "")))

    def _filter(self) -> None:
        words = self.search.text().casefold().split()
        for name, line in self._lines.items():
            text = f"{name} {self.fields[name].keySequence().toString()}".casefold()
            for part in line:
                part.setVisible(all(word in text for word in words))


async def ask_keys(dialog: ShortcutsDialog) -> dict[str, str] | None:
    """Ask; None when the person thought better of it."""
    return dialog.keys if await answered(dialog) else None
